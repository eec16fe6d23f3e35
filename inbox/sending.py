"""The one door out: whatever is said to a customer is written here first, and leaves by a job."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from inbox import replies, summaries
from inbox.conversations import assign, hand_to_human, lock_conversation
from inbox.delivering import start_sending
from inbox.errors import (
    AnsweredPrivatelyBefore,
    CannotReply,
    NothingWritten,
    TextTooLong,
)
from inbox.limits import comment_limit, fit
from inbox.models import Conversation, Message, ReplyKind
from inbox.reach import Unreachable
from inbox.records import get_message
from inbox.rows import insert_new
from inbox.targets import newest_target, reach_of
from inbox.texts import folded, storable


@dataclass(frozen=True, slots=True)
class Author:
    """Who speaks. The bot's words are held back when the conversation changes hands before they
    leave; a notice (a receipt, a refund) goes out whoever looks after the conversation."""

    kind: str
    staff_id: int | None = None
    is_notice: bool = False


BOT = Author("bot")
NOTICE = Author("bot", is_notice=True)


def by_staff(staff_id: int) -> Author:
    return Author("staff", staff_id)


async def reply(
    session: AsyncSession,
    conversation: Conversation,
    said: replies.Reply,
    *,
    author: Author,
    kind: ReplyKind = "message",
    answers: int | None = None,
    now: datetime,
) -> Message:
    """Have it said; what became of it stands on the row (the last, where one became several).

    `kind`: `message` in a chat; `public` or `private` under a comment, answering the message
    `answers` (by default the customer's latest). Members of staff learn at once what cannot be
    sent: raises CannotReply, NothingWritten, TextTooLong, AnsweredPrivatelyBefore. The bot's
    words are checked when they leave.
    """
    conversation = await lock_conversation(session, conversation.shop_id, conversation.key)
    target = await _target(session, conversation, kind, answers)
    if author.kind == "staff":
        _check_reach(conversation, kind, target, now=now)
        await _take_over(session, conversation, author.staff_id, now=now)
    pieces = _pieces(said, conversation, kind)
    if not pieces:
        raise NothingWritten()
    answered_id = answers if target is None else target.key
    rows = [
        await _write(session, conversation, piece, author, kind, target, answered_id, now)
        for piece in pieces
    ]
    await summaries.touched(session, conversation, at=now, now=now, text=rows[-1].text)
    asked_at = conversation.last_customer_at if author == BOT else None
    await start_sending(session, conversation, asked_at=min(asked_at or now, now))
    return rows[-1]


async def _target(
    session: AsyncSession, conversation: Conversation, kind: str, answers: int | None
) -> Message | None:
    """What is answered under a comment. A chat needs none."""
    if kind == "message":
        return None
    if answers is None:
        return await newest_target(session, conversation)
    message = await get_message(session, conversation.shop_id, answers)
    return message if message.conversation_id == conversation.key else None


def _check_reach(
    conversation: Conversation, kind: str, target: Message | None, *, now: datetime
) -> None:
    way = reach_of(conversation, kind, target, by_person=True, now=now)
    if isinstance(way, Unreachable):
        raise CannotReply(way.reason, way.sentence)


async def _take_over(
    session: AsyncSession, conversation: Conversation, staff_id: int | None, *, now: datetime
) -> None:
    await hand_to_human(session, conversation, by=staff_id, now=now)
    if conversation.assignee_id is None and staff_id is not None:
        await assign(session, conversation, staff_id, by=staff_id, now=now)
    conversation.unread = False
    session.add(conversation)


def _pieces(said: replies.Reply, conversation: Conversation, kind: str) -> Sequence[replies.Reply]:
    if kind == "public":
        text, limit = storable(replies.words(said)).strip(), comment_limit(conversation.platform)
        if len(text) > limit:
            raise TextTooLong(limit=limit)
        return [replies.Text(text)] if text else []
    pieces = fit(said, conversation.platform)
    if kind == "private" and len(pieces) > 1:
        # The platform takes one private reply per comment, so it cannot be cut in two.
        raise TextTooLong(limit=1000)
    return pieces


async def _write(  # noqa: PLR0917
    session: AsyncSession,
    conversation: Conversation,
    piece: replies.Reply,
    author: Author,
    kind: str,
    target: Message | None,
    answers_id: int | None,
    now: datetime,
) -> Message:
    text = replies.words(piece)
    row = await insert_new(
        session,
        Message,
        shop_id=conversation.shop_id,
        conversation_id=conversation.key,
        direction="out",
        author=author.kind,
        staff_id=author.staff_id,
        reply_kind=kind,
        answers_id=answers_id,
        correlation=secrets.token_hex(16),
        content=replies.to_json(piece),
        text=text,
        folded=folded(text),
        at=now,
        text_at=now,
        received_at=now,
        state="queued",
        owner_version=_version(conversation, author),
        **_place_under(conversation, kind, target),
    )
    if row is None:
        # Only one thing about a reply can be there already: the comment's one private answer.
        raise AnsweredPrivatelyBefore()
    return row


def _version(conversation: Conversation, author: Author) -> int | None:
    watched = author.kind == "bot" and not author.is_notice
    return conversation.owner_version if watched else None


def _place_under(conversation: Conversation, kind: str, target: Message | None) -> dict[str, Any]:
    if target is None:
        return {}
    if kind == "private":
        return {"private_answer_to": target.platform_id}
    is_post = target.platform_id == target.post_platform_id
    return {
        "post_platform_id": target.post_platform_id,
        "parent_id": None if is_post else target.platform_id,
        "root_id": None if is_post else target.root_id,
    }
