"""Money as whole minor units with its currency; sums hold by construction."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency

# ISO 4217 minor units where they differ from two. Babel's own table is not used: it rounds
# by cash habits (RSD, IQD, HUF), and an amount must never depend on a display library.
EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency, 2)


def step(currency: str) -> int:
    """The smallest amount that can be charged. Currencies with three decimals are paid in tens of
    their smallest unit (Stripe docs: currencies)."""
    return 10 if exponent(currency) == 3 else 1


class MixedCurrencies(ValueError):
    """Two currencies met in one sum."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents for EUR, yen for JPY). May be negative."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"money is whole minor units, not {self.minor!r}")
        if len(self.currency) != 3 or not self.currency.isupper():
            raise ValueError(f"not a currency code: {self.currency!r}")

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MixedCurrencies(f"{self.currency} met {other.currency}")
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    @property
    def amount(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def text(self, locale: str) -> str:
        """As people write it: `12,90 €` in German, `€12.90` in English, with a true minus."""
        digits = exponent(self.currency)
        pattern = format_pattern(locale, digits)
        text = format_currency(
            abs(self.amount), self.currency, format=pattern, locale=locale, currency_digits=False
        )
        return f"\u2212{text}" if self.minor < 0 else text


def format_pattern(locale: str, digits: int) -> str:
    decimals = "." + "0" * digits if digits else ""
    return f"#,##0{decimals}\u00a0¤" if locale.startswith("de") else f"¤#,##0{decimals}"


def zero(currency: str) -> Money:
    return Money(0, currency)


def total(parts: Sequence[Money], currency: str) -> Money:
    return Money(sum(zero(currency)._same(part) for part in parts), currency)


_TYPED = re.compile(
    r"(?P<sign>[-\u2212]?)(?:(?P<plain>\d+)|(?P<grouped>\d{1,3}(?:(?P<by>[.,'’])\d{3})(?:(?P=by)\d{3})*))"
    r"(?:(?P<point>[.,])(?P<decimals>\d*))?",
    re.ASCII,
)
LARGEST_MINOR = 2_000_000_000
"""What a column of whole minor units holds on either database."""


def parse(text: str, currency: str) -> Money:
    """What a person typed: `12,90`, `12.90`, `1.234,50`, `1,234.50`, `12 €`.

    Raises ValueError for anything else, for more decimals than the currency has, where a
    single separator could mean thousands or decimals (`1.234` for EUR has three decimals:
    refused), and for amounts beyond LARGEST_MINOR.
    """
    typed = _TYPED.fullmatch(_bare(text, currency))
    if typed is None or (typed["by"] and typed["by"] == typed["point"]):
        raise ValueError(f"not an amount: {text!r}")
    digits = exponent(currency)
    decimals = typed["decimals"] or ""
    if len(decimals) > max(digits, 2) or decimals[digits:].strip("0"):
        raise ValueError(f"not an amount in {currency}: {text!r}")
    whole = re.sub(r"\D", "", typed["plain"] or typed["grouped"])
    minor = int(whole + decimals[:digits].ljust(digits, "0")) if len(whole) < 20 else None
    if minor is None or minor > LARGEST_MINOR:
        raise ValueError(f"too large an amount: {text!r}")
    return Money(-minor if typed["sign"] else minor, currency)


def _bare(text: str, currency: str) -> str:
    for ornament in (currency, "€", "\u00a0", "\u202f", " "):
        text = text.replace(ornament, "")
    return text


def share(amount: Money, numerator: int, denominator: int) -> Money:
    """`amount × numerator / denominator`, rounded half up, away from zero."""
    exact = Decimal(amount.minor) * numerator / denominator
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), amount.currency)


def in_steps(amount: Money) -> Money:
    """`amount` rounded half up to what can be charged."""
    size = step(amount.currency)
    return share(amount, 1, size) * size


def split(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Largest-remainder split: the parts always add up to `amount`.

    Weights are not negative; when all are zero the whole amount falls to the first part.
    No part exceeds its exact share by a whole unit (of what can be charged, where the amount
    itself can be). Ties go to the earlier part.
    """
    size = step(amount.currency)
    if any(number % size for number in (amount.minor, *weights)):
        size = 1
    sign, units = (-1, -amount.minor // size) if amount.minor < 0 else (1, amount.minor // size)
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1, *[0] * (len(weights) - 1)], 1
    parts = [units * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda place: (-(units * weights[place] % whole), place)
    )
    for place in by_remainder[: units - sum(parts)]:
        parts[place] += 1
    return [Money(sign * part * size, amount.currency) for part in parts]


def split_by_pieces(amount: Money, pieces: Sequence[int]) -> list[Money]:
    """The same by numbers of pieces: parts that can be charged, where `amount` can be."""
    size = step(amount.currency) if amount.minor % step(amount.currency) == 0 else 1
    parts = split(Money(amount.minor // size, amount.currency), pieces)
    return [part * size for part in parts]
