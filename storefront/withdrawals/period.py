"""Until when a contract can be withdrawn from: fourteen days from the last piece's arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop
from storefront.models import Storefront
from storefront.orders.models import Order
from storefront.shipping.finding import delivered_at

_SATURDAY = 5


async def arrival_of(session: AsyncSession, order: Order, window: Storefront) -> datetime | None:
    """When the last piece arrived, as far as anybody knows; None while pieces are to come."""
    return await delivered_at(session, order) or reckoned_arrival(order, window)


def reckoned_arrival(order: Order, window: Storefront) -> datetime | None:
    """What was picked up is there at once; a parcel takes the days the shop reckons with."""
    if order.shipped_at is None:
        return None
    on_the_road = 0 if order.delivery == "pickup" else window.delivery_days
    return order.shipped_at + timedelta(days=on_the_road)


def last_day(arrived: datetime, days: int, zone: str) -> date:
    """§§187, 188, 193 BGB: the day of arrival is not counted, and a period does not end on a
    Saturday or Sunday but on the working day after it. Public holidays are for people to know."""
    end = arrived.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    while end.weekday() >= _SATURDAY:
        end += timedelta(days=1)
    return end


def withdrawable_until(shop: Shop, window: Storefront, arrived: datetime | None) -> date | None:
    """The last day; None while the period has not begun, which is: it can be withdrawn."""
    return None if arrived is None else last_day(arrived, window.withdrawal_days, shop.timezone)


def is_in_time(until: date | None, declared_at: datetime, zone: str) -> bool:
    return until is None or declared_at.astimezone(ZoneInfo(zone)).date() <= until


@dataclass(frozen=True, slots=True)
class Offer:
    """The way to withdraw as an order's page shows it: prominent during the period (§356a Abs. 1
    BGB), without a day while pieces are still to come, and still there afterwards."""

    is_prominent: bool
    until: date | None


def offer_of(
    shop: Shop, order: Order, until: date | None, left: Sequence[object], *, now: datetime
) -> Offer | None:
    """None where nothing of the order is left to withdraw from."""
    if not left or order.state in ("cancelled", "expired"):
        return None
    return Offer(is_in_time(until, now, shop.timezone), until)
