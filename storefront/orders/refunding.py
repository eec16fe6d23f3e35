"""Money back for an order, and what becomes of the order then."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.money import Money
from payments.events import (
    CancelledPaymentRefunded,
    OverpaymentRefunded,
    RefundFailed,
    RefundMadeAtStripe,
    RefundPaidElsewhere,
    RefundSucceeded,
)
from payments.failed_refunds import list_failed
from payments.models import Refund
from storefront import stock
from storefront.changes.models import OrderChange
from storefront.changes.paying import drop_waiting
from storefront.errors import OrderNotReadyForThat, PartlySent
from storefront.events import OrderCancelled, OrderRefunded
from storefront.orders.finding import lines_of, pieces_in, sum_of
from storefront.orders.models import Order, OrderEvent
from storefront.orders.money import give_back, lock_with_money, references_of
from storefront.orders.paying import find_locked, want_attention
from storefront.orders.states import move, note
from storefront.references import change_id_of, reference_of
from storefront.times import now_of


async def refund_order(
    session: AsyncSession, shop_id: int, order_id: int, *, reason: str, by: str, now: datetime
) -> list[Refund]:
    """The whole price back. What was not sent yet is cancelled, and the goods can be sold again.

    None at all where there was nothing to pay. Raises OrderNotReadyForThat, PartlySent, and payments'
    NothingToRefund or DisputeOpen; then nothing has changed.
    """
    order = await lock_with_money(session, shop_id, order_id)
    if order.paid_at is None:
        raise OrderNotReadyForThat()
    if order.fulfilment in ("partly_sent", "partly_picked_up"):
        raise PartlySent()
    await drop_waiting(session, order, by=by, now=now)
    refunds = []
    if order.paid_minor:
        refunds = await give_back(session, order, None, reason=reason, by=by, now=now)
    order.credited_minor = order.total_minor
    note(session, order, "refund_requested", by=by, detail=reason, now=now)
    if order.shipped_at is None and order.state == "confirmed":
        await _call_off(session, order, by=by, now=now)
    return refunds


async def _call_off(session: AsyncSession, order: Order, *, by: str, now: datetime) -> None:
    move(session, order, "cancelled", by=by, now=now)
    await session.flush()
    wanted = sum_of(pieces_in(line, line.to_ship) for line in await lines_of(session, order))
    await stock.take_back(session, order.shop_id, wanted, reference_of(order.key), now=now)
    record(session, OrderCancelled(order.shop_id, order.key, order.customer_id, by))


async def on_refund_made_at_stripe(session: AsyncSession, event: RefundMadeAtStripe) -> None:
    """Decided on in Stripe's dashboard: let go of from then on, as what is decided here."""
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is not None and order.paid_at is not None:
        order.credited_minor = min(order.total_minor, order.credited_minor + event.amount_minor)


async def on_refund_succeeded(session: AsyncSession, event: RefundSucceeded) -> None:
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is not None:
        await _count(session, order, event.refund_id, Money(event.amount_minor, event.currency))


async def on_overpayment_refunded(session: AsyncSession, event: OverpaymentRefunded) -> None:
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is not None:
        amount = Money(event.amount_minor, event.currency).text("en")
        note(session, order, "paid_twice", by="system", detail=amount, now=now_of(session))
        await _calm(session, order)


async def on_cancelled_payment_refunded(
    session: AsyncSession, event: CancelledPaymentRefunded
) -> None:
    """Paid after it was cancelled: the money went back without anybody having to ask."""
    amount = Money(event.amount_minor, event.currency)
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is not None and change_id_of(event.reference):
        now = now_of(session)
        note(session, order, "change_paid_back", by="system", detail=amount.text("en"), now=now)
        await _calm(session, order)
    elif order is not None:
        await _count(session, order, event.refund_id, amount)


async def _count(session: AsyncSession, order: Order, refund_id: int, amount: Money) -> None:
    """Each refund counts once, however often it is told."""
    if await _is_counted(session, order, refund_id):
        return
    now, change_id = now_of(session), await _change_of(session, order, refund_id)
    order.refunded_minor += amount.minor
    order.refunded_at = now
    await _calm(session, order)
    what = "refunded" if change_id is None else "change_refunded"
    note(session, order, what, by="system", detail=str(refund_id), now=now)
    record(
        session,
        OrderRefunded(
            order.shop_id, order.key, order.customer_id, amount.minor, amount.currency,
            order.refunded_minor >= order.paid_minor, change_id,
        ),
    )  # fmt: skip
    if order.state == "confirmed" and order.refunded_minor >= order.paid_minor:
        # Made in Stripe's dashboard: whether the goods still go out is for a person to say.
        await want_attention(session, order, "refunded_elsewhere", now=now)


async def _is_counted(session: AsyncSession, order: Order, refund_id: int) -> bool:
    query = select(OrderEvent.id).where(
        col(OrderEvent.order_id) == order.key,
        col(OrderEvent.what).in_(("refunded", "change_refunded")),
        col(OrderEvent.detail) == str(refund_id),
    )
    return (await session.exec(query)).first() is not None


async def _change_of(session: AsyncSession, order: Order, refund_id: int) -> int | None:
    """The change it was asked for with. One that failed and is made again belongs to none: the
    customer has waited, and hears of it."""
    query = select(OrderChange).where(
        col(OrderChange.order_id) == order.key, col(OrderChange.to_refund_minor) > 0
    )
    made = (await session.exec(query)).all()
    return next((one.key for one in made if refund_id in one.refund_ids), None)


async def on_refund_failed(session: AsyncSession, event: RefundFailed) -> None:
    """The money is with the shop again and has to find another way to the buyer; unless all of it
    has gone back otherwise."""
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is None:
        return
    if await _is_counted(session, order, event.refund_id):
        order.refunded_minor = max(0, order.refunded_minor - event.amount_minor)
    now = now_of(session)
    if await _owes(session, order):
        await want_attention(session, order, "refund_failed", detail=event.reason, now=now)
    else:
        note(session, order, "refund_failed", by="system", detail=event.reason, now=now)


async def on_refund_paid_elsewhere(session: AsyncSession, event: RefundPaidElsewhere) -> None:
    """The refund had failed; the shop has paid it back by other means. It counts where one that
    succeeds would have counted."""
    order = await find_locked(session, event.shop_id, event.reference, of_changes=True)
    if order is None:
        return
    now, amount = now_of(session), Money(event.amount_minor, event.currency)
    if not _is_of_an_unwanted_payment(event):
        order.refunded_minor += event.amount_minor
        order.refunded_at = now
    note(session, order, "paid_back_elsewhere", by=event.by, detail=amount.text("en"), now=now)
    await _calm(session, order)


async def _calm(session: AsyncSession, order: Order) -> None:
    """The money has found its way, if it was the last that had failed."""
    if "refund_failed" in order.concerns and not await _owes(session, order):
        order.calm("refund_failed")


async def _owes(session: AsyncSession, order: Order) -> bool:
    """Whether money of a failed refund still waits for another way."""
    references = await references_of(session, order.shop_id, order.key)
    return bool(await list_failed(session, order.shop_id, references))


def _is_of_an_unwanted_payment(event: RefundPaidElsewhere) -> bool:
    """The second of two, or one for a change that had been dropped: it was never the order's."""
    is_of_dropped_change = event.cause == "order_cancelled" and change_id_of(event.reference)
    return event.cause == "second_payment" or bool(is_of_dropped_change)
