"""What the merchant enters for invoices."""

import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from storefront.forms import Form, Line


def _close(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def _vat_id(text: str) -> str:
    """Council Directive 2006/112/EC Art. 215: the country's two letters before the number."""
    if text and not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", text):
        raise ValueError("no VAT ID")
    return text


class SellerForm(Form):
    """`prefix` stands before every number; it is part of web addresses."""

    name: Line = Field(default="", max_length=150)
    street: Line = Field(default="", max_length=150)
    postcode: Line = Field(default="", max_length=12)
    town: Line = Field(default="", max_length=100)
    country: str = Field(default="DE", pattern=r"^[A-Z]{2}$")
    tax_number: Line = Field(default="", max_length=30)
    vat_id: Annotated[str, AfterValidator(_close), AfterValidator(_vat_id)] = Field(
        default="", max_length=20
    )
    bank: Line = Field(default="", max_length=200)
    prefix: str = Field(default="", max_length=10, pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")

    SENTENCES: ClassVar[dict[str, str]] = {
        "vat_id": "Please enter a VAT ID like DE123456789.",
        "prefix": "Please use up to 10 letters, digits and hyphens.",
        "country": "Please choose a country.",
    }
