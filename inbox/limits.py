"""Replies made to fit: whatever is to be said, what leaves is within the platform's limits.

Numbers from the Messenger Platform reference (Send API, templates, quick replies) and the
Instagram messaging docs (text in bytes, neither receipts nor coupons).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from inbox.replies import (
    Button,
    Buttons,
    Card,
    Cards,
    Coupon,
    Picture,
    QuickReply,
    Receipt,
    ReceiptLine,
    Reply,
    Text,
)
from inbox.texts import Fits, clip, in_bytes, in_units, split, storable

Part = TypeVar("Part")

MESSENGER_TEXT = 1999
INSTAGRAM_BYTES = 1000
BUTTON_TEXT = 640
BUTTON_TITLE = 20
BUTTONS = 3
PAYLOAD = 1000
QUICK_REPLIES = 13
CARD_LINE = 80
CARDS = 10
RECEIPT_LINES = 100
FACEBOOK_COMMENT = 8000
INSTAGRAM_COMMENT = 2200


def text_fits(platform: str) -> Fits:
    return in_bytes(INSTAGRAM_BYTES) if platform == "instagram" else in_units(MESSENGER_TEXT)


def comment_limit(platform: str) -> int:
    return INSTAGRAM_COMMENT if platform == "instagram" else FACEBOOK_COMMENT


def fit(reply: Reply, platform: str) -> list[Reply]:
    """The same said in messages the platform takes, in order. Empty when nothing is said."""
    match reply:
        case Text():
            return _text(reply.text, platform, _quick(reply.quick_replies))
        case Buttons():
            return _buttons(reply, platform)
        case Cards():
            return _cards(reply, platform)
        case Receipt():
            return _receipt(reply, platform)
        case Coupon():
            return _coupon(reply, platform)
        case Picture():
            shown = [replace(reply, text="")] if _is_address(reply.url) else []
            return [*_text(reply.text, platform), *shown]


def _text(text: str, platform: str, quick: tuple[QuickReply, ...] = ()) -> list[Reply]:
    pieces = split(storable(text), text_fits(platform))
    messages: list[Reply] = [Text(piece) for piece in pieces]
    if messages and quick:
        messages[-1] = Text(pieces[-1], quick)
    return messages


def _quick(quick_replies: Sequence[QuickReply]) -> tuple[QuickReply, ...]:
    # A payload is not text: cut short it would come back as something else, so it goes whole
    # or not at all.
    fitting = [
        QuickReply(title, one.payload)
        for one in quick_replies
        if (title := _title(one.title)) and 0 < len(one.payload) <= PAYLOAD
    ]
    return tuple(fitting[:QUICK_REPLIES])


def _title(text: str) -> str:
    return clip(storable(text), in_units(BUTTON_TITLE))


def _pressable(buttons: Sequence[Button]) -> tuple[Button, ...]:
    return tuple(
        replace(button, title=title)
        for button in buttons
        if (title := _title(button.title)) and _leads_somewhere(button)
    )


def _leads_somewhere(button: Button) -> bool:
    if button.kind == "url":
        return _is_address(button.value)
    return 0 < len(button.value) <= PAYLOAD


def _groups(parts: Sequence[Part], size: int) -> list[tuple[Part, ...]]:
    return [tuple(parts[start : start + size]) for start in range(0, len(parts), size)]


def _buttons(reply: Buttons, platform: str) -> list[Reply]:
    groups = _groups(_pressable(reply.buttons), BUTTONS)
    if not groups:
        return _text(reply.text, platform)
    fits = in_units(BUTTON_TEXT)
    pieces = split(storable(reply.text), fits) or ["…"]
    said = _text("\n\n".join(pieces[:-1]), platform)
    pressed: list[Reply] = [
        Buttons(pieces[-1] if place == 0 else "…", group) for place, group in enumerate(groups)
    ]
    return [*said, *pressed]


def _cards(reply: Cards, platform: str) -> list[Reply]:
    fitting = [card for one in reply.cards if (card := _card(one))]
    quick = _quick(reply.quick_replies)
    messages: list[Reply] = [Cards(group) for group in _groups(fitting, CARDS)]
    if messages and quick:
        last = messages[-1]
        messages[-1] = replace(last, quick_replies=quick) if isinstance(last, Cards) else last
    return messages


def _card(card: Card) -> Card | None:
    line = in_units(CARD_LINE)
    title, subtitle = clip(storable(card.title), line), clip(storable(card.subtitle), line)
    if not title:
        title, subtitle = subtitle, ""
    if not title:
        return None
    buttons = _pressable(card.buttons)[:BUTTONS]
    url, picture = _address(card.url), _address(card.picture_url)
    # Messenger Platform docs, generic template: at least one property beside the title.
    if not (subtitle or picture or url or buttons):
        subtitle = "–"
    return Card(title, subtitle, picture, url, buttons)


def _address(address: str | None) -> str | None:
    return address if _is_address(address) else None


def _is_address(address: str | None) -> bool:
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.netloc) and " " not in parts.netloc


def _receipt(reply: Receipt, platform: str) -> list[Reply]:
    if platform == "instagram" or not storable(reply.order_number).strip():
        return _said_with_link(reply.text, reply.order_number, reply.order_url, platform)
    line = in_units(CARD_LINE)
    lines = tuple(
        ReceiptLine(
            clip(storable(one.name), line) or "–",
            one.quantity,
            one.total_minor,
            clip(storable(one.note), line),
            _address(one.picture_url),
        )
        for one in reply.lines[:RECEIPT_LINES]
    )
    name = clip(storable(reply.recipient_name), line) or "–"
    payment = clip(storable(reply.payment_method), line) or "–"
    return [
        replace(
            reply,
            text=storable(reply.text),
            recipient_name=name,
            lines=lines,
            payment_method=payment,
            order_number=storable(reply.order_number).strip(),
            discounts=tuple(
                (clip(storable(word), line) or "–", cut) for word, cut in reply.discounts
            ),
            order_url=_address(reply.order_url),
        )
    ]


def _coupon(reply: Coupon, platform: str) -> list[Reply]:
    line = in_units(CARD_LINE)
    title = clip(storable(reply.title), line)
    if platform == "instagram" or not title or not reply.code or " " in reply.code:
        return _said_with_link(reply.text, reply.button, reply.url, platform)
    return [
        replace(
            reply,
            title=title,
            subtitle=clip(storable(reply.subtitle), line),
            button=_title(reply.button),
            url=_address(reply.url),
            picture_url=_address(reply.picture_url),
        )
    ]


def _said_with_link(text: str, title: str, url: str | None, platform: str) -> list[Reply]:
    if url is not None and _is_address(url) and title.strip():
        return fit(Buttons(text, (Button("url", title, url),)), platform)
    return _text(text, platform)
