"""All money of an order, its own and that of its changes: locked together, given back together."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money
from payments.models import Refund
from payments.payables import lock_references
from payments.refunds import request_refunds
from storefront.changes.models import OrderChange
from storefront.orders.models import Order
from storefront.orders.states import lock_order
from storefront.references import change_reference, reference_of


async def lock_with_money(session: AsyncSession, shop_id: int, order_id: int) -> Order:
    """The order, with every payable of it locked first. Raises OrderUnknown."""
    await lock_references(session, shop_id, await references_of(session, shop_id, order_id))
    return await lock_order(session, shop_id, order_id)


async def references_of(session: AsyncSession, shop_id: int, order_id: int) -> Sequence[str]:
    """Where money for the order may have come in: for itself, and for changes that cost more."""
    query = select(OrderChange.id).where(
        col(OrderChange.order_id) == order_id,
        col(OrderChange.shop_id) == shop_id,
        col(OrderChange.to_pay_minor) > 0,
    )
    changes = (await session.exec(query.order_by(col(OrderChange.id)))).all()
    return [reference_of(order_id), *(change_reference(order_id, one or 0) for one in changes)]


async def give_back(
    session: AsyncSession,
    order: Order,
    amount: Money | None,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> list[Refund]:
    """`amount` None is all that is left. Call it with the money locked.

    Raises payments' NothingToRefund, RefundTooLarge, DisputeOpen.
    """
    references = await references_of(session, order.shop_id, order.key)
    return await request_refunds(
        session, order.shop_id, references, amount, reason=reason, by=by, now=now
    )
