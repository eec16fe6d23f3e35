"""The order while it is being changed, and how a line of it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.money import Money
from promotions.taxes import tax_in
from storefront.changes.errors import LineUnknown
from storefront.changes.order_states import Back, LineState, OrderState, Ware


@dataclass(frozen=True, slots=True)
class Freed:
    """Pieces this change has taken off a line, and their share of its discount: what replaces
    them takes it over."""

    pieces: int = 0
    discount_minor: int = 0


@dataclass(slots=True)
class Desk:
    """The order while it is being changed."""

    state: OrderState
    wares: Mapping[int, Ware]
    is_within_window: bool
    backs: list[Back] = field(default_factory=list)
    freed: dict[int | None, Freed] = field(default_factory=dict)

    def find(self, line_id: int) -> LineState:
        for line in self.state.lines:
            if line.line_id == line_id:
                return line
        raise LineUnknown()

    def freed_of(self, line: LineState) -> Freed:
        return self.freed.get(line.line_id, Freed())

    def put(self, former: LineState, line: LineState) -> None:
        lines = tuple(line if one is former else one for one in self.state.lines)
        self.state = replace(self.state, lines=lines)

    def append(self, line: LineState) -> None:
        self.state = replace(self.state, lines=(*self.state.lines, line))

    def money(self, minor: int) -> Money:
        return Money(minor, self.state.currency)


def new_line(ware: Ware, quantity: int, unit_minor: int, discount_minor: int) -> LineState:
    return taxed(
        LineState(
            line_id=None, variant_id=ware.variant_id, product_id=ware.product_id, name=ware.name,
            quantity=quantity, unit_minor=unit_minor, discount_minor=discount_minor,
            tax_bp=ware.tax_bp, tax_minor=0, unit_text=ware.unit_text,
            no_withdrawal=ware.no_withdrawal,
        )
    )  # fmt: skip


def taxed(line: LineState) -> LineState:
    """VAT is a part of the line's gross total, rounded once (currency plays no part in that)."""
    return replace(line, tax_minor=tax_in(Money(line.total_minor, "EUR"), line.tax_bp).minor)
