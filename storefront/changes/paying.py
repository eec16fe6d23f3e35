"""The difference is paid, or the change is dropped: by staff, by the customer, by the clock."""

from contextlib import suppress
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import ShopError
from core.events import record
from core.logs import log
from payments import payables
from payments.clients import Stripes
from payments.closing import may_expire
from payments.errors import NothingToRefund
from payments.events import PaymentSucceeded
from payments.refunds import request_refund
from storefront import stock
from storefront.changes.applying import parts_needed, taken
from storefront.changes.errors import ChangeIsOver
from storefront.changes.models import OrderChange
from storefront.changes.proposing import get_change, preview_of, waiting_change
from storefront.changes.settling import settle
from storefront.events import OrderChangeDropped
from storefront.orders.models import Order
from storefront.orders.money import lock_with_money
from storefront.orders.paying import want_attention
from storefront.orders.states import note
from storefront.references import any_order_id_of, change_id_of, change_reference
from storefront.times import now_of

_BATCH = 200


async def on_payment_succeeded(session: AsyncSession, event: PaymentSucceeded) -> None:
    """What has become impossible meanwhile (a piece to be taken off was sent) is paid back."""
    order_id, change_id = any_order_id_of(event.reference), change_id_of(event.reference)
    if order_id is None or change_id is None:
        return
    order, now = await lock_with_money(session, event.shop_id, order_id), now_of(session)
    change = await get_change(session, event.shop_id, change_id)
    order.paid_minor += event.amount_minor
    session.add(order)
    try:
        async with session.begin_nested():
            await _settle_as_agreed(session, order, change, now=now)
    except ShopError as trouble:
        await _undo(session, order, change, str(trouble), now=now)


async def _settle_as_agreed(
    session: AsyncSession, order: Order, change: OrderChange, *, now: datetime
) -> None:
    """At the prices it was agreed at, whatever they are today."""
    if change.state != "waiting":
        raise ChangeIsOver()
    preview = await preview_of(session, order, change, now=now)
    needed = taken(await parts_needed(session, order.shop_id, preview.reckoned))
    if preview.reckoned.difference_minor != change.difference_minor or needed != _held(change):
        raise ChangeIsOver()
    await settle(session, preview, by="customer", held=True, now=now)


def _held(change: OrderChange) -> dict[int, int]:
    return {int(variant_id): pieces for variant_id, pieces in change.terms["held"].items()}


async def _undo(
    session: AsyncSession, order: Order, change: OrderChange, trouble: str, *, now: datetime
) -> None:
    await session.refresh(order)
    await session.refresh(change)
    if change.state == "waiting":
        await _let_go(session, order, change, by="system", now=now)
    with suppress(NothingToRefund):
        await request_refund(
            session, order.shop_id, change_reference(order.key, change.key), None,
            reason="the change was no longer possible", by="system", now=now,
        )  # fmt: skip
    await want_attention(session, order, "change_impossible", detail=trouble, now=now)


async def drop(
    session: AsyncSession, shop_id: int, change_id: int, *, by: str, now: datetime
) -> OrderChange:
    """It never was. Money that is under way for it goes back by itself. Raises ChangeUnknown,
    ChangeIsOver."""
    order_id = (await get_change(session, shop_id, change_id)).order_id
    order = await lock_with_money(session, shop_id, order_id)
    change = await get_change(session, shop_id, change_id)
    await session.refresh(change)
    if change.state == "settled":
        raise ChangeIsOver()
    if change.state == "waiting":
        await _let_go(session, order, change, by=by, now=now)
    elif change.state == "draft":
        change.state, change.dropped_at, change.dropped_by = "dropped", now, by
        session.add(change)
    return change


async def _let_go(
    session: AsyncSession, order: Order, change: OrderChange, *, by: str, now: datetime
) -> None:
    name = change_reference(order.key, change.key)
    await payables.cancel(session, order.shop_id, name, now=now)
    await stock.release(session, order.shop_id, _held(change), name, now=now)
    change.state, change.dropped_at, change.dropped_by = "dropped", now, by
    session.add(change)
    note(session, order, "change_dropped", by=by, detail=str(change.key), now=now)
    record(
        session,
        OrderChangeDropped(order.shop_id, order.key, order.customer_id, change.key, by),
    )


async def drop_waiting(session: AsyncSession, order: Order, *, by: str, now: datetime) -> None:
    """Nobody waits for more money of an order that is over; its money and itself are locked."""
    change = await waiting_change(session, order)
    if change is not None:
        await _let_go(session, order, change, by=by, now=now)


async def lapse_changes(db: Database, stripes: Stripes, clock: Clock) -> None:
    """Periodic. Stripe is asked before the clock decides: nobody who is paying is cut off."""
    async with db.reading() as session:
        query = select(OrderChange).where(
            col(OrderChange.state) == "waiting", col(OrderChange.waits_until) <= clock()
        )
        due = (await session.exec(query.limit(_BATCH))).all()
    for change in due:
        name = change_reference(change.order_id, change.key)
        try:
            if not await may_expire(db, stripes, clock, shop_id=change.shop_id, reference=name):
                continue
            async with db.transaction() as session:
                await drop(session, change.shop_id, change.key, by="system", now=clock())
        except ShopError as trouble:
            # One shop's dead key must not keep the goods of all others locked up.
            log(__name__).warning("change_not_lapsed", change_id=change.key, trouble=str(trouble))
