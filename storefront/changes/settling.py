"""A change takes effect: the order, the stock and the money move in one transaction."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from storefront import stock
from storefront.changes.applying import given, parts_back, parts_needed, taken, write_into
from storefront.changes.models import OrderChange
from storefront.changes.proposing import Preview
from storefront.events import OrderChanged
from storefront.orders.models import Order
from storefront.orders.money import give_back
from storefront.orders.states import move, note
from storefront.references import change_reference, reference_of
from storefront.shipping.fulfilment import keep_fulfilment, trim_ready


async def settle(
    session: AsyncSession, preview: Preview, *, by: str, held: bool = False, now: datetime
) -> OrderChange:
    """Of a paid order, with its money and itself locked. `held`: its extra pieces are put aside
    already. Raises SoldOut, NotEnough, payments' RefundTooLarge or DisputeOpen."""
    order, change, reckoned = preview.order, preview.change, preview.reckoned
    await _move_stock(session, preview, held=held, now=now)
    lines = await write_into(session, order, preview.look, reckoned)
    _let_go_of_what_is_waived(order, change)
    if change.to_refund_minor:
        refunds = await give_back(
            session, order, change.money(change.to_refund_minor), reason=change.reason, by=by,
            now=now,
        )  # fmt: skip
        change.refund_ids = [refund.key for refund in refunds]
    change.state, change.settled_at = "settled", now
    session.add(change)
    note(session, order, "changed", by=by, detail=str(change.key), now=now)
    await trim_ready(session, order, by=by, now=now)
    await keep_fulfilment(session, order, by=by, now=now)
    if order.state == "confirmed" and not any(line.to_ship or line.shipped for line in lines):
        move(session, order, "cancelled", by=by, now=now)
    record(
        session,
        OrderChanged(order.shop_id, order.key, order.customer_id, change.key, change.kind, by),
    )
    await session.flush()
    return change


async def _move_stock(
    session: AsyncSession, preview: Preview, *, held: bool, now: datetime
) -> None:
    shop_id, order_id = preview.order.shop_id, preview.order.key
    moves = await parts_needed(session, shop_id, preview.reckoned)
    if held:
        name = change_reference(order_id, preview.change.key)
        await stock.sell(session, shop_id, taken(moves), name, now=now)
    else:
        await stock.allocate(session, shop_id, taken(moves), reference_of(order_id), now=now)
    await stock.take_back(session, shop_id, given(moves), reference_of(order_id), now=now)
    back = await parts_back(session, preview.reckoned)
    await stock.restock(session, shop_id, back, reference_of(order_id), now=now)


def _let_go_of_what_is_waived(order: Order, change: OrderChange) -> None:
    order.credited_minor += change.waived_minor
    if change.waived_minor:
        change.rows = [*change.rows, _waived(change.waived_minor)]


def _waived(minor: int) -> dict[str, object]:
    return {"kind": "goodwill", "quantity": -1, "unit_minor": minor, "total_minor": -minor}
