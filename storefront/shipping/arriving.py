"""A parcel has arrived, said by the team or by the customer herself."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from storefront.errors import OrderNotReadyForThat, TooLateToTakeBack
from storefront.events import OrderDelivered
from storefront.orders.states import lock_order, note
from storefront.shipping.finding import find_parcel
from storefront.shipping.fulfilment import keep_fulfilment
from storefront.shipping.models import Shipment

SECOND_THOUGHTS = timedelta(minutes=30)
"""How long a customer may take back that it has arrived; the team always may."""


async def mark_delivered(
    session: AsyncSession, shop_id: int, order_id: int, shipment_id: int, *, by: str, now: datetime
) -> Shipment:
    """Said twice is said once. Raises OrderUnknown, ShipmentUnknown, OrderNotReadyForThat."""
    order = await lock_order(session, shop_id, order_id)
    shipment = (await find_parcel(session, order, shipment_id)).shipment
    if shipment.state == "delivered":
        return shipment
    if shipment.state != "under_way":
        raise OrderNotReadyForThat()
    shipment.state, shipment.delivered_at, shipment.delivered_by = "delivered", now, by
    shipment.marked_at = now
    session.add(shipment)
    note(session, order, "parcel_delivered", by=by, detail=str(shipment.number), now=now)
    await keep_fulfilment(session, order, by=by, now=now)
    record(session, OrderDelivered(shop_id, order.key, order.customer_id, shipment.key, by))
    return shipment


async def take_back_delivered(
    session: AsyncSession, shop_id: int, order_id: int, shipment_id: int, *, by: str, now: datetime
) -> Shipment:
    """It has not arrived after all. Customers take back what they have said themselves, within
    half an hour. Raises OrderUnknown, ShipmentUnknown, OrderNotReadyForThat, TooLateToTakeBack."""
    order = await lock_order(session, shop_id, order_id)
    shipment = (await find_parcel(session, order, shipment_id)).shipment
    if shipment.state != "delivered" or order.delivery == "pickup":
        raise OrderNotReadyForThat()
    if by == "customer" and not may_take_back(shipment, now=now):
        raise TooLateToTakeBack()
    shipment.state, shipment.delivered_at, shipment.delivered_by = "under_way", None, None
    shipment.marked_at = now
    session.add(shipment)
    note(session, order, "parcel_not_delivered", by=by, detail=str(shipment.number), now=now)
    await keep_fulfilment(session, order, by=by, now=now)
    return shipment


def may_take_back(shipment: Shipment, *, now: datetime) -> bool:
    """Whether the customer may."""
    return (
        shipment.state == "delivered"
        and shipment.delivered_by == "customer"
        and shipment.delivered_at is not None
        and now <= shipment.delivered_at + SECOND_THOUGHTS
    )
