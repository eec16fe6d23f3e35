"""An order's states: which may follow which, the one place where they change, and their words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.live import announce
from core.rows import write_all
from storefront.errors import OrderNotReadyForThat, OrderUnknown
from storefront.orders.models import Order, OrderEvent, OrderState

# An expired order comes back to life when its money arrives late and the goods are still there. A closed
# one is open again (`reopen`) when a parcel is undone or pieces are added to it.
MAY_FOLLOW: dict[str, frozenset[str]] = {
    "placed": frozenset({"confirmed", "cancelled", "expired"}),
    "confirmed": frozenset({"closed", "cancelled"}),
    "expired": frozenset({"confirmed", "cancelled"}),
    "cancelled": frozenset(),
    "closed": frozenset(),
}
_STAMPS = {
    "confirmed": "paid_at", "closed": "closed_at", "cancelled": "cancelled_at",
    "expired": "expired_at",
}  # fmt: skip

StatusKind = Literal["neutral", "info", "success", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """`word` is a msgid; `name` is stable, for those who decide by it."""

    name: str
    word: str
    kind: StatusKind


_WORDS: dict[str, tuple[str, StatusKind]] = {
    "refunded": ("Refunded", "neutral"),
    "cancelled": ("Cancelled", "danger"),
    "expired": ("Not paid in time", "neutral"),
    "processing": ("Payment is being confirmed", "info"),
    "unpaid": ("Waiting for payment", "warning"),
    "picked_up": ("Picked up", "success"),
    "partly_picked_up": ("Partly picked up", "info"),
    "delivered": ("Delivered", "success"),
    "partly_delivered": ("Partly delivered", "success"),
    "sent": ("On its way", "success"),
    "partly_sent": ("Partly sent", "info"),
    "ready": ("Ready for pick-up", "success"),
    "partly_ready": ("Partly ready for pick-up", "info"),
    "paid": ("Paid", "success"),
}


async def lock_order(session: AsyncSession, shop_id: int, order_id: int) -> Order:
    """Read anew and locked until the transaction ends. Raises OrderUnknown.

    Locks are taken in this order everywhere: payable, order, variants, codes.
    """
    query = select(Order).where(col(Order.id) == order_id, col(Order.shop_id) == shop_id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    order = (await session.exec(locked)).first()
    if order is None:
        raise OrderUnknown()
    return order


def move(
    session: AsyncSession,
    order: Order,
    state: OrderState,
    *,
    by: str,
    detail: str = "",
    now: datetime,
) -> None:
    """Raises OrderNotReadyForThat where the table above has no such step."""
    if state not in MAY_FOLLOW[order.state]:
        raise OrderNotReadyForThat()
    order.state = state
    setattr(order, _STAMPS[state], now)
    note(session, order, state, by=by, detail=detail, now=now)


def reopen(session: AsyncSession, order: Order, *, by: str, now: datetime) -> None:
    """Something is to be handed over once more. It stays paid since it was."""
    order.state, order.closed_at, order.shipped_at = "confirmed", None, None
    note(session, order, "reopened", by=by, now=now)


def note(
    session: AsyncSession, order: Order, what: str, *, by: str, detail: str = "", now: datetime
) -> None:
    """A line in the order's history, and the counter's open pages are told."""
    session.add(order)
    event = OrderEvent(
        shop_id=order.shop_id, order_id=order.key, what=what, by=by, detail=detail, at=now
    )
    session.add(event)
    _tell(session, event)


async def note_placed(session: AsyncSession, order: Order, *, now: datetime) -> None:
    """The line that every order has, written at once."""
    event = OrderEvent(
        shop_id=order.shop_id, order_id=order.key, what="placed", by="customer", at=now
    )
    await write_all(session, [event])
    _tell(session, event)


def _tell(session: AsyncSession, event: OrderEvent) -> None:
    told = {"id": event.order_id, "what": event.what}
    announce(session, event.shop_id, "orders", told, now=event.at)


def status_of(order: Order) -> OrderStatus:
    """The one word that is shown, derived from all that is known."""
    name = _status_name(order)
    word, kind = _WORDS[name]
    return OrderStatus(name, word, kind)


def _status_name(order: Order) -> str:
    is_refunded = 0 < max(order.paid_minor, 1) <= order.refunded_minor
    truths = (
        ("refunded", is_refunded),
        ("cancelled", order.state == "cancelled"),
        ("expired", order.state == "expired"),
        ("processing", order.state == "placed" and order.processing_at is not None),
        ("unpaid", order.state == "placed"),
        (order.fulfilment, order.fulfilment != "nothing"),
    )
    return next((name for name, is_true in truths if is_true), "paid")
