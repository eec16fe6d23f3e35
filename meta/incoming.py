"""Meta's JSON turned into what happened: `read` knows every kind of event."""

from datetime import UTC, datetime
from typing import Any

from meta import incoming_chats, incoming_walls
from meta.happenings import (
    AttachmentMessage,
    Chat,
    Echo,
    MessageEdited,
    MessageUnsent,
    PostbackTap,
    QuickReplyTap,
    StandbyMessage,
    TextMessage,
    Unsupported,
)
from meta.shapes import moment, shape, text
from meta.wall_happenings import Wall

Happening = Chat | Wall | Unsupported


def read(kind: str, body: dict[str, Any]) -> Happening:
    """`kind` and `body` as `deliveries.split` gave them. Never raises: what does not fit is
    Unsupported with a reason."""
    platform, _, section = kind.partition(".")
    account = text(body.get("account"))
    # The time an event has none of its own: that of its sending.
    sent_at = moment(body.get("time"), otherwise=datetime.now(UTC))
    match platform, section:
        case ("messenger" | "instagram") as chat, "messaging":
            return incoming_chats.read(chat, account, shape(body.get("event")), sent_at)
        case ("messenger" | "instagram") as chat, "standby":
            inner = incoming_chats.read(chat, account, shape(body.get("event")), sent_at)
            return _standby(inner)
        case ("facebook" | "instagram") as wall, field:
            return incoming_walls.read(wall, field, account, shape(body.get("value")), sent_at)
    return Unsupported(f"unknown kind: {kind[:40]}")


def _standby(inner: Chat | Unsupported) -> StandbyMessage | Unsupported:
    """Another app has the conversation: what was said is shown, the rest is kept only."""
    said = (
        TextMessage,
        AttachmentMessage,
        QuickReplyTap,
        PostbackTap,
        Echo,
        MessageEdited,
        MessageUnsent,
    )
    if not isinstance(inner, said):
        return Unsupported("standby: another app has this conversation")
    return StandbyMessage(
        platform=inner.platform,
        account_id=inner.account_id,
        person_id=inner.person_id,
        at=inner.at,
        message_id=inner.message_id,
        inner=inner,
    )
