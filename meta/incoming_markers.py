"""The chat events without words: reactions, read marks, opt-ins, hand-overs, notices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from meta.happenings import (
    AccountLinked,
    CartLine,
    CartSent,
    CouponRevealed,
    FormAnswered,
    MessagesDelivered,
    MessagesRead,
    OptedIn,
    PolicyEnforced,
    Reacted,
    ThreadPassed,
    Unsupported,
)
from meta.shapes import Shape, identifier, items, moment, number, shape, text

if TYPE_CHECKING:
    from meta.incoming_chats import Common


def reaction(common: Common, event: Shape, content: Shape) -> Reacted | Unsupported:
    if common["message_id"] is None or not common["person_id"]:
        return Unsupported("reaction to nothing")
    if content.get("action") == "unreact":
        return Reacted(**common, reaction=None)
    emoji = text(content.get("emoji"))[:20] or None
    return Reacted(**common, reaction=text(content.get("reaction"))[:20] or "other", emoji=emoji)


def read(common: Common, event: Shape, content: Shape) -> MessagesRead | Unsupported:
    until = _watermark(content, common["at"])
    if until is None and common["message_id"] is None:
        return Unsupported("read mark without a place")
    return MessagesRead(**common, until=until)


def delivery(common: Common, event: Shape, content: Shape) -> MessagesDelivered | Unsupported:
    mids = [mid for one in items(content.get("mids")) if (mid := identifier(one))]
    until = _watermark(content, common["at"])
    if until is None and not mids:
        return Unsupported("delivery of nothing")
    return MessagesDelivered(**common, until=until, message_ids=tuple(mids))


def _watermark(content: Shape, at: datetime) -> datetime | None:
    return moment(content["watermark"], otherwise=at) if content.get("watermark") else None


def optin(common: Common, event: Shape, content: Shape) -> OptedIn:
    return OptedIn(
        **common,
        kind=text(content.get("type"))[:40] or "plugin",
        ref=text(content.get("ref")) or None,
        payload=text(content.get("payload")) or None,
        title=text(content.get("title")) or None,
        token=text(content.get("notification_messages_token")) or None,
        status=text(content.get("notification_messages_status")) or None,
    )


def coupon(common: Common, event: Shape, content: Shape) -> CouponRevealed | Unsupported:
    if content.get("type") != "coupon":
        return Unsupported("unknown template event")
    payload = text(content.get("payload"))
    return CouponRevealed(**common, code=text(content.get("coupon_code")), payload=payload)


How = Literal["passed", "taken", "requested", "roles"]


def handover(how: How) -> Callable[[Common, Shape, Shape], ThreadPassed]:
    def tell(common: Common, event: Shape, content: Shape) -> ThreadPassed:
        new = content.get("new_owner_app_id") or content.get("requested_owner_app_id")
        return ThreadPassed(
            **common,
            how=how,
            former_app_id=identifier(content.get("previous_owner_app_id")),
            new_app_id=identifier(new),
            metadata=text(content.get("metadata")) or None,
        )

    return tell


def policy(common: Common, event: Shape, content: Shape) -> PolicyEnforced:
    action, reason = text(content.get("action"))[:20], text(content.get("reason"))
    return PolicyEnforced(**common, action=action or "unknown", reason=reason)


def cart(common: Common, event: Shape, content: Shape) -> CartSent:
    lines = tuple(
        CartLine(
            name=text(product.get("name")),
            retailer_id=identifier(product.get("retailer_id")),
            quantity=number(product.get("quantity")) or 1,
            unit_price=str(product.get("unit_price") or ""),
            currency=text(product.get("currency")),
        )
        for one in items(content.get("products"))
        if (product := shape(one))
    )
    return CartSent(**common, lines=lines, note=text(content.get("note")))


def feedback(common: Common, event: Shape, content: Shape) -> FormAnswered:
    answers: list[tuple[str, str]] = []
    for screen in items(content.get("feedback_screens")):
        for name, question in shape(shape(screen).get("questions")).items():
            answers.append((name, _words(shape(question).get("payload"))))
            follow_up = shape(shape(question).get("follow_up"))
            if follow_up:
                answers.append((f"{name}:more", _words(follow_up.get("payload"))))
    return FormAnswered(**common, form="feedback", answers=tuple(answers))


def information(common: Common, event: Shape, content: Shape) -> FormAnswered:
    answers = [
        (text(answer.get("key")), _words(answer.get("value")))
        for screen in items(content.get("screens"))
        for one in items(shape(screen).get("responses"))
        if (answer := shape(one))
    ]
    return FormAnswered(**common, form="information", answers=tuple(answers))


def _words(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def linking(common: Common, event: Shape, content: Shape) -> AccountLinked:
    code = text(content.get("authorization_code")) or None
    return AccountLinked(**common, is_linked=content.get("status") == "linked", code=code)
