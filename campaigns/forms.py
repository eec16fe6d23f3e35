"""What the counter's deal and post pages may send."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from core.errors import InvalidForm
from core.money import Money, parse
from core.shops import Shop


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


Count = Annotated[Annotated[int, Field(ge=0, le=1_000_000)] | None, BeforeValidator(_none_if_blank)]
# At the ends of the calendar midnight here is no day elsewhere.
Day = Annotated[
    Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))] | None,
    BeforeValidator(_none_if_blank),
]
# Beyond this no row is counted (an INTEGER of PostgreSQL).
Number = Annotated[int, Field(gt=0, lt=2**31)]
Percent = Annotated[int | None, BeforeValidator(_none_if_blank)]


class DealForm(BaseModel):
    """A new deal; `code` opens it, and without one it applies by itself."""

    title: str = ""
    text: str = Field(default="", max_length=2000)
    kind: Literal["percent", "amount", "shipping"] = "percent"
    percent: Percent = None
    amount: str = ""
    minimum: str = ""
    product_ids: list[Number] = []
    starts_on: Day = None
    ends_on: Day = None
    with_code: bool = False
    code: str = Field(default="", max_length=40)
    total_limit: Count = None
    per_customer_limit: Count = None


class CodeForm(BaseModel):
    """One more code for a deal."""

    code: str = Field(default="", max_length=40)
    total_limit: Count = None
    per_customer_limit: Count = None


class PostForm(BaseModel):
    """A deal for the wall. Facebook takes long texts; nobody reads them."""

    text: str = Field(min_length=1, max_length=5000)
    link: str = Field(default="", max_length=2000, pattern=r"^(https?://\S+)?$")
    code_id: Annotated[int | None, BeforeValidator(_none_if_blank)] = None
    with_picture: bool = False


SENTENCES = {
    "percent": "Please enter a whole percentage from 1 to 100.",
    "total_limit": "Please enter a whole number, or leave it empty for no limit.",
    "per_customer_limit": "Please enter a whole number, or leave it empty for no limit.",
    "starts_on": "Please enter a date.",
    "ends_on": "Please enter a date.",
    "text": "Please write a text of up to 5,000 characters.",
    "link": "A link begins with https://",
}


def read_form(kind: type[BaseModel], data: dict[str, Any]) -> Any:
    """The form, or InvalidForm with a sentence for each field that does not fit."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        fields = {str(problem["loc"][0]) for problem in error.errors()}
        raise InvalidForm(
            {name: SENTENCES.get(name, "Please check this field.") for name in fields}
        ) from None


def read_amount(text: str, name: str, shop: Shop) -> Money | None:
    if not text.strip():
        return None
    try:
        return parse(text, shop.currency)
    except ValueError:
        raise InvalidForm({name: "Please enter an amount such as 5,00."}) from None


def first_moment(day: date | None, shop: Shop) -> datetime | None:
    """Midnight where the shop is."""
    return datetime.combine(day, time.min, ZoneInfo(shop.timezone)) if day else None
