"""Sentences for people, made before it is known in which language they will be read."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal

from core.errors import InvalidForm, ShopError
from core.money import Money
from core.shops import Shop
from core.translations import Translate
from promotions.rules import Applied, Refused

NoteKind = Literal["info", "success", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Note:
    """`sentence` is an English msgid with `%(name)s` places; amounts are put in as `Money`."""

    sentence: str
    kind: NoteKind = "info"
    details: dict[str, Any] = field(default_factory=dict)

    def text(self, translate: Translate, locale: str) -> str:
        return say(self.sentence, self.details, translate, locale)


def say(sentence: str, details: dict[str, Any], translate: Translate, locale: str) -> str:
    told = {
        name: value.text(locale) if isinstance(value, Money) else value
        for name, value in details.items()
    }
    return translate(sentence) % told if told else translate(sentence)


def note_of(error: ShopError) -> Note:
    if isinstance(error, InvalidForm):
        return Note(next(iter(error.fields.values()), error.sentence), "error")
    return Note(error.sentence, "error", dict(error.details))


_REFUSALS = {
    "minimum_not_reached": "For the code %(code)s, goods for %(missing)s more must be in the basket.",
    "no_matching_products": "The code %(code)s is for other products than those in your basket.",
    "shipping_is_free_already": "Delivery is free already, so the code %(code)s is not needed.",
    "a_better_deal_applies": (
        "A better deal applies already, so the code %(code)s changes nothing here."
    ),
    "other_currency": "The code %(code)s is for another currency.",
}


def code_note(code: str, decision: Applied | Refused) -> Note:
    """What became of a code that is valid."""
    if isinstance(decision, Applied):
        return Note("The code %(code)s takes %(amount)s off.", "success",
                    {"code": code, "amount": decision.amount})  # fmt: skip
    details: dict[str, Any] = {"code": code}
    if decision.missing is not None:
        details["missing"] = decision.missing
    return Note(_REFUSALS[decision.reason], "info", details)


def percent(tax_bp: int, locale: str) -> str:
    """A VAT rate in basis points as people write it: `19 %`, `5,5 %`."""
    number: str = format_decimal(Decimal(tax_bp) / 100, locale=locale)
    return f"{number}\u00a0%"


def exact_time(at: datetime, shop: Shop, locale: str) -> str:
    """Date and time to the second with the zone, as §356a BGB wants the receipt of a withdrawal
    confirmed."""
    zone = ZoneInfo(shop.timezone)
    told: str = format_datetime(at, "dd.MM.yyyy HH:mm:ss z", tzinfo=zone, locale=locale)
    return told
