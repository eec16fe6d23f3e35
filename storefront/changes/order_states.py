"""An order as plain values: what of it a change can touch, before and after."""

from dataclasses import dataclass

from core.money import Money
from storefront.changes.rows import ChangeRow


@dataclass(frozen=True, slots=True)
class LineState:
    """A line of the order. `line_id` is None for one that is new.

    `percent` is set where the discount is one, so that more pieces get it too; an amount that came
    off once does not come off again. `here` counts pieces that are with the customer, `kept_minor`
    is what stays with the shop of pieces that came back.
    """

    line_id: int | None
    variant_id: int
    product_id: int
    name: str
    quantity: int
    unit_minor: int
    discount_minor: int
    tax_bp: int
    tax_minor: int
    kept_minor: int = 0
    here: int = 0
    came_back: int = 0
    unit_text: str = ""
    percent: int = 0
    deal_id: int | None = None
    no_withdrawal: str = ""

    @property
    def total_minor(self) -> int:
        return self.unit_minor * self.quantity - self.discount_minor + self.kept_minor


@dataclass(frozen=True, slots=True)
class Ware:
    """What a variant costs: `today` as the shop shows it, `then` when the order was placed."""

    variant_id: int
    product_id: int
    name: str
    today_minor: int
    then_minor: int
    tax_bp: int
    unit_text: str = ""
    no_withdrawal: str = ""


@dataclass(frozen=True, slots=True)
class OrderState:
    """What of an order a change can touch."""

    currency: str
    lines: tuple[LineState, ...]
    shipping_minor: int
    shipping_discount_minor: int
    shipping_tax_bp: int
    shipping_tax_minor: int
    credited_minor: int

    @property
    def total_minor(self) -> int:
        goods = sum(line.total_minor for line in self.lines)
        return goods + self.shipping_minor - self.shipping_discount_minor

    @property
    def owed_minor(self) -> int:
        return self.total_minor - self.credited_minor


@dataclass(frozen=True, slots=True)
class Back:
    """Pieces that came back from the customer; `restock` puts them on the shelf again."""

    line_id: int
    quantity: int
    restock: bool


@dataclass(frozen=True, slots=True)
class Reckoned:
    before: OrderState
    after: OrderState
    rows: tuple[ChangeRow, ...]
    backs: tuple[Back, ...]

    @property
    def difference_minor(self) -> int:
        """More for the customer to pay, or (negative) less."""
        return self.after.owed_minor - self.before.owed_minor

    @property
    def to_pay(self) -> Money:
        return Money(max(0, self.difference_minor), self.after.currency)

    @property
    def to_refund(self) -> Money:
        return Money(max(0, -self.difference_minor), self.after.currency)

    @property
    def changes_nothing(self) -> bool:
        return self.before == self.after and not self.backs
