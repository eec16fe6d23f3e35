"""Conversations between people and pages, in Messenger and in Instagram's direct messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sandbox.message_events import tell, tell_echo, tell_message
from sandbox.state import State
from sandbox.telling import milliseconds
from sandbox.things import Message, Thread

PAGE_INBOX_APP_ID = "263902037430900"
INSTAGRAM_INBOX_APP_ID = "1217981644879628"
EDITS_AT_MOST = 5
EMOJI = {
    "like": "👍",
    "dislike": "👎",
    "love": "❤",
    "smile": "😆",
    "wow": "😮",
    "sad": "😢",
    "angry": "😠",
    "other": "✨",
}


def write(
    state: State,
    thread: Thread,
    text: str = "",
    *,
    quick_reply: str = "",
    reply_to: str = "",
    attachments: Sequence[dict[str, Any]] = (),
    at: datetime | None = None,
    **more: Any,
) -> Message:
    """The person writes. `attachments` are in the webhook's shape; `more` goes in as it is."""
    content: dict[str, Any] = {}
    if text:
        content["text"] = text
    if quick_reply:
        content["quick_reply"] = {"payload": quick_reply}
    if reply_to:
        content["reply_to"] = {"mid": reply_to}
    if attachments:
        content["attachments"] = list(attachments)
    message = _add(state, thread, content | more, at=at)
    _act(thread, message.at)
    tell_message(state, message)
    return message


def press(
    state: State,
    thread: Thread,
    payload: str,
    title: str,
    *,
    ref: str = "",
    at: datetime | None = None,
) -> Message:
    """A button, a menu item, an ice breaker or Get Started; shown as what the person said."""
    message = _add(state, thread, {"text": title}, at=at)
    message.postback_title = title
    _act(thread, message.at)
    postback: dict[str, Any] = {"title": title, "payload": payload, "mid": message.mid}
    if ref:
        postback["referral"] = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    tell(state, thread, "messaging_postbacks", {"postback": postback}, at=message.at)
    return message


def start(state: State, thread: Thread) -> Message | None:
    """Get Started, where the page has one; a ref the person came with travels along. Its title
    is what the button reads in the person's own language."""
    button = thread.page.profile[thread.channel].get("get_started")
    thread.is_started = True
    if not button:
        return None
    ref, thread.ref = thread.ref, ""
    title = "Los geht’s" if thread.person.locale.startswith("de") else "Get Started"
    return press(state, thread, str(button["payload"]), title, ref=ref)


def arrive(state: State, thread: Thread, ref: str) -> None:
    """Over m.me/<page>?ref=…: kept for Get Started on a new thread, told at once on an old one."""
    if not thread.messages:
        thread.ref = ref
        return
    now = state.now()
    _act(thread, now)
    referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
    tell(state, thread, "messaging_referrals", {"referral": referral}, at=now)
    _redraw(state, thread)


def react(state: State, message: Message, reaction: str, *, is_on: bool = True) -> None:
    """A reaction opens the window too; taking it back is told without naming it."""
    now, thread = state.now(), message.thread
    message.reaction = reaction if is_on else ""
    told: dict[str, Any] = {"mid": message.mid, "action": "react" if is_on else "unreact"}
    if is_on:
        told |= {"reaction": reaction, "emoji": EMOJI.get(reaction, EMOJI["other"])}
        _act(thread, now)
    tell(state, thread, "message_reactions", {"reaction": told}, at=now)
    _redraw(state, thread)


def edit(state: State, message: Message, text: str) -> bool:
    """At most five times (Messenger Platform docs: message_edits); says whether it went."""
    if message.edits >= EDITS_AT_MOST or message.is_unsent or message.is_from_page:
        return False
    message.edits += 1
    message.content["text"] = text
    told = {"mid": message.mid, "text": text, "num_edit": message.edits}
    tell(state, message.thread, "message_edits", {"message_edit": told}, at=state.now())
    _redraw(state, message.thread)
    return True


def unsend(state: State, message: Message) -> None:
    if message.is_unsent or message.is_from_page:
        return
    message.is_unsent = True
    message.content = {}
    told = {"mid": message.mid, "is_deleted": True}
    tell(state, message.thread, "messages", {"message": told}, at=state.now())
    _redraw(state, message.thread)


def read(state: State, thread: Thread) -> None:
    """The person has the thread open: everything up to now is seen."""
    unread = [m for m in thread.messages if m.is_from_page and not m.is_read]
    if not unread:
        return
    for message in unread:
        message.is_read = True
    now = state.now()
    what = (
        {"watermark": milliseconds(now)}
        if thread.channel == "messenger"
        else {"mid": unread[-1].mid}
    )
    tell(state, thread, "message_reads", {"read": what}, at=now)


def reveal(state: State, message: Message) -> None:
    """The person uncovers a coupon; the page learns of it once."""
    coupon = message.content["attachment"]["payload"]
    if message.revealed:
        return
    message.revealed = True
    template = {
        "type": "coupon",
        "payload": coupon.get("payload", ""),
        "coupon_code": coupon.get("coupon_code", ""),
    }
    now = state.now()
    _act(message.thread, now)
    tell(state, message.thread, "messages", {"template": template}, at=now)
    _redraw(state, message.thread)


def send(
    state: State,
    thread: Thread,
    content: dict[str, Any],
    *,
    app_id: str,
    about_comment: str = "",
    at: datetime | None = None,
) -> Message:
    """The page sends: it is shown, echoed and reported as delivered."""
    message = _add(state, thread, content, at=at)
    message.is_from_page, message.app_id = True, app_id
    message.about_comment = about_comment
    thread.is_page_typing = False
    tell_echo(state, message)
    delivery = {"mids": [message.mid], "watermark": milliseconds(message.at)}
    tell(state, thread, "message_deliveries", {"delivery": delivery}, at=message.at)
    return message


def answer_by_hand(state: State, thread: Thread, text: str) -> Message:
    """The merchant answers from the phone: the echo names Meta's own inbox as the app."""
    is_messenger = thread.channel == "messenger"
    app_id = PAGE_INBOX_APP_ID if is_messenger else INSTAGRAM_INBOX_APP_ID
    return send(state, thread, {"text": text}, app_id=app_id)


def _add(state: State, thread: Thread, content: dict[str, Any], *, at: datetime | None) -> Message:
    moment = at or state.now()
    message = Message(state.mid(thread.channel), thread, False, content, moment)
    thread.messages.append(state.keep(message, key=message.mid))
    _redraw(state, thread)
    return message


def _act(thread: Thread, at: datetime) -> None:
    thread.is_started = True
    if thread.last_action_at is None or at > thread.last_action_at:
        thread.last_action_at = at


def _redraw(state: State, thread: Thread) -> None:
    state.live.changed(f"thread:{thread.id}")
    state.live.changed(f"inbox:{thread.page.id}")
