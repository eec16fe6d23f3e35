"""What staff sends from behind the counter."""

from decimal import Decimal, InvalidOperation
from typing import ClassVar, Literal

from pydantic import Field

from core.errors import InvalidForm
from core.money import Money, parse
from storefront.forms import LARGEST_ID, Form, Line, Text
from storefront.models import ContentUnit, HoldPolicy
from storefront.withdrawals.exemptions import Exemption

TAX_RATES = (1900, 700, 0)
_LARGEST_MINOR = 99_999_999


class ProductForm(Form):
    name: Line = Field(min_length=1, max_length=150)
    description: Text = Field(default="", max_length=5000)
    tax_bp: int = Field(default=1900, ge=0, le=5000)
    position: int = Field(default=0, ge=0, le=100_000)
    content_unit: ContentUnit = ""
    producer: Text = Field(default="", max_length=1000)
    responsible_person: Text = Field(default="", max_length=1000)
    warnings: Text = Field(default="", max_length=2000)
    safety_exempt: bool = False
    guarantee: Text = Field(default="", max_length=500)
    hold_policy: Literal["", "hold", "first_paid"] = ""
    no_withdrawal: Exemption = ""

    SENTENCES: ClassVar[dict[str, str]] = {
        "name": "Please give the product a name.",
        "position": "Please enter a number.",
    }


class VariantForm(Form):
    """`price` and `content` are read with `read_price` and `read_content`."""

    name: Line = Field(default="", max_length=80)
    sku: Line = Field(default="", max_length=60)
    price: Line = Field(max_length=20)
    content: Line = Field(default="", max_length=20)
    pieces: int = Field(default=0, ge=0, le=1_000_000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "price": "Please enter a price like 12.90.",
        "pieces": "Please enter how many there are.",
    }


class StockForm(Form):
    change: int = Field(ge=-1_000_000, le=1_000_000)
    reason: Line = Field(default="", max_length=200)

    SENTENCES: ClassVar[dict[str, str]] = {
        "change": "Please enter how many came in (12) or are gone (-2).",
    }


class PartForm(Form):
    """So many pieces of `part` in one bundle."""

    part: int = Field(ge=1, le=LARGEST_ID)
    pieces: int = Field(ge=1, le=99)

    SENTENCES: ClassVar[dict[str, str]] = {
        "part": "Please choose what is in the bundle.",
        "pieces": "Please enter a number from 1 to 99.",
    }


class WindowForm(Form):
    """The shop's own settings; amounts are read with `read_price`."""

    welcome: Line = Field(default="", max_length=300)
    contact_email: Line = Field(default="", max_length=254, pattern=r"^$|^\S+@\S+\.\S+$")
    contact_phone: Line = Field(default="", max_length=40)
    shipping_fee: Line = Field(default="0", max_length=20)
    free_from: Line = Field(default="", max_length=20)
    shipping_tax_bp: int = Field(default=1900, ge=0, le=5000)
    small_business: bool = False
    delivery_text: Line = Field(default="", max_length=300)
    payment_text: Line = Field(default="", max_length=500)
    pickup_offered: bool = False
    pickup_text: Text = Field(default="", max_length=500)
    hold_policy: HoldPolicy = "hold"
    apology: Text = Field(default="", max_length=500)
    apology_deal: Line = Field(default="", max_length=10)
    hold_minutes: int = Field(default=45, ge=30, le=1440)
    own_correction_hours: int = Field(default=24, ge=0, le=720)
    agreed_price_days: int = Field(default=30, ge=0, le=365)
    change_wait_hours: int = Field(default=72, ge=1, le=720)
    return_address: Text = Field(default="", max_length=500)
    withdrawal_days: int = Field(default=14, ge=14, le=365)
    delivery_days: int = Field(default=3, ge=0, le=30)

    SENTENCES: ClassVar[dict[str, str]] = {
        "contact_email": "Please enter an e-mail address like name@example.org.",
        "hold_minutes": "Please enter 30 to 1440 minutes: Stripe's pay page is open for at least 30.",
        "own_correction_hours": "Please enter 0 to 720 hours; 0 means never.",
        "agreed_price_days": "Please enter 0 to 365 days; 0 means never.",
        "change_wait_hours": "Please enter 1 to 720 hours.",
        "withdrawal_days": "Please enter 14 to 365 days: the law gives at least 14.",
        "delivery_days": "Please enter 0 to 30 days.",
    }


class TextsForm(Form):
    imprint: Text = Field(default="", max_length=30_000)
    terms: Text = Field(default="", max_length=60_000)
    privacy: Text = Field(default="", max_length=60_000)
    withdrawal: Text = Field(default="", max_length=30_000)
    accessibility: Text = Field(default="", max_length=30_000)


class ReasonForm(Form):
    reason: Line = Field(default="", max_length=300)


class RefundForm(ReasonForm):
    """`sure`: a bank debit may still be called back, and somebody has read that."""

    sure: bool = False


class ConcernForm(Form):
    concern: Text = Field(default="", max_length=40)


class NoteForm(Form):
    note: Text = Field(default="", max_length=5000)


def read_price(text: str, currency: str, field: str = "price") -> Money:
    """Raises InvalidForm."""
    try:
        price = parse(text, currency)
    except ValueError:
        raise InvalidForm({field: "Please enter an amount like 12.90."}) from None
    if not 0 <= price.minor <= _LARGEST_MINOR:
        raise InvalidForm({field: "This amount is too small or too large."})
    return price


def read_content(text: str) -> int | None:
    """`0,25` of the product's unit as thousandths. Raises InvalidForm."""
    if not text:
        return None
    try:
        thousandths = Decimal(text.replace(",", ".")) * 1000
    except InvalidOperation:
        raise InvalidForm({"content": _CONTENT}) from None
    if not thousandths.is_finite() or not 1 <= thousandths <= 10**9 or thousandths % 1:
        raise InvalidForm({"content": _CONTENT})
    return int(thousandths)


_CONTENT = "Please enter an amount like 0.25, with three decimals at most."
