"""What an order does when money comes, is on its way, or does not come."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from core.events import record
from core.money import Money
from payments.events import (
    PaymentDisputed,
    PaymentFailed,
    PaymentMismatched,
    PaymentProcessing,
    PaymentSucceeded,
)
from payments.refunds import request_refund
from promotions.redemptions import keep, release
from storefront import stock
from storefront.errors import OrderUnknown
from storefront.events import GoodsWereGone, OrderCancelled, OrderNeedsAttention, OrderPaid
from storefront.models import Customer
from storefront.orders.apologies import GONE, apology_code
from storefront.orders.finding import lines_of, pieces_of
from storefront.orders.holding import lock_with_hers, secure
from storefront.orders.models import Order
from storefront.orders.states import lock_order, move, note
from storefront.references import any_order_id_of, order_id_of, reference_of
from storefront.stock_moves import Wanted
from storefront.storefronts import find_storefront
from storefront.times import now_of


async def on_payment_succeeded(session: AsyncSession, event: PaymentSucceeded) -> None:
    """Money for an order that has nothing put aside (any more) takes the goods if they are still
    there; else it goes back at once."""
    order_id = order_id_of(event.reference)
    if order_id is None:
        return
    try:
        order, hers = await lock_with_hers(session, event.shop_id, order_id)
    except OrderUnknown:
        return
    if order.paid_at is not None:
        return
    now = now_of(session)
    wanted = pieces_of(await lines_of(session, order))
    if not await secure(session, order, wanted, hers, now=now):
        await _give_back(session, order, now=now)
        return
    if order.state == "expired":
        note(session, order, "paid_late", by="system", now=now)
    await confirm(session, order, wanted, now=now)


async def confirm(session: AsyncSession, order: Order, wanted: Wanted, *, now: datetime) -> None:
    """The money is there, or none was needed."""
    reference = reference_of(order.key)
    move(session, order, "confirmed", by="system", now=now)
    order.processing_at = order.expired_at = None
    order.paid_minor = order.total_minor
    await session.flush()
    await stock.sell(session, order.shop_id, wanted, reference, now=now)
    if order.code_id is not None:
        await keep(session, order.shop_id, reference, now=now)
    await _learn(session, order)
    record(
        session,
        OrderPaid(order.shop_id, order.key, order.customer_id, order.total_minor, order.currency),
    )


async def _learn(session: AsyncSession, order: Order) -> None:
    """A paid order tells who a customer is."""
    customer = await session.get(Customer, order.customer_id) if order.customer_id else None
    if customer is not None:
        customer.email = customer.email or order.email
        customer.name = customer.name or order.name
        session.add(customer)


async def _give_back(session: AsyncSession, order: Order, *, now: datetime) -> None:
    """There is nothing left to send for this money: all of it goes back at once, with a word."""
    reference = reference_of(order.key)
    try:
        await request_refund(
            session, order.shop_id, reference, None, reason="paid too late", by="system", now=now
        )
    except ShopError as error:
        await want_attention(session, order, "refund_impossible", detail=str(error), now=now)
        return
    if order.state == "cancelled":
        await want_attention(session, order, "paid_too_late", now=now)
        return
    move(session, order, "cancelled", by="system", detail="sold_out_meanwhile", now=now)
    order.paid_minor = order.credited_minor = order.total_minor
    await release(session, order.shop_id, reference, now=now)
    code = await apology_code(session, order, now=now)
    note(session, order, GONE, by="system", detail=code, now=now)
    record(session, OrderCancelled(order.shop_id, order.key, order.customer_id, "system"))
    record(session, GoodsWereGone(order.shop_id, order.key, order.customer_id, code))
    await want_attention(session, order, "paid_too_late", now=now)


async def on_payment_processing(session: AsyncSession, event: PaymentProcessing) -> None:
    """A direct debit takes days: the goods stay held and the clock stops."""
    order = await find_locked(session, event.shop_id, event.reference)
    if order is not None and order.state == "placed" and order.processing_at is None:
        order.processing_at = now_of(session)
        note(session, order, "processing", by="system", now=now_of(session))


async def on_payment_failed(session: AsyncSession, event: PaymentFailed) -> None:
    """A failed debit leaves time for another try; a pay page left alone needs none."""
    order = await find_locked(session, event.shop_id, event.reference)
    if order is None or order.state != "placed":
        return
    now = now_of(session)
    if event.reason == "failed":
        window = await find_storefront(session, order.shop_id)
        again = now + timedelta(minutes=window.hold_minutes)
        order.expires_at = max(order.expires_at, again)
    order.processing_at = None
    note(session, order, f"payment_{event.reason}", by="system", now=now)


async def on_payment_mismatched(session: AsyncSession, event: PaymentMismatched) -> None:
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is not None:
        came = Money(event.amount_minor, event.currency).text("en")
        await want_attention(session, order, "payment_mismatch", detail=came, now=now_of(session))


async def on_payment_disputed(session: AsyncSession, event: PaymentDisputed) -> None:
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is not None:
        await want_attention(session, order, "disputed", now=now_of(session))


async def want_attention(
    session: AsyncSession, order: Order, reason: str, *, detail: str = "", now: datetime
) -> None:
    """Somebody must look at this order, and its history says why."""
    order.worry(reason)
    note(session, order, reason, by="system", detail=detail, now=now)
    record(session, OrderNeedsAttention(order.shop_id, order.key, reason))


async def find_locked(
    session: AsyncSession, shop_id: int, reference: str, *, of_changes: bool = False
) -> Order | None:
    """What is paid under other references is none of ours; `of_changes` says whether the
    differences of the order's changes are meant too."""
    order_id = any_order_id_of(reference) if of_changes else order_id_of(reference)
    if order_id is None:
        return None
    try:
        return await lock_order(session, shop_id, order_id)
    except OrderUnknown:
        return None
