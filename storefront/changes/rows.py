"""What a settled change did to an order, row by row: signed, as an invoice would list it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

RowKind = Literal["goods", "kept", "shipping", "goodwill"]


class ChangeRow(BaseModel):
    """Positive is more for the customer to pay, negative is less.

    `quantity` pieces of `unit_minor` less `discount_minor` are `total_minor`, gross; `tax_minor`
    of `tax_bp` is contained. A price that changed is two rows: the former back, the new one.
    `kept` stays with the shop of a piece that came back, for what it has lost in value.
    `no_withdrawal` is why the law gives no right of withdrawal for pieces that are added: who
    agrees to them is told, as before ordering.
    `goodwill` is let go of the whole order and belongs to all its rates: its `tax_bp` says nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: RowKind = "goods"
    line_id: int | None = None
    name: str = ""
    unit_text: str = ""
    quantity: int = 1
    unit_minor: int
    discount_minor: int = 0
    total_minor: int
    tax_bp: int = 0
    tax_minor: int = 0
    no_withdrawal: str = ""
