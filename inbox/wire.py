"""Replies as the Send API wants them. What comes in has been through `limits.fit`."""

from typing import Any

from core.money import Money, exponent
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

Message = dict[str, Any]


def to_graph(reply: Reply) -> Message:
    """The `message` of one POST to `/messages`."""
    match reply:
        case Text():
            return {"text": reply.text} | _quick(reply.quick_replies)
        case Buttons():
            buttons = [_button(button) for button in reply.buttons]
            return _template("button", text=reply.text, buttons=buttons)
        case Cards():
            elements = [_card(card) for card in reply.cards]
            return _template("generic", elements=elements) | _quick(reply.quick_replies)
        case Receipt():
            return _template("receipt", **_receipt(reply))
        case Coupon():
            return _template("coupon", **_coupon(reply))
        case Picture():
            return {"attachment": {"type": "image", "payload": {"url": reply.url}}}


def _template(template_type: str, **payload: Any) -> Message:
    given = {name: value for name, value in payload.items() if value not in (None, "")}
    return {"attachment": {"type": "template", "payload": {"template_type": template_type} | given}}


def _quick(quick_replies: tuple[QuickReply, ...]) -> Message:
    if not quick_replies:
        return {}
    return {
        "quick_replies": [
            {"content_type": "text", "title": one.title, "payload": one.payload}
            for one in quick_replies
        ]
    }


def _button(button: Button) -> Message:
    if button.kind == "url":
        return {"type": "web_url", "title": button.title, "url": button.value}
    return {"type": "postback", "title": button.title, "payload": button.value}


def _card(card: Card) -> Message:
    element: Message = {"title": card.title}
    if card.subtitle:
        element["subtitle"] = card.subtitle
    if card.picture_url:
        element["image_url"] = card.picture_url
    if card.url:
        element["default_action"] = {"type": "web_url", "url": card.url}
    if card.buttons:
        element["buttons"] = [_button(button) for button in card.buttons]
    return element


def _receipt(reply: Receipt) -> Message:
    """Amounts are decimal numbers in the receipt template, `timestamp` seconds as text."""
    cuts = [{"name": name, "amount": _amount(reply, abs(minor))} for name, minor in reply.discounts]
    return {
        "recipient_name": reply.recipient_name,
        "order_number": reply.order_number,
        "currency": reply.currency,
        "payment_method": reply.payment_method,
        "order_url": reply.order_url,
        "timestamp": str(reply.ordered_at) if reply.ordered_at is not None else None,
        "elements": [_receipt_line(reply, line) for line in reply.lines],
        "summary": {
            "total_cost": _amount(reply, reply.total_minor),
            "shipping_cost": _amount(reply, reply.shipping_minor),
            "total_tax": _amount(reply, reply.tax_minor),
        },
        "adjustments": cuts or None,
    }


def _receipt_line(reply: Receipt, line: ReceiptLine) -> Message:
    shown = {
        "title": line.name,
        "subtitle": line.note,
        "quantity": line.quantity,
        "price": _amount(reply, line.total_minor),
        "currency": reply.currency,
        "image_url": line.picture_url,
    }
    return {name: value for name, value in shown.items() if value not in (None, "")}


def _amount(reply: Receipt, minor: int) -> float:
    return round(float(Money(minor, reply.currency).amount), exponent(reply.currency))


def _coupon(reply: Coupon) -> Message:
    return {
        "title": reply.title,
        "subtitle": reply.subtitle,
        "coupon_code": reply.code,
        "coupon_url": reply.url,
        "coupon_url_button_title": reply.button if reply.url else None,
        "image_url": reply.picture_url,
    }
