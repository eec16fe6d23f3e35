"""What goes out when: paid orders with something left to hand over, by the day wished for."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop
from storefront.orders.models import Order
from storefront.shipping.days import DAYS, Day, today_in


async def going_out(
    session: AsyncSession, shop: Shop, day: Day, *, now: datetime, limit: int = 50
) -> Sequence[Order]:
    """The most urgent first; without a day in the order they came in."""
    query = (
        select(Order)
        .where(*_waiting(shop), _on(day, today_in(shop, now)))
        .order_by(col(Order.wish_date), col(Order.id))
        .limit(limit)
    )
    return (await session.exec(query)).all()


async def count_by_day(session: AsyncSession, shop: Shop, *, now: datetime) -> dict[Day, int]:
    query = (
        select(col(Order.wish_date), func.count())
        .where(*_waiting(shop))
        .group_by(col(Order.wish_date))
    )
    counts: dict[Day, int] = dict.fromkeys(DAYS, 0)
    today = today_in(shop, now)
    for wished, number in (await session.exec(query)).all():
        counts[day_of(wished, today)] += number
    return counts


def day_of(wished: date | None, today: date) -> Day:
    if wished is None:
        return "any"
    if wished < today:
        return "overdue"
    if wished == today:
        return "today"
    return "tomorrow" if wished == today + timedelta(days=1) else "later"


def _waiting(shop: Shop) -> list[ColumnElement[bool]]:
    """What lies ready for somebody to come is done as far as the shop can do it."""
    return [
        col(Order.shop_id) == shop.key,
        col(Order.state) == "confirmed",
        col(Order.fulfilment) != "ready",
    ]


def _on(day: Day, today: date) -> ColumnElement[bool]:
    wished, tomorrow = col(Order.wish_date), today + timedelta(days=1)
    match day:
        case "overdue":
            return wished < today
        case "today":
            return wished == today
        case "tomorrow":
            return wished == tomorrow
        case "later":
            return wished > tomorrow
    return wished.is_(None)
