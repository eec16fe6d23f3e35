"""How far an order has come: derived from its lines and parcels, in this one place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.events import OrderCancelled
from storefront.orders.finding import lines_of
from storefront.orders.models import Order, OrderLine
from storefront.orders.states import lock_order, move, note, reopen
from storefront.shipping.finding import Parcel, parcels_of, to_pack
from storefront.shipping.models import Shipment, ShipmentLine
from storefront.times import now_of

Fulfilment = Literal[
    "nothing", "partly_sent", "sent", "partly_delivered", "delivered",
    "partly_ready", "ready", "partly_picked_up", "picked_up",
]  # fmt: skip


def fulfilment_of(
    order: Order, lines: Sequence[OrderLine], parcels: Sequence[Parcel]
) -> Fulfilment:
    gone = [one for one in parcels if one.shipment.has_left]
    left = any(line.to_ship for line in lines)
    if order.delivery == "pickup":
        return _picking_up(gone, left, parcels, is_packed=not to_pack(lines, parcels))
    if not gone:
        return "nothing"
    if left:
        return "partly_sent"
    arrived = [one for one in gone if one.shipment.state == "delivered"]
    if len(arrived) == len(gone):
        return "delivered"
    return "partly_delivered" if arrived else "sent"


def _picking_up(
    gone: Sequence[Parcel], left: bool, parcels: Sequence[Parcel], *, is_packed: bool
) -> Fulfilment:
    if gone:
        return "partly_picked_up" if left else "picked_up"
    if len(parcels) == 0 or not left:
        return "nothing"
    return "ready" if is_packed else "partly_ready"


async def keep_fulfilment(session: AsyncSession, order: Order, *, by: str, now: datetime) -> None:
    """Call under the order's lock whenever its lines or parcels have changed: the order's word and
    stamps follow, and it is closed exactly while everything to be kept is handed over."""
    await session.flush()
    lines, parcels = await lines_of(session, order), await parcels_of(session, order)
    order.fulfilment = fulfilment_of(order, lines, parcels)
    gone = [one.shipment.sent_at for one in parcels if one.shipment.sent_at]
    is_done = bool(gone) and not any(line.to_ship for line in lines)
    order.shipped_at = max(gone) if is_done else None
    order.ready_at = _ready_at(order, parcels)
    session.add(order)
    if is_done and order.state == "confirmed":
        move(session, order, "closed", by=by, now=now)
    elif not is_done and order.state == "closed":
        reopen(session, order, by=by, now=now)


def _ready_at(order: Order, parcels: Sequence[Parcel]) -> datetime | None:
    """Whatever is ready for the customer to come; also when it has been picked up since."""
    if order.delivery != "pickup" or order.fulfilment in ("nothing", "partly_ready"):
        return None
    return max((one.shipment.made_at for one in parcels), default=None)


async def on_order_cancelled(session: AsyncSession, event: OrderCancelled) -> None:
    """What lies ready for somebody who does not get it goes back on the shelf."""
    order = await lock_order(session, event.shop_id, event.order_id)
    now = now_of(session)
    await trim_ready(session, order, by=event.by, now=now)
    await keep_fulfilment(session, order, by=event.by, now=now)


async def trim_ready(session: AsyncSession, order: Order, *, by: str, now: datetime) -> None:
    """Nothing lies ready that the order does not hold any more. Under the order's lock."""
    await session.flush()
    lines = await lines_of(session, order)
    left = {line.key: 0 if order.state == "cancelled" else line.to_ship for line in lines}
    for parcel in await parcels_of(session, order):
        if parcel.shipment.state != "ready":
            continue
        kept = await keep_pieces(session, parcel.shipment, left)
        left = {key: many - kept.get(key, 0) for key, many in left.items()}
        if not kept:
            parcel.shipment.state, parcel.shipment.marked_at = "undone", now
            session.add(parcel.shipment)
            number = str(parcel.shipment.number)
            note(session, order, "parcel_undone", by=by, detail=number, now=now)


async def keep_pieces(
    session: AsyncSession, shipment: Shipment, left: Mapping[int, int]
) -> dict[int, int]:
    """A shipment that has not left takes no more of each line than is `left`. What it takes."""
    query = select(ShipmentLine).where(col(ShipmentLine.shipment_id) == shipment.key)
    taken: dict[int, int] = {}
    for row in (await session.exec(query)).all():
        row.quantity = min(row.quantity, left[row.line_id])
        if row.quantity:
            session.add(row)
            taken[row.line_id] = row.quantity
        else:
            await session.delete(row)
    return taken
