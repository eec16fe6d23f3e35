"""How a refund is shared among the VAT rates of what it takes back."""

from collections.abc import Sequence

from core.money import Money, share, split
from storefront.invoices.content import Rate


def remaining(rates: Sequence[Rate], taken: Sequence[Sequence[Rate]]) -> list[Rate]:
    """What is left of an invoice's rates after its cancellations, whose amounts are negative."""
    found = []
    for rate in rates:
        back = [one for rows in taken for one in rows if one.tax_bp == rate.tax_bp]
        found.append(
            Rate(
                tax_bp=rate.tax_bp,
                gross_minor=rate.gross_minor + sum(one.gross_minor for one in back),
                tax_minor=rate.tax_minor + sum(one.tax_minor for one in back),
            )
        )
    return found


def share_out(amount: Money, rates: Sequence[Rate]) -> list[Rate]:
    """`amount` of what is left, by each rate's share with the largest remainder.

    The gross parts add up to `amount`, no part takes more than is left of its rate, and whoever
    takes everything takes exactly the VAT that was charged.
    """
    parts = split(amount, [rate.gross_minor for rate in rates])
    return [
        Rate(
            tax_bp=rate.tax_bp,
            gross_minor=part.minor,
            tax_minor=_tax_in(part, rate).minor,
        )
        for part, rate in zip(parts, rates, strict=True)
        if part
    ]


def _tax_in(part: Money, rate: Rate) -> Money:
    return share(Money(rate.tax_minor, part.currency), part.minor, rate.gross_minor)
