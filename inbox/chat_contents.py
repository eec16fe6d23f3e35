"""What came in a chat besides the text: attachments, taps, carts, forms, as JSON for the row."""

from dataclasses import asdict
from typing import Any

from meta.happenings import (
    AccountLinked,
    Attachment,
    AttachmentMessage,
    CartSent,
    Chat,
    ChatHappening,
    CouponRevealed,
    FormAnswered,
    OptedIn,
    PostbackTap,
    QuickReplyTap,
    Referral,
    TextMessage,
)


def made_up_id(happening: ChatHappening, content: dict[str, Any]) -> str:
    """Some happenings carry no id of their own (old postbacks, referrals); who, when and what
    tell them apart."""
    milliseconds = int(happening.at.timestamp() * 1000)
    what = content.get("payload") or content.get("ref") or content.get("code") or ""
    return f"{content['kind']}:{happening.person_id}:{milliseconds}:{what}"[:300]


def content_of(happening: Chat) -> dict[str, Any] | None:
    """What came besides the text. None for what is not shown in a conversation."""
    content: dict[str, Any] | None = None
    match happening:
        case TextMessage() | AttachmentMessage():
            content = _message(happening)
        case QuickReplyTap(payload=payload):
            content = _given("quick_reply", payload=payload)
        case PostbackTap(payload=payload):
            content = _given("postback", payload=payload, came_by=_came_by(happening))
        case Referral(came_by=came_by):
            content = _given("referral", ref=came_by.ref, came_by=_came_by(happening))
        case CartSent(lines=lines, note=said):
            content = _given("cart", lines=[asdict(line) for line in lines], note=said)
        case FormAnswered(form=form, answers=answers):
            content = _given("form", form=form, answers=[list(pair) for pair in answers])
        case CouponRevealed(code=code, payload=payload):
            content = _given("coupon", code=code, payload=payload)
        case OptedIn(kind=kind, ref=ref):
            content = _given("opt_in", what=kind, ref=ref)
        case AccountLinked(is_linked=is_linked):
            content = _given("account_link", is_linked=is_linked)
    return content


def _message(happening: TextMessage | AttachmentMessage) -> dict[str, Any]:
    attachments = getattr(happening, "attachments", ())
    return _given(
        "text",
        attachments=[_attachment(one) for one in attachments],
        story=happening.story_url,
        reply_to=happening.reply_to,
        came_by=_came_by(happening),
    )


def _given(kind: str, **parts: Any) -> dict[str, Any]:
    return {"kind": kind} | {name: part for name, part in parts.items() if part}


def _came_by(happening: Any) -> dict[str, Any] | None:
    ref = happening.came_by
    return {name: part for name, part in asdict(ref).items() if part} if ref else None


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {name: part for name, part in asdict(attachment).items() if part is not None}
