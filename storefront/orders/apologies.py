"""Paid but gone: what a buyer is given besides her money, and how it is found again."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from promotions.deals import active_deals
from promotions.issuing import create_code
from promotions.models import Deal
from storefront.orders.models import Order, OrderEvent
from storefront.storefronts import find_storefront

GONE = "goods_gone"


async def apology_code(session: AsyncSession, order: Order, *, now: datetime) -> str:
    """A code of her own for the deal the shop apologises with; empty where there is none."""
    window = await find_storefront(session, order.shop_id)
    deals = await apology_deals(session, order.shop_id, now=now)
    if window.apology_deal_id not in {deal.key for deal in deals}:
        return ""
    try:
        code = await create_code(
            session, order.shop_id, window.apology_deal_id, total_limit=1, per_customer_limit=1,
            now=now,
        )  # fmt: skip
    except ShopError:
        # The money goes back with or without a present.
        return ""
    return code.code


async def apology_deals(session: AsyncSession, shop_id: int, *, now: datetime) -> list[Deal]:
    """Those that run and want a code: the others apply to everybody anyway."""
    return [deal for deal in await active_deals(session, shop_id, now=now) if deal.needs_code]


async def code_given(session: AsyncSession, order: Order) -> str | None:
    """None where the goods of this order were never gone; empty where no code came with that."""
    query = select(OrderEvent.detail).where(
        col(OrderEvent.order_id) == order.key, col(OrderEvent.what) == GONE
    )
    return (await session.exec(query)).first()
