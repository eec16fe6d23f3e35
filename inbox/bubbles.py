"""What was said, as the conversation page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.translations import Translate
from inbox.contents import lines_of, links_of, picture_of, taps_of
from inbox.failures import may_try_again, sentence
from inbox.models import Conversation, Message, MessageVersion


@dataclass(frozen=True, slots=True)
class Bubble:
    """`kind` and `state` are the design's (in, out, bot, note, comment; sent, sending, failed,
    removed). `looks` adds whether it stands in public. `day` is set where a new day begins."""

    id: int
    kind: str
    looks: str
    text: str
    author: str | None
    when: datetime
    state: str
    reason: str | None
    channel: str | None
    picture: str | None
    history: Sequence[Mapping[str, Any]]
    lines: Sequence[str]
    links: Sequence[tuple[str, str]]
    taps: Sequence[str]
    hint: str | None
    reaction: str | None
    is_hidden: bool
    wanted: str | None
    can_retry: bool
    can_drop: bool
    can_moderate: bool
    can_be_answered: bool
    day: datetime | None


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is shown: their language, their shop's time, everybody's names."""

    translate: Translate
    timezone: str
    members: Mapping[int, str]
    versions: Mapping[int, Sequence[MessageVersion]] = field(default_factory=dict)


def bubbles(
    conversation: Conversation, messages: Sequence[Message], reader: Reader
) -> list[Bubble]:
    zone, shown, day = ZoneInfo(reader.timezone), [], None
    for message in messages:
        today = message.at.astimezone(zone).date()
        shown.append(_bubble(conversation, message, reader, message.at if today != day else None))
        day = today
    return shown


def _bubble(
    conversation: Conversation, message: Message, reader: Reader, day: datetime | None
) -> Bubble:
    _, gone = reader.translate, message.removed_at is not None
    in_public = not conversation.is_chat and message.reply_kind in ("public", "message")
    return Bubble(
        id=message.key,
        kind=_kind(conversation, message),
        looks="public" if in_public else "private",
        text=_text(conversation, message, reader),
        author=_author(conversation, message, reader),
        when=message.at,
        state=_state(message),
        reason=_(sentence(message.failure)) if _state(message) == "failed" else None,
        channel=_channel(conversation, message, _),
        picture=None if gone else picture_of(message),
        history=[] if gone else _history(message, reader),
        lines=[] if gone else lines_of(message, _),
        links=[] if gone else links_of(message, _),
        taps=[] if gone else taps_of(message),
        hint=_hint(message, _),
        reaction=message.reaction,
        is_hidden=message.hidden_at is not None,
        wanted=message.wanted,
        can_retry=_is_stuck(message) and may_try_again(message.failure),
        can_drop=message.state == "failed",
        can_moderate=_stands_in_public(conversation, message),
        can_be_answered=message.direction == "in" and in_public and not gone,
        day=day,
    )


def _kind(conversation: Conversation, message: Message) -> str:
    if message.direction == "note":
        return "note"
    if message.direction == "in":
        return "in" if conversation.is_chat else "comment"
    return "bot" if message.author == "bot" else "out"


def _state(message: Message) -> str:
    if message.removed_at is not None:
        return "removed"
    if _is_stuck(message):
        return "failed"
    return "sending" if message.state in ("queued", "sending", "unclear") else "sent"


def _is_stuck(message: Message) -> bool:
    return message.state == "failed" or (message.state == "unclear" and bool(message.failure))


def _text(conversation: Conversation, message: Message, reader: Reader) -> str:
    _ = reader.translate
    if message.removed_at is None:
        # Of a rich reply the lines and buttons are shown below; its plain text repeats them.
        return str(message.content.get("text") or "") if _is_rich(message) else message.text
    if message.removed_by_id is not None:
        who = reader.members.get(message.removed_by_id, "?")
        gone = _("Deleted by %(name)s.") % {"name": who}
    else:
        gone = _("Removed by its author.")
    if conversation.is_chat or not message.text:
        return gone
    return gone + " " + _("It said: “%(text)s”") % {"text": message.text}


def _is_rich(message: Message) -> bool:
    return (
        message.direction == "out"
        and message.author != "elsewhere"
        and message.content.get("kind") in ("buttons", "cards")
    )


def _author(conversation: Conversation, message: Message, reader: Reader) -> str | None:
    _ = reader.translate
    match message.author:
        case "staff":
            return reader.members.get(message.staff_id or 0, _("Somebody of the team"))
        case "bot":
            return _("Bot")
        case "elsewhere":
            return _("Answered elsewhere")
    if conversation.is_chat:
        return None
    return message.person_name or conversation.name or _("Unknown person")


def _channel(conversation: Conversation, message: Message, _: Translate) -> str | None:
    if conversation.is_chat:
        return _("private reply to a comment") if message.reply_kind == "private" else None
    if message.direction == "note":
        return None
    if message.direction == "out":
        return _("private message") if message.reply_kind == "private" else _("public answer")
    kinds = {
        "post": _("wrote on your wall"),
        "rating": _("recommendation"),
        "mention": _("mentioned you"),
    }
    return kinds.get(str(message.content.get("kind")), _("public comment"))


def _history(message: Message, reader: Reader) -> list[dict[str, Any]]:
    return [
        {"when": version.at, "text": version.text}
        for version in reader.versions.get(message.key, ())
    ]


def _hint(message: Message, _: Translate) -> str | None:
    """A word about what is going on with it right now."""
    if message.wanted_failure:
        return _(sentence(message.wanted_failure))
    if message.wanted is not None:
        doing = {"hide": _("Being hidden …"), "show": _("Being shown again …")}
        return doing.get(message.wanted, _("Being deleted …"))
    if message.hidden_at is not None and message.removed_at is None:
        return _("Hidden: only the author and their friends see it.")
    if message.state == "queued" and message.failure:
        return _(sentence(message.failure))
    if message.state == "unclear" and not message.failure:
        return _("Meta has not confirmed it yet. We are waiting for the echo.")
    return None


def _stands_in_public(conversation: Conversation, message: Message) -> bool:
    return (
        not conversation.is_chat
        and message.platform_id is not None
        and message.removed_at is None
        and message.wanted is None
        and message.reply_kind != "private"
        and message.direction in ("in", "out")
    )
