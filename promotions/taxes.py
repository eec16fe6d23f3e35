"""The VAT contained in gross amounts, rounded half up for each amount and then only added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.money import Money, share, total


@dataclass(frozen=True, slots=True)
class Tax:
    """`amount` is contained in `gross`."""

    gross: Money
    amount: Money


def tax_in(gross: Money, tax_bp: int) -> Money:
    """`tax_bp`: the rate in basis points (1900 is 19 %)."""
    return share(gross, tax_bp, 10_000 + tax_bp)


def tax_by_rate(parts: Sequence[tuple[int, Money]], currency: str) -> Mapping[int, Tax]:
    """Sums over parts (rate and gross amount), the lowest rate first."""
    return {
        rate: Tax(
            gross=total([gross for bp, gross in parts if bp == rate], currency),
            amount=total([tax_in(gross, bp) for bp, gross in parts if bp == rate], currency),
        )
        for rate in sorted({bp for bp, _ in parts})
    }
