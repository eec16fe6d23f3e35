"""A parcel is made: some pieces of some lines leave, or are set aside to be picked up."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from storefront import stock
from storefront.errors import (
    NothingToSend,
    NotSoManyToSend,
    OrderChangedMeanwhile,
    OrderNotReadyForThat,
    ShipmentUnknown,
)
from storefront.events import OrderReady, OrderSent
from storefront.orders.finding import lines_of, pieces_in, sum_of
from storefront.orders.models import Delivery, Order, OrderLine
from storefront.orders.states import lock_order, note
from storefront.references import reference_of
from storefront.shipping.carriers import CARRIERS, read_number
from storefront.shipping.finding import find_parcel, parcels_of, to_pack
from storefront.shipping.fulfilment import keep_fulfilment, keep_pieces
from storefront.shipping.models import Shipment, ShipmentLine, ShipmentState

Pieces = Mapping[int, int]
"""How many of which line, by its id."""


async def send(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    pieces: Pieces | None = None,
    *,
    carrier: str = "",
    tracking: str = "",
    seen: int | None = None,
    by: str,
    now: datetime,
) -> Shipment:
    """A parcel leaves; without `pieces` it takes all that is left. `seen` is how many parcels the
    order had when it was looked at: the same form sent twice sends nothing twice.

    Raises OrderNotReadyForThat, OrderChangedMeanwhile, NothingToSend, NotSoManyToSend,
    TrackingUnreadable; then nothing has changed.
    """
    number = read_number(tracking)
    order = await _lock(session, shop_id, order_id, "delivery")
    lines, taken = await _take(session, order, pieces, seen)
    shipment = await _make(session, order, taken, "under_way", by=by, now=now)
    shipment.carrier, shipment.tracking = carrier if carrier in CARRIERS else "", number
    shipment.sent_to = _where(order)
    await _leave(session, order, lines, taken, now=now)
    note(session, order, "parcel_sent", by=by, detail=str(shipment.number), now=now)
    await keep_fulfilment(session, order, by=by, now=now)
    record(session, OrderSent(shop_id, order.key, order.customer_id, shipment.key))
    return shipment


async def make_ready(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    pieces: Pieces | None = None,
    *,
    seen: int | None = None,
    by: str,
    now: datetime,
) -> Shipment:
    """Lies ready to be picked up; the goods are still the shop's. Raises as `send` does."""
    order = await _lock(session, shop_id, order_id, "pickup")
    _, taken = await _take(session, order, pieces, seen)
    shipment = await _make(session, order, taken, "ready", by=by, now=now)
    note(session, order, "parcel_ready", by=by, detail=str(shipment.number), now=now)
    await keep_fulfilment(session, order, by=by, now=now)
    record(session, OrderReady(shop_id, order.key, order.customer_id, shipment.key))
    return shipment


async def hand_over(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    shipment_id: int | None = None,
    *,
    by: str,
    now: datetime,
) -> Shipment:
    """Picked up: what lay ready, or else all that is left. Raises as `send` does,
    and ShipmentUnknown."""
    order = await lock_order(session, shop_id, order_id)
    if shipment_id is not None:
        await find_parcel(session, order, shipment_id)
    _check(order, "pickup")
    shipment = await _ready_one(session, order, shipment_id, by=by, now=now)
    shipment.state, shipment.delivered_by = "delivered", by
    shipment.sent_at = shipment.delivered_at = shipment.marked_at = now
    session.add(shipment)
    lines = await lines_of(session, order)
    taken = await _still_kept(session, shipment, lines)
    await _leave(session, order, lines, taken, now=now)
    note(session, order, "parcel_picked_up", by=by, detail=str(shipment.number), now=now)
    await keep_fulfilment(session, order, by=by, now=now)
    record(session, OrderSent(shop_id, order.key, order.customer_id, shipment.key))
    return shipment


async def _lock(session: AsyncSession, shop_id: int, order_id: int, way: Delivery) -> Order:
    order = await lock_order(session, shop_id, order_id)
    _check(order, way)
    return order


def _check(order: Order, way: Delivery) -> None:
    if order.state != "confirmed" or order.delivery != way:
        raise OrderNotReadyForThat()


async def _take(
    session: AsyncSession, order: Order, pieces: Pieces | None, seen: int | None
) -> tuple[list[OrderLine], dict[int, int]]:
    if seen is not None and seen != await count_parcels(session, order):
        raise OrderChangedMeanwhile()
    lines = await lines_of(session, order)
    left = to_pack(lines, await parcels_of(session, order))
    wanted = left if pieces is None else {key: many for key, many in pieces.items() if many}
    if not wanted or any(many < 0 for many in wanted.values()):
        raise NothingToSend()
    names = {line.key: line.name for line in lines}
    for line_id, many in wanted.items():
        if many > left.get(line_id, 0):
            raise NotSoManyToSend(name=names.get(line_id, "?"), left=left.get(line_id, 0))
    return lines, dict(wanted)


async def count_parcels(session: AsyncSession, order: Order) -> int:
    """Those marked by mistake included: their numbers are not given again."""
    query = select(func.count()).where(col(Shipment.order_id) == order.key)
    return (await session.exec(query)).one()


async def _make(
    session: AsyncSession,
    order: Order,
    taken: Pieces,
    state: ShipmentState,
    *,
    by: str,
    now: datetime,
) -> Shipment:
    shipment = Shipment(
        shop_id=order.shop_id, order_id=order.key, number=1 + await count_parcels(session, order),
        state=state, made_at=now, made_by=by, sent_at=now if state == "under_way" else None,
    )  # fmt: skip
    session.add(shipment)
    await session.flush()
    session.add_all(
        ShipmentLine(
            shop_id=order.shop_id, shipment_id=shipment.key, line_id=line_id, quantity=many
        )
        for line_id, many in taken.items()
    )
    return shipment


async def _ready_one(
    session: AsyncSession, order: Order, shipment_id: int | None, *, by: str, now: datetime
) -> Shipment:
    if shipment_id is None:
        _, taken = await _take(session, order, None, None)
        return await _make(session, order, taken, "ready", by=by, now=now)
    found = (await find_parcel(session, order, shipment_id)).shipment
    if found.state != "ready":
        raise ShipmentUnknown()
    return found


async def _still_kept(
    session: AsyncSession, shipment: Shipment, lines: Sequence[OrderLine]
) -> dict[int, int]:
    """The order may have become smaller while it lay ready: nobody takes more than it holds."""
    await session.flush()
    taken = await keep_pieces(session, shipment, {line.key: line.to_ship for line in lines})
    if not taken:
        raise NothingToSend()
    return taken


async def _leave(
    session: AsyncSession, order: Order, lines: Sequence[OrderLine], taken: Pieces, *, now: datetime
) -> None:
    leaving = [(line, taken[line.key]) for line in lines if line.key in taken]
    for line, many in leaving:
        line.shipped += many
        session.add(line)
    await session.flush()
    wanted = sum_of(pieces_in(line, many) for line, many in leaving)
    await stock.send(session, order.shop_id, wanted, reference_of(order.key), now=now)


def _where(order: Order) -> str:
    return f"{order.recipient or order.name}, {order.street}, {order.postcode} {order.town}"
