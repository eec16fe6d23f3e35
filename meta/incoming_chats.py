"""One event of a Messenger or Instagram chat (Messenger Platform docs: webhook events)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from meta import incoming_markers
from meta.attachments import attachments_of
from meta.happenings import (
    Attachment,
    AttachmentMessage,
    Chat,
    ChatPlatform,
    Echo,
    MessageEdited,
    MessageUnsent,
    PostbackTap,
    QuickReplyTap,
    Ref,
    Referral,
    TextMessage,
    Unsupported,
)
from meta.shapes import Shape, identifier, moment, number, shape, text


class Common(TypedDict):
    platform: ChatPlatform
    account_id: str
    person_id: str
    at: datetime
    message_id: str | None


def read(
    platform: ChatPlatform, account: str, event: Shape, sent_at: datetime
) -> Chat | Unsupported:
    for name, reader in _READERS.items():
        if name in event:
            common = _common(platform, account, event, shape(event[name]), sent_at)
            return reader(common, event, shape(event[name]))
    return Unsupported("unknown event")


def _common(
    platform: ChatPlatform, account: str, event: Shape, content: Shape, sent_at: datetime
) -> Common:
    sender, recipient = shape(event.get("sender")), shape(event.get("recipient"))
    sender_id = identifier(sender.get("id")) or identifier(sender.get("user_ref")) or ""
    is_ours = sender_id == account or content.get("is_echo") is True
    return Common(
        platform=platform,
        account_id=account,
        person_id=(identifier(recipient.get("id")) or "") if is_ours else sender_id,
        at=moment(event.get("timestamp"), otherwise=sent_at),
        message_id=identifier(content.get("mid")),
    )


def _message(common: Common, event: Shape, content: Shape) -> Chat | Unsupported:
    if not common["person_id"]:
        return Unsupported("message without a sender")
    # On Instagram an account can write to itself; nobody is to be answered there.
    if content.get("is_self") is True:
        return Unsupported("the account wrote to itself")
    if content.get("is_echo") is True:
        return _echo(common, content)
    if content.get("is_deleted") is True:
        return MessageUnsent(**common)
    quick = shape(content.get("quick_reply"))
    if isinstance(quick.get("payload"), str):
        return QuickReplyTap(**common, payload=quick["payload"], text=text(content.get("text")))
    return _words(common, event, content)


def _words(common: Common, event: Shape, content: Shape) -> Chat | Unsupported:
    answered = shape(content.get("reply_to"))
    reply_to = identifier(answered.get("mid"))
    story_url = text(shape(answered.get("story")).get("url")) or None
    came_by = ref_of(content.get("referral")) or ref_of(event.get("referral"))
    said, attached = text(content.get("text")), attachments_of(content)
    if said and not attached:
        return TextMessage(
            **common, text=said, reply_to=reply_to, story_url=story_url, came_by=came_by
        )
    if came_by is not None and not attached and content.get("is_unsupported") is not True:
        return Referral(**common, came_by=came_by)
    return AttachmentMessage(
        **common,
        # Nothing readable: withheld, or a shape of tomorrow. That something came is passed on.
        attachments=attached or (Attachment("unsupported"),),
        text=said,
        reply_to=reply_to,
        story_url=story_url,
        came_by=came_by,
    )


def _echo(common: Common, content: Shape) -> Echo:
    return Echo(
        **common,
        text=text(content.get("text")),
        attachments=attachments_of(content),
        app_id=identifier(content.get("app_id")),
        metadata=text(content.get("metadata")) or None,
    )


def _edit(common: Common, event: Shape, content: Shape) -> Chat | Unsupported:
    if common["message_id"] is None:
        return Unsupported("edit without a message")
    edits = number(content.get("num_edit"))
    return MessageEdited(**common, text=text(content.get("text")), number=edits or 1)


def _postback(common: Common, event: Shape, content: Shape) -> Chat | Unsupported:
    if not common["person_id"]:
        return Unsupported("postback without a sender")
    payload = content.get("payload")
    return PostbackTap(
        **common,
        payload=payload if isinstance(payload, str) else None,
        title=text(content.get("title")),
        came_by=ref_of(content.get("referral")) or ref_of(event.get("referral")),
    )


def _referral(common: Common, event: Shape, content: Shape) -> Chat | Unsupported:
    came_by = ref_of(content)
    return Referral(**common, came_by=came_by) if came_by else Unsupported("empty referral")


def ref_of(value: object) -> Ref | None:
    content = shape(value)
    ads = shape(content.get("ads_context_data"))
    product = identifier(shape(content.get("product")).get("id"))
    ref = Ref(
        ref=text(content.get("ref")) or None,
        source=text(content.get("source")) or None,
        ad_id=identifier(content.get("ad_id")),
        product_id=product or identifier(ads.get("product_id")),
    )
    return ref if ref != Ref() else None


Reader = Callable[[Common, Shape, Shape], Chat | Unsupported]

_READERS: dict[str, Reader] = {
    "message": _message,
    "message_edit": _edit,
    "postback": _postback,
    "reaction": incoming_markers.reaction,
    "read": incoming_markers.read,
    "delivery": incoming_markers.delivery,
    "referral": _referral,
    "optin": incoming_markers.optin,
    "template": incoming_markers.coupon,
    "pass_thread_control": incoming_markers.handover("passed"),
    "take_thread_control": incoming_markers.handover("taken"),
    "request_thread_control": incoming_markers.handover("requested"),
    "app_roles": incoming_markers.handover("roles"),
    "policy_enforcement": incoming_markers.policy,
    "policy-enforcement": incoming_markers.policy,
    "order": incoming_markers.cart,
    "messaging_feedback": incoming_markers.feedback,
    "messaging_customer_information": incoming_markers.information,
    "account_linking": incoming_markers.linking,
}
