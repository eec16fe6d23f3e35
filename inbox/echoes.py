"""What the account said comes back: our own replies are recognised, others' are recorded.

An echo can arrive before the answer to our own call has been stored. It is recognised by the
metadata we gave along, by its id, or, where the platform drops the metadata, because exactly
such a message is on its way in this conversation right now.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.events import record
from inbox import records
from inbox.conversations import hand_to_human, lock_conversation
from inbox.events import AnsweredElsewhere, MessageSent
from inbox.linking import link_chat
from inbox.models import Conversation, Message
from inbox.stored import Stored
from inbox.summaries import answered, show_newest
from inbox.texts import storable
from meta.happenings import Echo

ON_ITS_WAY = ("sending", "unclear")


async def take_echo(
    session: AsyncSession, conversation: Conversation, echo: Echo, *, now: datetime
) -> Stored | None:
    if not echo.message_id:
        return None
    ours = await _ours(session, conversation, echo)
    if ours is not None:
        await confirm(session, ours, echo.message_id, at=echo.at, now=now)
        if ours.reply_kind == "private":
            await link_chat(session, ours, conversation, now=now)
        return Stored(conversation, ours, False)
    return await _said_elsewhere(session, conversation, echo, echo.message_id, now=now)


async def _ours(session: AsyncSession, conversation: Conversation, echo: Echo) -> Message | None:
    if echo.metadata:
        query = select(Message).where(
            col(Message.shop_id) == conversation.shop_id,
            col(Message.correlation) == echo.metadata,
        )
        found = (await session.exec(query)).first()
        if found is not None:
            await _hold(session, found)
            return found
    kept = await records.find_message(session, conversation.shop_id, echo.message_id or "")
    if kept is not None and kept.author in ("staff", "bot"):
        return kept
    if echo.metadata:
        return None
    return await _find_on_its_way(session, conversation, echo)


async def _find_on_its_way(
    session: AsyncSession, conversation: Conversation, echo: Echo
) -> Message | None:
    """A message of ours with this text whose fate we do not know yet. Templates come back without
    their text, so those match any reply that is not plain text."""
    query = _unconfirmed(conversation.shop_id).where(
        col(Message.conversation_id) == conversation.key, col(Message.reply_kind) == "message"
    )
    text = storable(echo.text)
    alike = [
        message
        for message in (await session.exec(query)).all()
        if ((message.text == text) if message.content.get("kind") == "text" else not text)
    ]
    return await _hold_first(session, alike, echo.message_id)


async def find_comment_on_its_way(
    session: AsyncSession, shop_id: int, post_id: str | None, text: str, *, platform_id: str
) -> Message | None:
    """Comments carry no metadata: ours is the one with this text that is being sent right now."""
    query = _unconfirmed(shop_id).where(
        col(Message.post_platform_id) == post_id,
        col(Message.reply_kind) == "public",
        col(Message.text) == text.strip(),
    )
    return await _hold_first(session, (await session.exec(query)).all(), platform_id)


async def _hold_first(
    session: AsyncSession, messages: Sequence[Message], platform_id: str | None
) -> Message | None:
    """The first that is still on its way, or has become just this one."""
    for message in messages:
        await _hold(session, message)
        is_open = message.platform_id is None and message.state in ON_ITS_WAY
        if is_open or message.platform_id == platform_id:
            return message
    return None


async def _hold(session: AsyncSession, message: Message) -> None:
    """Its conversation first, as everybody does who holds both."""
    await lock_conversation(session, message.shop_id, message.conversation_id)
    await session.refresh(message, with_for_update={"key_share": True})


def _unconfirmed(shop_id: int) -> SelectOfScalar[Message]:
    return (
        select(Message)
        .where(
            col(Message.shop_id) == shop_id,
            col(Message.state).in_(ON_ITS_WAY),
            col(Message.platform_id).is_(None),
        )
        .order_by(col(Message.id))
    )


async def confirm(
    session: AsyncSession, message: Message, platform_id: str, *, at: datetime, now: datetime
) -> None:
    """The platform has it, under this id. Said by its answer, by the echo, or by both."""
    if message.platform_id is None:
        await _absorb(session, message, platform_id)
        message.platform_id = platform_id
    if message.state != "sent":
        message.state, message.sent_at = "sent", at
        message.failure, message.failure_detail = None, None
        event = MessageSent(message.shop_id, message.conversation_id, message.key, platform_id)
        record(session, event)
    message.at = at
    session.add(message)
    await session.flush()
    conversation = await lock_conversation(session, message.shop_id, message.conversation_id)
    by_person = message.author == "staff"
    text = None if message.removed_at is not None else message.text
    await answered(session, conversation, at=at, by_person=by_person, now=now, text=text)


async def _absorb(session: AsyncSession, message: Message, platform_id: str) -> None:
    """Something was stored under this id before we knew it for ours: it was this message."""
    other = await records.find_message(session, message.shop_id, platform_id)
    if other is None or other.id == message.id:
        return
    message.reaction, message.reaction_at = other.reaction, other.reaction_at
    message.removed_at, message.hidden_at = other.removed_at, other.hidden_at
    for version in await records.versions_of(session, other):
        await session.delete(version)
    await session.flush()
    await session.delete(other)
    await session.flush()


async def _said_elsewhere(
    session: AsyncSession,
    conversation: Conversation,
    echo: Echo,
    platform_id: str,
    *,
    now: datetime,
) -> Stored:
    """Somebody answered in Meta's own inbox, on the phone, or with another tool."""
    content: dict[str, Any] = {"kind": "text"}
    if echo.attachments:
        content["attachments"] = [
            {"kind": one.kind, "url": one.url, "title": one.title} for one in echo.attachments
        ]
    if echo.app_id:
        content["app_id"] = echo.app_id
    message, is_new = await records.store(
        session,
        conversation,
        platform_id,
        direction="out",
        author="elsewhere",
        state="sent",
        at=echo.at,
        now=now,
        text=echo.text,
        content=content,
    )
    if is_new:
        await session.flush()
        await answered(session, conversation, at=message.at, by_person=True, now=now)
        if conversation.owner == "bot":
            await hand_to_human(session, conversation, by=None, because="elsewhere", now=now)
        record(session, AnsweredElsewhere(conversation.shop_id, conversation.key, message.key))
    else:
        await show_newest(session, conversation, now=now)
    return Stored(conversation, message, is_new)
