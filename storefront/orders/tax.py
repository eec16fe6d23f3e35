"""The VAT contained in an order, by rate: what a receipt has to show."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.money import Money
from storefront.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class TaxRow:
    tax_bp: int
    gross: Money
    tax: Money


def tax_rows(order: Order, lines: Sequence[OrderLine]) -> list[TaxRow]:
    """Empty where no VAT is shown."""
    if order.small_business:
        return []
    parts = [(line.tax_bp, line.total_minor, line.tax_minor) for line in lines]
    shipping = order.shipping_minor - order.shipping_discount_minor
    if shipping:
        parts.append((order.shipping_tax_bp, shipping, order.shipping_tax_minor))
    return [
        TaxRow(
            rate,
            order.money(sum(gross for bp, gross, _ in parts if bp == rate)),
            order.money(sum(tax for bp, _, tax in parts if bp == rate)),
        )
        for rate in sorted({bp for bp, _, _ in parts})
    ]
