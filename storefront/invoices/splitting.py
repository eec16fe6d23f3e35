"""How amounts are shared among VAT rates: of what is taken back, and of what is charged again."""

from collections.abc import Iterable, Sequence

from core.money import Money, share, split
from storefront.invoices.content import Rate, Row


def rates_of(rows: Iterable[Row]) -> list[Rate]:
    """Of rows, summed by rate, the lowest first."""
    found: dict[int, tuple[int, int]] = {}
    for row in rows:
        gross, tax = found.get(row.tax_bp, (0, 0))
        found[row.tax_bp] = (gross + row.total_minor, tax + row.tax_minor)
    return [Rate(tax_bp=bp, gross_minor=found[bp][0], tax_minor=found[bp][1])
            for bp in sorted(found)]  # fmt: skip


def added(*parts: Iterable[Rate]) -> list[Rate]:
    """All rates together; cancellations are negative. What comes to nothing stays as nothing."""
    found: dict[int, Rate] = {}
    for rate in (one for part in parts for one in part):
        known = found.get(rate.tax_bp, Rate(tax_bp=rate.tax_bp, gross_minor=0, tax_minor=0))
        found[rate.tax_bp] = Rate(
            tax_bp=rate.tax_bp,
            gross_minor=known.gross_minor + rate.gross_minor,
            tax_minor=known.tax_minor + rate.tax_minor,
        )
    return [found[bp] for bp in sorted(found)]


def gross_of(rates: Iterable[Rate]) -> int:
    return sum(rate.gross_minor for rate in rates)


def minus(rate: Rate) -> Rate:
    return Rate(tax_bp=rate.tax_bp, gross_minor=-rate.gross_minor, tax_minor=-rate.tax_minor)


def share_out(amount: Money, rates: Sequence[Rate]) -> list[Rate]:
    """`amount` of what is left, by each rate's share with the largest remainder.

    The gross parts add up to `amount`, no part takes more than is left of its rate, and whoever
    takes everything takes exactly the VAT that was charged.
    """
    return cover(amount, rates, [])


def cover(amount: Money, left: Sequence[Rate], named: Sequence[Rate]) -> list[Rate]:
    """`amount` of what is left: as `named` says, as far as that is left and no more than `amount`;
    what is over or missing then is shared out among the rates.
    """
    asked = {rate.tax_bp: rate for rate in named}
    firm = [
        min(asked[rate.tax_bp].gross_minor, rate.gross_minor) if rate.tax_bp in asked else 0
        for rate in left
    ]
    gap = Money(amount.minor - sum(firm), amount.currency)
    room = [rate.gross_minor - part for rate, part in zip(left, firm, strict=True)]
    parts = split(gap, room if gap.minor > 0 else firm) if gap else [gap] * len(left)
    taken = [part + more.minor for part, more in zip(firm, parts, strict=True)]
    return [
        Rate(tax_bp=rate.tax_bp, gross_minor=part,
             tax_minor=_tax_in(part, rate, asked.get(rate.tax_bp), amount.currency))
        for rate, part in zip(left, taken, strict=True)
        if part
    ]  # fmt: skip


def _tax_in(part: int, rate: Rate, asked: Rate | None, currency: str) -> int:
    """The VAT that was asked for where it fits; what empties a rate takes all of its VAT."""
    if part == rate.gross_minor:
        return rate.tax_minor
    if asked is None or part < asked.gross_minor:
        return share(Money(rate.tax_minor, currency), part, rate.gross_minor).minor
    sure = min(asked.tax_minor, rate.tax_minor)
    rest = Money(rate.tax_minor - sure, currency)
    over, room = part - asked.gross_minor, rate.gross_minor - asked.gross_minor
    return sure + share(rest, over, room).minor
