"""Orders on their way to the buyer, and what staff writes on them."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from storefront import stock
from storefront.errors import OrderNotReadyForThat
from storefront.events import OrderReady, OrderSent
from storefront.orders.finding import lines_of, pieces_in, sum_of
from storefront.orders.models import Order
from storefront.orders.states import lock_order, move, note
from storefront.references import reference_of


async def mark_ready(
    session: AsyncSession, shop_id: int, order_id: int, *, by: str, now: datetime
) -> Order:
    """Lies ready to be picked up. Raises OrderNotReadyForThat."""
    order = await lock_order(session, shop_id, order_id)
    if order.state != "confirmed" or order.delivery != "pickup" or order.ready_at is not None:
        raise OrderNotReadyForThat()
    order.ready_at = now
    note(session, order, "ready", by=by, now=now)
    record(session, OrderReady(shop_id, order.key, order.customer_id))
    return order


async def mark_sent(
    session: AsyncSession, shop_id: int, order_id: int, *, by: str, now: datetime
) -> Order:
    """Has left the shop, by whatever way. Raises OrderNotReadyForThat."""
    order = await lock_order(session, shop_id, order_id)
    if order.state != "confirmed":
        raise OrderNotReadyForThat()
    order.shipped_at = now
    move(session, order, "closed", by=by, now=now)
    await session.flush()
    lines = await lines_of(session, order)
    wanted = sum_of(pieces_in(line, line.to_ship) for line in lines)
    for line in lines:
        line.shipped += line.to_ship
        session.add(line)
    await stock.send(session, shop_id, wanted, reference_of(order.key), now=now)
    record(session, OrderSent(shop_id, order.key, order.customer_id))
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


async def settle_attention(
    session: AsyncSession, shop_id: int, order_id: int, *, by: str, now: datetime
) -> Order:
    """Somebody has looked and put it right."""
    order = await lock_order(session, shop_id, order_id)
    if order.needs_attention is not None:
        note(session, order, "looked_after", by=by, detail=order.needs_attention, now=now)
        order.needs_attention = None
    return order
