"""A change agreed to: it takes effect at once, or waits until the customer has paid the difference."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.shops import Shop
from payments.amounts import check_payable
from payments.payables import cancel as close_payable
from payments.payables import expect, find_payable, live_attempts
from storefront import stock
from storefront.changes.applying import given, parts_needed, taken, write_into
from storefront.changes.errors import (
    AnotherChangeWaits,
    ChangeIsOver,
    CustomerIsPaying,
    GoodwillTooEarly,
    NothingToChange,
    NothingWouldBeLeft,
)
from storefront.changes.models import OrderChange
from storefront.changes.proposing import (
    Preview,
    check_price_rule,
    get_change,
    preview_of,
    waiting_change,
)
from storefront.changes.settling import settle
from storefront.errors import OrderChangedMeanwhile
from storefront.events import OrderChanged, OrderChangeWaits
from storefront.orders.finding import pieces_of
from storefront.orders.holding import put_aside
from storefront.orders.models import Order
from storefront.orders.money import lock_with_money
from storefront.orders.paying import confirm as confirm_order
from storefront.orders.states import note
from storefront.references import change_reference, reference_of
from storefront.storefronts import find_storefront


async def confirm(
    session: AsyncSession,
    shop: Shop,
    change_id: int,
    *,
    by: str,
    waive: bool = False,
    seen: str | None = None,
    may_set_prices: bool = True,
    now: datetime,
) -> OrderChange:
    """`seen` is the preview that was agreed to. `waive`: what the customer would owe is let go.
    `may_set_prices` is the right of whoever agrees: a draft may be another person's.

    Raises ChangeUnknown, ChangeIsOver, PriceRuleNotYours, AnotherChangeWaits, OrderChangedMeanwhile,
    CustomerIsPaying, NothingWouldBeLeft, GoodwillTooEarly, SoldOut, NotEnough, payments'
    AmountTooSmall, AmountNotPayable, RefundTooLarge, DisputeOpen; then nothing has changed.
    """
    order_id = (await get_change(session, shop.key, change_id)).order_id
    order = await lock_with_money(session, shop.key, order_id)
    change = await _lock_draft(session, change_id)
    check_price_rule(change, may_set_prices=may_set_prices)
    if await waiting_change(session, order) is not None:
        raise AnotherChangeWaits()
    preview = await preview_of(session, order, change, now=now)
    _check(preview, seen)
    _agree(preview, waive=waive, by=by, now=now)
    if not preview.is_paid:
        return await _change_unpaid(session, preview, by=by, now=now)
    if change.to_pay_minor:
        return await _wait_for_payment(session, preview, by=by, now=now)
    return await settle(session, preview, by=by, now=now)


async def _lock_draft(session: AsyncSession, change_id: int) -> OrderChange:
    query = (
        select(OrderChange).where(col(OrderChange.id) == change_id).with_for_update(key_share=True)
    )
    change = (await session.exec(query.execution_options(populate_existing=True))).one()
    if change.state != "draft":
        raise ChangeIsOver()
    return change


def _check(preview: Preview, seen: str | None) -> None:
    if seen is not None and seen != preview.seen:
        raise OrderChangedMeanwhile()
    if preview.reckoned.changes_nothing:
        raise NothingToChange()


def _agree(preview: Preview, *, waive: bool, by: str, now: datetime) -> None:
    change, reckoned = preview.change, preview.reckoned
    change.confirmed_at, change.confirmed_by, change.seen = now, by, preview.seen
    change.rows = [row.model_dump(mode="json") for row in reckoned.rows]
    change.difference_minor = reckoned.difference_minor
    owed, too_much = reckoned.to_pay.minor, reckoned.to_refund.minor
    if preview.is_paid:
        change.waived_minor = owed if waive else 0
        change.to_pay_minor, change.to_refund_minor = owed - change.waived_minor, too_much


async def _change_unpaid(
    session: AsyncSession, preview: Preview, *, by: str, now: datetime
) -> OrderChange:
    """Nothing was paid yet: the order asks for its new total. Its pay pages have been closed."""
    order, change, after = preview.order, preview.change, preview.reckoned.after
    if not any(line.quantity for line in after.lines):
        raise NothingWouldBeLeft()
    if after.credited_minor:
        raise GoodwillTooEarly()
    await _check_nobody_pays(session, order)
    moves, name = (
        await parts_needed(session, order.shop_id, preview.reckoned),
        reference_of(order.key),
    )
    if order.hold == "held":
        await stock.hold(session, order.shop_id, taken(moves), name, now=now)
        await stock.release(session, order.shop_id, given(moves), name, now=now)
    lines = await write_into(session, order, preview.look, preview.reckoned)
    change.state, change.settled_at = "settled", now
    session.add(change)
    note(session, order, "changed", by=by, detail=str(change.key), now=now)
    record(
        session,
        OrderChanged(order.shop_id, order.key, order.customer_id, change.key, change.kind, by),
    )
    if order.total_minor:
        check_payable(order.total, order.locale)
        await expect(session, order.shop_id, name, order.total, now=now)
        order.expires_at = max(order.expires_at, now + await _patience(session, order))
    else:
        await close_payable(session, order.shop_id, name, now=now)
        if order.hold != "held":
            await put_aside(session, order, pieces_of(lines), (), now=now)
        await confirm_order(session, order, pieces_of(lines), now=now)
    return change


async def _check_nobody_pays(session: AsyncSession, order: Order) -> None:
    payable = await find_payable(session, order.shop_id, reference_of(order.key))
    if payable is None:
        return
    if payable.mismatched_at or await live_attempts(session, payable.key):
        raise CustomerIsPaying()


async def _patience(session: AsyncSession, order: Order) -> timedelta:
    return timedelta(minutes=(await find_storefront(session, order.shop_id)).hold_minutes)


async def _wait_for_payment(
    session: AsyncSession, preview: Preview, *, by: str, now: datetime
) -> OrderChange:
    """Extra pieces are put aside; everything else stays as it is until the money is there."""
    order, change = preview.order, preview.change
    owed, name = change.money(change.to_pay_minor), change_reference(order.key, change.key)
    check_payable(owed, order.locale)
    moves = await parts_needed(session, order.shop_id, preview.reckoned)
    await stock.hold(session, order.shop_id, taken(moves), name, now=now)
    await expect(session, order.shop_id, name, owed, now=now)
    held = {str(variant_id): pieces for variant_id, pieces in taken(moves).items()}
    window = await find_storefront(session, order.shop_id)
    change.state, change.waits_until = "waiting", now + timedelta(hours=window.change_wait_hours)
    change.terms = _terms(preview) | {"held": held}
    session.add(change)
    note(session, order, "change_waits", by=by, detail=str(change.key), now=now)
    record(
        session,
        OrderChangeWaits(
            order.shop_id, order.key, order.customer_id, change.key, owed.minor, owed.currency
        ),
    )
    return change


def _terms(preview: Preview) -> dict[str, object]:
    """The prices it was agreed at: they hold until it is paid."""
    wares: Sequence[dict[str, object]] = [asdict(ware) for ware in preview.look.wares.values()]
    return {"wares": list(wares), "is_within_window": preview.look.is_within_window}
