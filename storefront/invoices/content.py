"""What an invoice says, as plain values that are stored with it and never computed anew."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Seller(_Frozen):
    name: str
    street: str
    postcode: str
    town: str
    country: str
    tax_number: str = ""
    vat_id: str = ""
    email: str = ""
    phone: str = ""
    bank: str = ""


class Buyer(_Frozen):
    """Without an address where the goods are picked up. `recipient` is somebody else who gets
    the goods there. A business is named by `company`; `name` is then who ordered for it."""

    name: str
    email: str
    company: str = ""
    vat_id: str = ""
    street: str = ""
    postcode: str = ""
    town: str = ""
    country: str = ""
    recipient: str = ""


class Row(_Frozen):
    """`unit_minor * quantity - discount_minor = total_minor`, gross; `tax_minor` is contained."""

    name: str
    unit_text: str = ""
    quantity: int
    unit_minor: int
    discount_minor: int = 0
    total_minor: int
    tax_bp: int
    tax_minor: int


class Earlier(_Frozen):
    """Another document of the same order."""

    number: str
    on: date


class Rate(_Frozen):
    """All that stands under one VAT rate."""

    tax_bp: int
    gross_minor: int
    tax_minor: int

    @property
    def net_minor(self) -> int:
        return self.gross_minor - self.tax_minor


class Content(_Frozen):
    """`goods - discount + shipping = total`, all gross; the rates' gross adds up to the total.

    A cancellation names the invoice it takes back, and in `cancels_also` the additional ones it
    touches; its sums are negative. An additional invoice names the first one in `adds_to`.
    `in_part`: the rows are all there is, delivery among them. `set_off`: written together with
    its counterpart when something was exchanged.
    """

    seller: Seller
    buyer: Buyer
    order_number: int
    ordered_on: date
    paid_on: date | None
    performed_on: date
    delivery: str
    small_business: bool
    code: str = ""
    rows: list[Row]
    goods_minor: int
    discount_minor: int
    shipping_minor: int
    shipping_tax_bp: int
    shipping_tax_minor: int
    rates: list[Rate]
    total_minor: int
    cancels_number: str = ""
    cancels_on: date | None = None
    cancels_also: list[Earlier] = []
    adds_to: Earlier | None = None
    in_part: bool = False
    set_off: bool = False

    @property
    def tax_minor(self) -> int:
        return sum(rate.tax_minor for rate in self.rates)

    @property
    def earlier(self) -> list[Earlier]:
        """The documents this one is about."""
        if self.cancels_on is not None:
            return [Earlier(number=self.cancels_number, on=self.cancels_on), *self.cancels_also]
        return [self.adds_to] if self.adds_to else []
