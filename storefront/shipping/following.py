"""A tracking number that is known only later, or was mistyped."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from storefront.events import ParcelTracked
from storefront.orders.models import Order, OrderEvent
from storefront.orders.states import lock_order, note
from storefront.shipping.carriers import CARRIERS, read_number
from storefront.shipping.finding import find_parcel
from storefront.shipping.models import Shipment


async def set_tracking(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    shipment_id: int,
    *,
    carrier: str,
    tracking: str,
    by: str,
    now: datetime,
) -> Shipment:
    """The buyer is told once, when there is something to follow for the first time.

    Raises OrderUnknown, ShipmentUnknown, TrackingUnreadable.
    """
    told = read_number(tracking)
    order = await lock_order(session, shop_id, order_id)
    parcel = await find_parcel(session, order, shipment_id)
    shipment = parcel.shipment
    before, link = (shipment.carrier, shipment.tracking), parcel.link(order.locale)
    shipment.carrier, shipment.tracking = carrier if carrier in CARRIERS else "", told
    session.add(shipment)
    if before == (shipment.carrier, shipment.tracking):
        return shipment
    is_news = link is None and parcel.link(order.locale) and shipment.state == "under_way"
    if is_news and not await _is_told(session, order, shipment):
        note(session, order, "parcel_tracked", by=by, detail=str(shipment.number), now=now)
        record(session, ParcelTracked(shop_id, order.key, order.customer_id, shipment.key))
    else:
        note(session, order, "parcel_tracking", by=by, detail=str(shipment.number), now=now)
    return shipment


async def _is_told(session: AsyncSession, order: Order, shipment: Shipment) -> bool:
    query = select(OrderEvent.id).where(
        col(OrderEvent.order_id) == order.key,
        col(OrderEvent.what) == "parcel_tracked",
        col(OrderEvent.detail) == str(shipment.number),
    )
    return (await session.exec(query)).first() is not None
