"""Invoices are written when an order is paid, and follow what is owed for it afterwards."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from storefront.business import may_be_reverse_charge
from storefront.changes.models import OrderChange
from storefront.events import OrderChanged, OrderPaid, OrderRefunded
from storefront.invoices.balancing import LOSS
from storefront.invoices.composing import compose
from storefront.invoices.correcting import balance_documents
from storefront.invoices.filing import desk_for, put_on_file
from storefront.invoices.finding import invoices_of, waiting_orders
from storefront.invoices.models import Invoice
from storefront.invoices.sellers import find_seller, frozen, missing
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.orders.paying import want_attention
from storefront.orders.states import lock_order
from storefront.storefronts import find_storefront
from storefront.times import now_of
from storefront.voices import translator_in


async def on_order_paid(session: AsyncSession, event: OrderPaid) -> None:
    order = await lock_order(session, event.shop_id, event.order_id)
    if order.vat_id and await _may_be_reverse_charge(session, order):
        await want_attention(session, order, "reverse_charge", now=now_of(session))
    await write_invoice(session, order, now=now_of(session))


async def _may_be_reverse_charge(session: AsyncSession, order: Order) -> bool:
    seller = await find_seller(session, order.shop_id)
    return may_be_reverse_charge(
        order.vat_id, goes_to=order.country, seller_country=seller.country
    )  # fmt: skip


async def on_order_refunded(session: AsyncSession, event: OrderRefunded) -> None:
    """Made in Stripe's dashboard, it is let go of; what was agreed has its documents already."""
    order = await lock_order(session, event.shop_id, event.order_id)
    await balance_documents(session, order, change=None, now=now_of(session))


async def on_order_changed(session: AsyncSession, event: OrderChanged) -> None:
    order = await lock_order(session, event.shop_id, event.order_id)
    change = await session.get_one(OrderChange, event.change_id)
    await balance_documents(session, order, change=change, now=now_of(session))


async def write_invoice(session: AsyncSession, order: Order, *, now: datetime) -> Invoice | None:
    """Once for each order; the order must be locked.

    None while the shop's details are not complete: then the order waits for `write_waiting`.
    """
    for known in await invoices_of(session, order):
        return known
    return await write_as_it_is(session, order, subject="", now=now)


async def write_as_it_is(
    session: AsyncSession, order: Order, *, subject: str, now: datetime
) -> Invoice | None:
    """An invoice over the whole order, by its lines; None while the details are not complete."""
    seller = await find_seller(session, order.shop_id)
    if order.paid_at is None or missing(seller):
        return None
    window = await find_storefront(session, order.shop_id)
    desk = await desk_for(session, order, now=now)
    content = compose(
        desk.shop, order, await lines_of(session, order), frozen(seller, window),
        issued_on=desk.today, loss=translator_in(session, order.locale)(LOSS),
    )  # fmt: skip
    return await put_on_file(session, desk, "invoice", content, subject=subject)


async def write_waiting(db: Database, clock: Clock, *, shop_id: int) -> None:
    """Job. Orders paid before the shop's details were complete, each in a transaction of its own:
    as they stand by now, and what was let go of meanwhile is taken back at once."""
    async with db.reading() as session:
        orders = await waiting_orders(session, shop_id)
    for order_id in orders:
        async with db.transaction() as session:
            order = await lock_order(session, shop_id, order_id)
            if await write_invoice(session, order, now=clock()) is None:
                return
            await balance_documents(session, order, change=None, now=clock())
