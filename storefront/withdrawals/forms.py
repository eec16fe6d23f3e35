"""What buyers and staff may send about a case."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from multidict import MultiMapping
from pydantic import EmailStr, Field

from core.errors import InvalidForm
from storefront.counter_forms import read_price
from storefront.forms import LARGEST_ID, Form, Line, Text
from storefront.withdrawals.coming_back import Arrived

_NUMBER = re.compile(r"\d{1,5}", re.ASCII)
_PIECES = "Please enter how many pieces."


class LinesForm(Form):
    """From the order's page: the order is known, so is where the confirmation goes."""

    name: Line = Field(min_length=2, max_length=120)
    email: EmailStr | None = Field(default=None, max_length=254)
    scope: Text = Field(default="", max_length=2000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "name": "Please enter your name.",
        "email": "Please enter an e-mail address like name@example.org.",
    }


class AcceptForm(Form):
    way: Literal["address", "label", "none"] = "address"
    link: Line = Field(default="", max_length=500)

    SENTENCES: ClassVar[dict[str, str]] = {"way": "Please choose how the goods come back."}


class RejectForm(Form):
    reason: Text = Field(min_length=1, max_length=1000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "reason": "Please give the reason: the customer reads it."
    }


class ProofForm(Form):
    proof: Line = Field(min_length=1, max_length=300)

    SENTENCES: ClassVar[dict[str, str]] = {"proof": "Please note what was shown."}


class AssignForm(Form):
    order_id: int = Field(gt=0, le=LARGEST_ID)

    SENTENCES: ClassVar[dict[str, str]] = {"order_id": "Please choose an order."}


class OpenForm(Form):
    kind: Literal["withdrawal", "return", "exchange", "claim"]
    came_on: date | None = None
    words: Text = Field(default="", max_length=1000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "kind": "Please choose what it is.",
        "came_on": "Please enter the day on which it came, within the last twelve months.",
    }

    def came_at(self, zone: str, now: datetime) -> datetime:
        """Noon of that day, or now. Raises InvalidForm for days that cannot be meant."""
        today = now.astimezone(ZoneInfo(zone)).date()
        if self.came_on is None or self.came_on == today:
            return now
        if not today - timedelta(days=365) <= self.came_on < today:
            raise InvalidForm({"came_on": self.SENTENCES["came_on"]})
        return datetime.combine(self.came_on, time(12), ZoneInfo(zone))


def read_pieces(data: MultiMapping[Any]) -> dict[int, int]:
    """Ticked lines with their numbers. Raises InvalidForm."""
    ticked = [str(one) for one in data.getall("line", [])][:200]
    return {int(one): _number(data, f"pieces-{one}") for one in ticked
            if one.isascii() and one.isdigit() and len(one) < len(str(LARGEST_ID))}  # fmt: skip


def read_arrived(
    data: MultiMapping[Any], line_ids: Iterable[int], currency: str
) -> dict[int, Arrived]:
    """Raises InvalidForm."""
    return {line_id: _arrived(data, line_id, currency) for line_id in line_ids}


def _arrived(data: MultiMapping[Any], line_id: int, currency: str) -> Arrived:
    lost = str(data.get(f"lost-{line_id}", "")).strip()
    why = " ".join(str(data.get(f"why-{line_id}", "")).replace("\0", "").split())[:300]
    return Arrived(
        pieces=_number(data, f"came-{line_id}"),
        sellable=_number(data, f"sellable-{line_id}"),
        lost_minor=read_price(lost, currency, f"lost-{line_id}").minor if lost else 0,
        reason=why,
    )


def _number(data: MultiMapping[Any], name: str) -> int:
    text = str(data.get(name, "")).strip()
    if not _NUMBER.fullmatch(text):
        raise InvalidForm({name: _PIECES})
    return int(text)
