"""What people may send us, checked field by field, with a sentence for each that does not fit."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    ValidationError,
)

from core.errors import InvalidForm
from storefront.business import read_vat_id
from storefront.models import Door
from storefront.orders.models import Delivery

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2028\u2029\u202a-\u202e]")
LARGEST_ID = 2**31 - 1


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub("", text).split())


def _lines(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


Line = Annotated[str, AfterValidator(_one_line)]
Text = Annotated[str, AfterValidator(_lines)]
F = TypeVar("F", bound="Form")


class Form(BaseModel):
    """Reads text fields; `SENTENCES` say what is wrong with which."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    SENTENCES: ClassVar[dict[str, str]] = {}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Empty fields count as not given. Raises InvalidForm."""
        given = {
            name: data[name]
            for name in cls.model_fields
            if isinstance(data.get(name), str) and data[name].strip()
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise InvalidForm(_sentences(cls, error)) from None


def _sentences(form: type[Form], error: ValidationError) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in error.errors(include_input=False, include_url=False):
        place = str(problem["loc"][0]) if problem["loc"] else ""
        if problem["type"] == "string_too_long":
            found[place] = "This is too long."
        else:
            found[place] = form.SENTENCES.get(place, "Please check this field.")
    return found or {"": "Please check the form."}


class PutForm(Form):
    variant: int = Field(gt=0, le=LARGEST_ID)
    quantity: int = Field(default=1, ge=0, le=10_000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "variant": "Please choose what you would like to have.",
        "quantity": "Please enter how many you would like to have.",
    }


class Wishes(Form):
    """Who an order is for, where it goes, when, and what comes with it."""

    name: Line = Field(min_length=2, max_length=120)
    phone: Line = Field(default="", max_length=40)
    company: Line = Field(default="", max_length=150)
    vat_id: Annotated[str, AfterValidator(read_vat_id)] = Field(default="", max_length=30)
    delivery: Delivery = "delivery"
    street: Line = Field(default="", max_length=150)
    postcode: Line = Field(default="", max_length=12)
    town: Line = Field(default="", max_length=100)
    country: Line = Field(default="", max_length=2)
    recipient: Line = Field(default="", max_length=120)
    card_text: Text = Field(default="", max_length=500)
    wish_date: date | None = None
    remark: Text = Field(default="", max_length=1000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "name": "Please enter your name.",
        "email": "Please enter an e-mail address like name@example.org.",
        "vat_id": "Please check this VAT ID. It looks like DE136695976; leave it empty without one.",
        "phone": "Please enter a telephone number, or leave this empty.",
        "wish_date": "Please enter a day like 24.12.2026, or leave this empty.",
        "delivery": "Please choose delivery or pick-up.",
        "basket_version": "Please open the order page anew.",
        "total_minor": "Please open the order page anew.",
        "seen": "Please open the order page anew.",
    }

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Everything that is wrong is told at once, the address included."""
        wrong = _address_misfits(data) | _company_misfits(data)
        try:
            form = super().read(data)
        except InvalidForm as error:
            raise InvalidForm(error.fields | wrong) from None
        if wrong:
            raise InvalidForm(wrong)
        return form


class OrderForm(Wishes):
    """`basket_version` and `total_minor` are what the buyer looked at when pressing the button:
    an order over anything else is refused. Addresses are checked against the shop at placing."""

    basket_version: int = Field(ge=0, le=LARGEST_ID)
    total_minor: int | None = Field(default=None, ge=0, le=LARGEST_ID)
    email: EmailStr = Field(max_length=254)
    came_from: Door = "shop"
    review_wanted: bool = False
    locale: str = Field(default="de", max_length=5)


class CorrectionForm(Wishes):
    """`seen` is the fingerprint of what was looked at. Without an `email` it stays."""

    seen: str = Field(max_length=16)
    email: EmailStr | None = Field(default=None, max_length=254)


_ADDRESS = {
    "street": "Please enter street and house number.",
    "postcode": "Please enter the postcode.",
    "town": "Please enter the town.",
    "country": "Please choose the country.",
}


def _address_misfits(data: Mapping[str, Any]) -> dict[str, str]:
    if data.get("delivery", "delivery") != "delivery":
        return {}
    told = {name: _one_line(str(data.get(name) or "")) for name in _ADDRESS}
    wrong = {name: said for name, said in _ADDRESS.items() if not told[name]}
    if (
        told["country"] == "DE"
        and told["postcode"]
        and not re.fullmatch(r"\d{5}", told["postcode"])
    ):
        wrong["postcode"] = "A German postcode has five digits."
    return wrong


def _company_misfits(data: Mapping[str, Any]) -> dict[str, str]:
    told = {name: _one_line(str(data.get(name) or "")) for name in ("company", "vat_id")}
    if told["vat_id"] and not told["company"]:
        return {"company": "Please enter the company this VAT ID belongs to."}
    return {}


class WithdrawalForm(Form):
    """What §356a BGB lets a shop ask for: name, contract, a way to confirm the receipt."""

    name: Line = Field(min_length=2, max_length=120)
    contract: Line = Field(min_length=1, max_length=200)
    email: EmailStr = Field(max_length=254)
    scope: Text = Field(default="", max_length=2000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "name": "Please enter your name.",
        "contract": "Please enter the order number, or describe what you ordered and when.",
        "email": "Please enter an e-mail address like name@example.org.",
    }
