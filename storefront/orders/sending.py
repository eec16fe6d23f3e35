"""Orders on their way to the buyer, and what staff writes on them."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.orders.finding import get_order
from storefront.orders.models import Order
from storefront.orders.states import lock_order, note
from storefront.shipping import packing
from storefront.shipping.finding import parcels_of


async def mark_ready(
    session: AsyncSession, shop_id: int, order_id: int, *, by: str, now: datetime
) -> Order:
    """Everything that is left lies ready to be picked up. Raises OrderNotReadyForThat."""
    await packing.make_ready(session, shop_id, order_id, by=by, now=now)
    return await get_order(session, shop_id, order_id)


async def mark_sent(
    session: AsyncSession, shop_id: int, order_id: int, *, by: str, now: datetime
) -> Order:
    """With one press: everything that is left has been handed over, shipped or picked up.

    Raises OrderNotReadyForThat.
    """
    order = await lock_order(session, shop_id, order_id)
    if order.delivery == "delivery":
        await packing.send(session, shop_id, order_id, by=by, now=now)
        return order
    for parcel in await parcels_of(session, order):
        if parcel.shipment.state == "ready":
            await packing.hand_over(session, shop_id, order_id, parcel.shipment.key, by=by, now=now)
    if order.state == "confirmed":
        await packing.hand_over(session, shop_id, order_id, by=by, now=now)
    return order


async def write_note(
    session: AsyncSession, shop_id: int, order_id: int, text: str, *, by: str, now: datetime
) -> Order:
    """The internal note, which only staff reads."""
    order = await lock_order(session, shop_id, order_id)
    if text != order.note:
        order.note = text
        note(session, order, "note", by=by, now=now)
    return order


async def write_personal_line(
    session: AsyncSession, shop_id: int, order_id: int, text: str, *, by: str, now: datetime
) -> Order:
    """What the packing slip says to whoever opens the parcel."""
    order = await lock_order(session, shop_id, order_id)
    if text != order.personal_line:
        order.personal_line = text
        note(session, order, "personal_line", by=by, now=now)
    return order


async def settle_concern(
    session: AsyncSession, shop_id: int, order_id: int, *, concern: str, by: str, now: datetime
) -> Order:
    """Somebody has looked and put it right."""
    order = await lock_order(session, shop_id, order_id)
    if concern in order.concerns:
        note(session, order, "looked_after", by=by, detail=concern, now=now)
        order.calm(concern)
    return order
