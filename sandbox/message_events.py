"""Messaging events in Meta's shapes, for Messenger and Instagram."""

from datetime import datetime
from typing import Any

from sandbox.state import State
from sandbox.telling import milliseconds, tell_thread
from sandbox.things import Message, Thread

FIELDS = {
    # the app's field on Messenger: on Instagram
    "messages": "messages",
    "message_echoes": "messages",
    "message_edits": "message_edit",
    "message_reactions": "message_reactions",
    "message_reads": "messaging_seen",
    "messaging_postbacks": "messaging_postbacks",
    "messaging_referrals": "messaging_referral",
    "message_deliveries": "",
    "messaging_handovers": "messaging_handover",
}


def tell(
    state: State,
    thread: Thread,
    field: str,
    what: dict[str, Any],
    *,
    at: datetime,
    is_from_page: bool = False,
) -> None:
    """`field` is Messenger's name; what Instagram has no event for is not told there."""
    name = field if thread.channel == "messenger" else FIELDS[field]
    if not name:
        return
    sender, recipient = thread.user_id, thread.account_id
    if is_from_page:
        sender, recipient = recipient, sender
    event = {
        "sender": {"id": sender},
        "recipient": {"id": recipient},
        "timestamp": milliseconds(at),
        **what,
    }
    tell_thread(state, thread, name, event)


def tell_message(state: State, message: Message) -> None:
    content = {"mid": message.mid, **message.content}
    tell(state, message.thread, "messages", {"message": content}, at=message.at)


def tell_echo(state: State, message: Message) -> None:
    """What the page sent comes back, with the app that sent it and its metadata."""
    content: dict[str, Any] = {"mid": message.mid, "is_echo": True}
    if message.app_id:
        content["app_id"] = int(message.app_id)
    for key in ("text", "metadata", "quick_replies", "reply_to"):
        if key in message.content:
            content[key] = message.content[key]
    if attachment := message.content.get("attachment"):
        content["attachments"] = [_echoed(attachment)]
    tell(
        state,
        message.thread,
        "message_echoes",
        {"message": content},
        at=message.at,
        is_from_page=True,
    )


def _echoed(attachment: dict[str, Any]) -> dict[str, Any]:
    if attachment.get("type") != "template":
        return attachment
    payload = attachment["payload"]
    title = payload.get("text") or payload.get("title") or ""
    return {"type": "template", "title": title, "payload": payload}
