"""A packing slip as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.translations import Translate


@dataclass(frozen=True, slots=True)
class Slip:
    """One sheet. `goods` are pieces, name and unit; `parcel` is 0 for all that is not sent yet."""

    translate: Translate
    locale: str
    shop_name: str
    sender: Sequence[str]
    contact: Sequence[str]
    recipient: Sequence[str]
    order_number: int
    ordered_on: date
    parcel: int
    wish_date: date | None
    is_pickup: bool
    goods: Sequence[tuple[int, str, str]]
    rest: Sequence[tuple[int, str, str]]
    card_text: str
    card_from: str
    personal_line: str
    remark: str
