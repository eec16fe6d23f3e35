"""Comments hidden, shown again or deleted: decided here, done by a job, undone where possible."""

from datetime import datetime, timedelta
from typing import Literal

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import TryLater
from core.jobs import enqueue
from inbox.conversations import lock_conversation, note, tell
from inbox.errors import NotModeratable
from inbox.models import Conversation, Message
from inbox.records import get_message, hide, take_back
from inbox.summaries import show_newest, taken_back
from meta.errors import GraphRefused, GraphUnavailable, GraphUnclear, PageNotConnected
from meta.graph import Graph
from meta.pages import Graphs
from meta.wall_happenings import WallPlatform
from meta.walls import delete_comment, hide_comment

Wanted = Literal["hide", "show", "delete"]

SECOND_THOUGHTS = timedelta(seconds=8)
"""A deleted comment cannot be brought back, so deleting begins a moment later."""


async def moderate(
    session: AsyncSession, shop_id: int, message_id: int, wanted: Wanted, *, by: int, now: datetime
) -> Message:
    """Raises NotModeratable for what does not stand on a wall (any more)."""
    conversation, message = await _lock(session, shop_id, message_id)
    if conversation.is_chat or message.platform_id is None or message.removed_at is not None:
        raise NotModeratable()
    message.wanted, message.wanted_by_id, message.wanted_failure = wanted, by, None
    session.add(message)
    await enqueue(
        session,
        carry_out,
        {"message_id": message.key, "wanted": wanted},
        key=f"moderate:{message.key}:{wanted}",
        lock=f"moderate:{message.key}",
        run_at=now + SECOND_THOUGHTS if wanted == "delete" else None,
    )
    tell(session, conversation, now=now)
    return message


async def think_again(
    session: AsyncSession, shop_id: int, message_id: int, *, now: datetime
) -> None:
    """Leave it as it is, if nothing has happened yet."""
    conversation, message = await _lock(session, shop_id, message_id)
    if message.wanted is not None:
        message.wanted, message.wanted_by_id = None, None
        session.add(message)
        tell(session, conversation, now=now)


async def carry_out(
    db: Database, graphs: Graphs, clock: Clock, *, message_id: int, wanted: Wanted
) -> None:
    """Job. Doing it twice does no harm, so an unclear end is simply tried again."""
    async with db.reading() as session:
        message = await session.get(Message, message_id)
        if message is None or message.wanted != wanted or message.platform_id is None:
            return
        conversation = await session.get_one(Conversation, message.conversation_id)
        try:
            graph = await graphs.graph_for(session, message.shop_id)
        except PageNotConnected:
            await _note(db, message, "not_connected", now=clock())
            return
    try:
        await _ask(graph, conversation, message.platform_id, wanted)
    except GraphUnavailable as problem:
        if problem.retry_after is not None:
            raise TryLater(problem.reason, after=timedelta(seconds=problem.retry_after)) from None
        raise
    except GraphUnclear as problem:
        raise TryLater(problem.reason, after=timedelta(seconds=10)) from None
    except GraphRefused as refusal:
        if not (wanted == "delete" and refusal.family == "missing"):
            await _note(db, message, refusal.family, now=clock())
            return
    await _note(db, message, None, now=clock())


async def _ask(graph: Graph, conversation: Conversation, platform_id: str, wanted: Wanted) -> None:
    platform: WallPlatform = "instagram" if conversation.platform == "instagram" else "facebook"
    if wanted == "delete":
        await delete_comment(graph, platform_id)
    else:
        await hide_comment(graph, platform, platform_id, hidden=wanted == "hide")


async def _note(db: Database, asked: Message, failure: str | None, *, now: datetime) -> None:
    async with db.transaction() as session:
        conversation, message = await _lock(session, asked.shop_id, asked.key)
        wanted, by = message.wanted, message.wanted_by_id
        if wanted is None:
            return
        message.wanted, message.wanted_failure = None, failure
        session.add(message)
        if failure is not None:
            tell(session, conversation, now=now)
            return
        note(session, conversation, f"comment:{wanted}", by=by, now=now)
        if wanted == "delete":
            message.removed_by_id = by
            await take_back(session, message, at=now, is_chat=False)
            await taken_back(session, conversation, now=now)
        else:
            hide(session, message, is_hidden=wanted == "hide", at=now)
            await show_newest(session, conversation, now=now)


async def _lock(
    session: AsyncSession, shop_id: int, message_id: int
) -> tuple[Conversation, Message]:
    message = await get_message(session, shop_id, message_id)
    conversation = await lock_conversation(session, shop_id, message.conversation_id)
    await session.refresh(message)
    return conversation, message
