"""The day an order is wished for: which days the shop can keep, said in plain words."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names

from core.errors import InvalidForm
from core.shops import Shop
from core.translations import Translate
from storefront.models import Storefront

Day = Literal["overdue", "today", "tomorrow", "later", "any"]
DAYS: Sequence[Day] = ("overdue", "today", "tomorrow", "later", "any")

FARTHEST = timedelta(days=365)


def read_day(text: str) -> Day:
    return next((one for one in DAYS if one == text), "today")


def today_in(shop: Shop, now: datetime) -> date:
    return now.astimezone(ZoneInfo(shop.timezone)).date()


def earliest_day(window: Storefront, shop: Shop, now: datetime) -> date:
    """Ordered after the latest hour counts as ordered the next day. With every weekday closed
    there is none: such a shop limits nothing by weekdays."""
    local = now.astimezone(ZoneInfo(shop.timezone))
    late = window.latest_hour is not None and local.hour >= window.latest_hour
    day = local.date() + timedelta(days=window.lead_days + late)
    closed = _closed(window)
    while day.weekday() in closed:
        day += timedelta(days=1)
    return day


def _closed(window: Storefront) -> frozenset[int]:
    closed = frozenset(window.closed_weekdays)
    return closed if len(closed) < 7 else frozenset()


def check_day(window: Storefront, shop: Shop, wished: date | None, *, now: datetime) -> None:
    """What a buyer may wish for. Raises InvalidForm."""
    if wished is None:
        return
    check_calendar(shop, wished, now=now)
    if wished < earliest_day(window, shop, now):
        raise InvalidForm({"wish_date": "We cannot make it by this day. The earliest day we can is "
                           "named beside the field."})  # fmt: skip
    if wished.weekday() in _closed(window):
        raise InvalidForm({"wish_date": "Nothing leaves us on this weekday. Please choose another "
                           "day."})  # fmt: skip


def check_calendar(shop: Shop, wished: date | None, *, now: datetime) -> None:
    """What even the team cannot keep. Raises InvalidForm."""
    today = today_in(shop, now)
    if wished is None or today <= wished <= today + FARTHEST:
        return
    raise InvalidForm({
        "wish_date": "This day has passed already."
        if wished < today
        else "Please choose a day within the next twelve months."
    })  # fmt: skip


def limits_in_words(
    window: Storefront, shop: Shop, translate: Translate, locale: str, *, now: datetime
) -> str:
    """Below the field: the earliest day, and the weekdays that cannot be had."""
    first = format_date(earliest_day(window, shop, now), "full", locale=locale)
    told = [translate("Earliest: %(day)s.") % {"day": first}]
    closed = sorted(_closed(window))
    if closed:
        names = get_day_names("wide", locale=locale)
        listed = ", ".join(names[one] for one in closed)
        told.append(translate("Not possible: %(weekdays)s.") % {"weekdays": listed})
    return " ".join(told)
