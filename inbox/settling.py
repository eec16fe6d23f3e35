"""Replies whose fate is unknown: waited for, looked for, and in the end said to be unknown."""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.events import record
from inbox import outcomes
from inbox.conversations import lock_conversation, tell
from inbox.echoes import confirm
from inbox.events import MessageFailed
from inbox.models import Conversation, Message
from meta.errors import GraphRefused, GraphUnavailable, GraphUnclear, PageNotConnected
from meta.pages import Graphs, get_page
from meta.wall_happenings import WallPlatform
from meta.walls import find_answer

GIVES_UP_AFTER = timedelta(minutes=2)
"""Echoes come within seconds; nobody should wait longer for a truth that will not come."""


async def settle_unclear(
    db: Database, graphs: Graphs, clock: Clock, *, conversation_id: int
) -> None:
    """Job. Look after what a silent platform left half-known, beside whatever is sent meanwhile:
    nobody's next reply waits for the truth about the last one."""
    for message in await _open_questions(db, conversation_id, "unclear"):
        if clock() >= (message.sending_at or message.at) + outcomes.ECHO_WITHIN:
            await _decide(db, graphs, message, now=clock())


async def settle_interrupted(db: Database, clock: Clock, *, conversation_id: int) -> None:
    """What a process was sending when it died, found by the next one: it may have arrived."""
    for message in await _open_questions(db, conversation_id, "sending"):
        await _after_a_crash(db, message, now=clock())


async def _open_questions(db: Database, conversation_id: int, state: str) -> list[Message]:
    query = (
        select(Message)
        .where(
            col(Message.conversation_id) == conversation_id,
            col(Message.state) == state,
            col(Message.failure).is_(None) | (col(Message.failure) != "unclear"),
        )
        .order_by(col(Message.id))
    )
    async with db.reading() as session:
        return list((await session.exec(query)).all())


async def _after_a_crash(db: Database, asked: Message, *, now: datetime) -> None:
    async with db.transaction() as session:
        conversation, message = await _rows(session, asked)
        if message.state == "sending":
            await outcomes.mark_unclear(session, conversation, message, "interrupted", now=now)


async def _decide(db: Database, graphs: Graphs, asked: Message, *, now: datetime) -> None:
    if asked.reply_kind == "public" and (found := await _look(db, graphs, asked)) is not None:
        await _found(db, asked, found, now=now)
    elif now >= (asked.sending_at or asked.at) + GIVES_UP_AFTER:
        await _say_so(db, asked, now=now)
    else:
        await _wait_on(db, asked, now=now)


async def _look(db: Database, graphs: Graphs, asked: Message) -> str | None:
    """The comment's id; "" if it is certainly not there; None if nobody can say now."""
    async with db.reading() as session:
        conversation = await session.get_one(Conversation, asked.conversation_id)
        try:
            page = await get_page(session, asked.shop_id)
        except PageNotConnected:
            return None
    platform: WallPlatform = "instagram" if conversation.platform == "instagram" else "facebook"
    place = (
        asked.root_id if platform == "instagram" else asked.parent_id
    ) or asked.post_platform_id
    since = asked.sending_at or asked.at
    try:
        found = await find_answer(
            graphs.graph_of(page), page, platform, place or "", asked.text, since=since
        )
    except (GraphRefused, GraphUnavailable, GraphUnclear):
        return None
    return found or ""


async def _found(db: Database, asked: Message, found: str, *, now: datetime) -> None:
    async with db.transaction() as session:
        conversation, message = await _rows(session, asked)
        if message.state != "unclear":
            return
        if found:
            await confirm(session, message, found, at=asked.sending_at or now, now=now)
            return
        # It is not there, so it can safely be sent once more.
        message.state, message.failure_detail = "queued", None
        session.add(message)
        await outcomes.send_again(session, conversation)
        tell(session, conversation, now=now)


async def _say_so(db: Database, asked: Message, *, now: datetime) -> None:
    async with db.transaction() as session:
        conversation, message = await _rows(session, asked)
        if message.state == "unclear":
            message.failure = "unclear"
            session.add(message)
            event = MessageFailed(message.shop_id, conversation.key, message.key, "unclear")
            record(session, event)
            tell(session, conversation, now=now)


async def _wait_on(db: Database, asked: Message, *, now: datetime) -> None:
    async with db.transaction() as session:
        conversation, message = await _rows(session, asked)
        if message.state == "unclear":
            end = (message.sending_at or message.at) + GIVES_UP_AFTER
            await outcomes.look_again(session, conversation, at=end)


async def _rows(session: AsyncSession, asked: Message) -> tuple[Conversation, Message]:
    message = await session.get_one(Message, asked.key)
    conversation = await lock_conversation(session, asked.shop_id, message.conversation_id)
    await session.refresh(message, with_for_update={"key_share": True})
    return conversation, message
