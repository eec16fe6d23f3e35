"""Orders: found by number, by customer, by secret link."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop
from storefront.errors import OrderUnknown
from storefront.orders.models import Order, OrderEvent, OrderLine
from storefront.stock_moves import Wanted

FILTERS = ("all", "open", "unpaid", "sent", "attention", "ended")
_PAGE = 30


async def get_order(session: AsyncSession, shop_id: int, order_id: int) -> Order:
    order = await session.get(Order, order_id)
    if order is None or order.shop_id != shop_id:
        raise OrderUnknown()
    return order


async def find_order(session: AsyncSession, shop_id: int, token: str) -> Order:
    """By the secret link. Raises OrderUnknown."""
    query = select(Order).where(col(Order.shop_id) == shop_id, col(Order.token) == token)
    order = (await session.exec(query)).first()
    if order is None:
        raise OrderUnknown()
    return order


async def orders_of(
    session: AsyncSession, shop_id: int, customer_id: int, *, limit: int = 10
) -> list[Order]:
    """A customer's orders, the newest first."""
    query = (
        select(Order)
        .where(col(Order.shop_id) == shop_id, col(Order.customer_id) == customer_id)
        .order_by(col(Order.id).desc())
        .limit(limit)
    )
    return list((await session.exec(query)).all())


async def orders_by_name(
    session: AsyncSession, shop_id: int, name: str, *, limit: int = 3
) -> list[Order]:
    """Ordered under just this name, the newest first: perhaps by somebody else of that name."""
    query = (
        select(Order)
        .where(col(Order.shop_id) == shop_id, func.lower(col(Order.name)) == name.strip().lower())
        .order_by(col(Order.id).desc())
        .limit(limit)
    )
    return list((await session.exec(query)).all()) if name.strip() else []


_LINES = (
    select(OrderLine)
    .where(col(OrderLine.order_id) == bindparam("order_id"))
    .order_by(col(OrderLine.id))
)


async def lines_of(session: AsyncSession, order: Order) -> list[OrderLine]:
    return list((await session.exec(_LINES, params={"order_id": order.key})).all())


async def lines_by_order(
    session: AsyncSession, orders: Sequence[Order]
) -> dict[int, list[OrderLine]]:
    ids = [order.key for order in orders]
    query = select(OrderLine).where(col(OrderLine.order_id).in_(ids)).order_by(col(OrderLine.id))
    found: dict[int, list[OrderLine]] = {one: [] for one in ids}
    for line in (await session.exec(query)).all():
        found[line.order_id].append(line)
    return found


def pieces_of(lines: Sequence[OrderLine]) -> Wanted:
    """How many pieces of which variant."""
    return sum_of(pieces_in(line, line.quantity) for line in lines)


def pieces_in(line: OrderLine, quantity: int) -> Wanted:
    """What `quantity` of this line take from the stock."""
    if not line.parts:
        return {line.variant_id: quantity} if quantity else {}
    return {int(part): each * quantity for part, each in line.parts.items() if quantity}


def sum_of(wishes: Iterable[Wanted]) -> Wanted:
    """Several wishes for one variant are one: it is taken, or not, as a whole."""
    wanted: dict[int, int] = {}
    for wish in wishes:
        for variant_id, pieces in wish.items():
            wanted[variant_id] = wanted.get(variant_id, 0) + pieces
    return wanted


async def events_of(session: AsyncSession, order: Order) -> list[OrderEvent]:
    query = select(OrderEvent).where(col(OrderEvent.order_id) == order.key)
    return list((await session.exec(query.order_by(col(OrderEvent.id)))).all())


def status_link(origin: str, shop: Shop, order: Order) -> str:
    """The secret link to the order's status page."""
    return f"{origin}/s/{shop.slug}/o/{order.token}"


async def list_orders(
    session: AsyncSession,
    shop_id: int,
    *,
    show: str = "all",
    text: str = "",
    before: int | None = None,
    limit: int = _PAGE,
) -> list[Order]:
    """The newest first, `before` an id; `text` is looked for in number, name and e-mail."""
    query = select(Order).where(col(Order.shop_id) == shop_id, *_filter(show), *_matching(text))
    if before is not None:
        query = query.where(col(Order.id) < before)
    return list((await session.exec(query.order_by(col(Order.id).desc()).limit(limit))).all())


async def count_orders(session: AsyncSession, shop_id: int, show: str) -> int:
    query = select(func.count()).select_from(Order)
    return (await session.exec(query.where(col(Order.shop_id) == shop_id, *_filter(show)))).one()


def _filter(show: str) -> list[ColumnElement[bool]]:
    state = col(Order.state)
    match show:
        case "open":
            return [state == "confirmed", col(Order.shipped_at).is_(None)]
        case "unpaid":
            return [state == "placed"]
        case "sent":
            return [col(Order.shipped_at).is_not(None)]
        case "attention":
            return [col(Order.concerns) != []]
        case "ended":
            return [state.in_(("cancelled", "expired"))]
    return []


def _matching(text: str) -> list[ColumnElement[bool]]:
    wanted = text.strip()[:100]
    if not wanted:
        return []
    number = wanted.lstrip("#")
    fits = [
        func.lower(col(Order.name)).contains(wanted.lower(), autoescape=True),
        func.lower(col(Order.email)).contains(wanted.lower(), autoescape=True),
        func.lower(col(Order.recipient)).contains(wanted.lower(), autoescape=True),
    ]
    if number.isascii() and number.isdigit() and len(number) < 10:
        fits.append(col(Order.number) == int(number))
    return [or_(*fits)]


async def unpaid_since(session: AsyncSession, *, now: datetime, limit: int = 200) -> list[Order]:
    """Orders of all shops whose time to pay is over and whose payment is not under way."""
    query = (
        select(Order)
        .where(
            col(Order.state) == "placed",
            col(Order.expires_at) <= now,
            col(Order.processing_at).is_(None),
        )
        .order_by(col(Order.expires_at))
        .limit(limit)
    )
    return list((await session.exec(query)).all())
