"""What we send, as values: no platform's JSON, and no platform's limits (those are limits.py)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from core.money import Money

ButtonKind = Literal["url", "postback"]


@dataclass(frozen=True, slots=True)
class Button:
    """`value` is an address (`url`) or a payload that comes back when tapped (`postback`)."""

    kind: ButtonKind
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A suggestion above the keyboard; tapping it sends `payload` back."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    quick_replies: tuple[QuickReply, ...] = ()


@dataclass(frozen=True, slots=True)
class Buttons:
    """A text with one to three buttons under it; more are sent as further messages."""

    text: str
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    subtitle: str = ""
    picture_url: str | None = None
    url: str | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Cards side by side."""

    cards: tuple[Card, ...]
    quick_replies: tuple[QuickReply, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    name: str
    quantity: int
    total_minor: int
    note: str = ""
    picture_url: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was bought. `order_number` must be new for each receipt (Messenger Platform docs).

    `text` is the same said in words, for platforms without receipts.
    """

    text: str
    recipient_name: str
    order_number: str
    currency: str
    payment_method: str
    lines: tuple[ReceiptLine, ...]
    total_minor: int
    shipping_minor: int = 0
    tax_minor: int = 0
    discounts: tuple[tuple[str, int], ...] = ()
    order_url: str | None = None
    ordered_at: int | None = None

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon code to reveal. `text` says the same where coupons are not known."""

    title: str
    code: str
    text: str
    subtitle: str = ""
    url: str | None = None
    button: str = ""
    picture_url: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its public address."""

    url: str
    text: str = ""


Reply = Text | Buttons | Cards | Receipt | Coupon | Picture

_KINDS: dict[str, type[Any]] = {
    "text": Text,
    "buttons": Buttons,
    "cards": Cards,
    "receipt": Receipt,
    "coupon": Coupon,
    "picture": Picture,
}
_PARTS: dict[str, type[Any]] = {
    "quick_replies": QuickReply,
    "buttons": Button,
    "cards": Card,
    "lines": ReceiptLine,
}


def to_json(reply: Reply) -> dict[str, Any]:
    """For the row: `{"kind": "cards", …}`."""
    kind = next(name for name, shape in _KINDS.items() if isinstance(reply, shape))
    return {"kind": kind, **asdict(reply)}


def from_json(content: dict[str, Any]) -> Reply:
    reply: Reply = _build(_KINDS[content["kind"]], content)
    return reply


def _build(shape: type[Any], values: dict[str, Any]) -> Any:
    known = {field.name for field in fields(shape)}
    return shape(**{name: _value(name, value) for name, value in values.items() if name in known})


def _value(name: str, value: Any) -> Any:
    if name in _PARTS:
        return tuple(_build(_PARTS[name], part) for part in value)
    if name == "discounts":
        return tuple((str(label), int(minor)) for label, minor in value)
    return value


def words(reply: Reply) -> str:
    """The reply as plain text: what the counter shows and what search finds."""
    match reply:
        case Text(text=text) | Receipt(text=text) | Coupon(text=text) | Picture(text=text):
            return text
        case Buttons(text=text, buttons=buttons):
            return "\n".join([text, *_labels(buttons)])
        case Cards(cards=cards):
            return "\n".join(line for card in cards for line in _card_lines(card))


def _card_lines(card: Card) -> list[str]:
    heading = f"{card.title} – {card.subtitle}" if card.subtitle else card.title
    return [heading, *_labels(card.buttons)]


def _labels(buttons: Sequence[Button]) -> list[str]:
    return [f"[{button.title}]" for button in buttons]
