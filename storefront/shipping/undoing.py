"""A parcel marked by mistake never left: its goods are promised to the order again."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from storefront import stock
from storefront.errors import CameBackAlready, OrderNotReadyForThat
from storefront.events import ShipmentUndone
from storefront.orders.finding import lines_of, pieces_in, sum_of
from storefront.orders.models import Order, OrderLine
from storefront.orders.states import lock_order, note
from storefront.references import reference_of
from storefront.shipping.finding import Parcel, find_parcel
from storefront.shipping.fulfilment import keep_fulfilment
from storefront.shipping.models import Shipment


async def undo(
    session: AsyncSession, shop_id: int, order_id: int, shipment_id: int, *, by: str, now: datetime
) -> Shipment:
    """As long as it has not arrived. Raises OrderUnknown, ShipmentUnknown, OrderNotReadyForThat, CameBackAlready; then nothing has changed."""
    order = await lock_order(session, shop_id, order_id)
    parcel = await find_parcel(session, order, shipment_id)
    shipment = parcel.shipment
    if order.state not in ("confirmed", "closed") or not _may_undo(order, shipment):
        raise OrderNotReadyForThat()
    if shipment.has_left:
        await _bring_back(session, order, parcel, await lines_of(session, order), now=now)
    shipment.state, shipment.sent_at, shipment.delivered_at = "undone", None, None
    shipment.marked_at = now
    session.add(shipment)
    note(session, order, "parcel_undone", by=by, detail=str(shipment.number), now=now)
    await keep_fulfilment(session, order, by=by, now=now)
    record(session, ShipmentUndone(shop_id, order.key, order.customer_id, shipment.key))
    return shipment


def _may_undo(order: Order, shipment: Shipment) -> bool:
    """Handing over at the counter is one press like sending, and slips like it."""
    return shipment.state in ("ready", "under_way") or order.delivery == "pickup"


async def _bring_back(
    session: AsyncSession,
    order: Order,
    parcel: Parcel,
    lines: Sequence[OrderLine],
    *,
    now: datetime,
) -> None:
    inside = [(line, parcel.pieces[line.key]) for line in lines if line.key in parcel.pieces]
    for line, pieces in inside:
        if pieces > line.kept_shipped:
            raise CameBackAlready(name=line.name)
        line.shipped -= pieces
        session.add(line)
    await session.flush()
    wanted = sum_of(pieces_in(line, pieces) for line, pieces in inside)
    await stock.unsend(session, order.shop_id, wanted, reference_of(order.key), now=now)
