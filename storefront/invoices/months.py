"""Months as the counter and the tax adviser ask for them."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.shops import Shop


@dataclass(frozen=True, slots=True)
class Month:
    year: int
    month: int

    @property
    def text(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def former(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)


def this_month(shop: Shop, now: datetime) -> Month:
    today = now.astimezone(ZoneInfo(shop.timezone)).date()
    return Month(today.year, today.month)


def read_month(text: str, default: Month) -> Month:
    """`2026-11`; anything else is `default`."""
    if re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
        return Month(int(text[:4]), int(text[5:]))
    return default


def months_since(first: date | None, last: Month, *, at_most: int = 120) -> list[Month]:
    """The newest first."""
    months = [last]
    while first and months[-1].first > first and len(months) < at_most:
        months.append(months[-1].former)
    return months
