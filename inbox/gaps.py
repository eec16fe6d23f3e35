"""What the platform never told us: looked for on the page itself, and brought in.

Webhooks cannot be asked for again once they are lost, so every few minutes the latest chats and
comments are compared with our rows. What is missing goes the same way in as everything else.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.logs import log, scrub
from core.shops import get_shop
from inbox.conversations import hand_to_human
from inbox.failures import stands_still
from inbox.models import GapLook, Message
from inbox.receiving import Happening, receive
from inbox.stored import Stored
from inbox.texts import storable
from meta.errors import GraphRefused, GraphUnavailable
from meta.graph import Graph
from meta.happenings import AttachmentMessage, Echo, TextMessage
from meta.models import MetaPage
from meta.pages import Graphs, list_pages
from meta.recent import recent_chats, recent_instagram_comments, recent_wall
from meta.wall_happenings import CommentEdited, CommentWritten, VisitorPosted

Found = TextMessage | AttachmentMessage | Echo | CommentWritten | VisitorPosted

OVERLAP = timedelta(hours=1)
FIRST_LOOK = timedelta(hours=24)
FARTHEST = timedelta(days=7)
# Younger things may still be on their way through the ordinary door.
SETTLED = timedelta(minutes=2)


async def hunt_gaps(db: Database, graphs: Graphs, clock: Clock) -> None:
    """Periodic."""
    async with db.reading() as session:
        pages = await list_pages(session)
    for page in pages:
        if not stands_still(page.token_problem):
            await _hunt(db, graphs, clock, page)


async def _hunt(db: Database, graphs: Graphs, clock: Clock, page: MetaPage) -> None:
    now, found, problem = clock(), 0, None
    since = await _since(db, page.shop_id, now)
    graph = graphs.graph_of(page)
    for listing in _listings(graph, page, since):
        try:
            async for happening in listing:
                if happening.at <= now - SETTLED:
                    found += await _bring_in(db, page.shop_id, happening, now=clock())
        except (GraphRefused, GraphUnavailable) as error:
            # One list that cannot be read (a permission is missing) must not keep the others.
            problem = scrub(str(error))[:200]
    await _note(db, page.shop_id, now, found, problem)
    if found:
        log(__name__).warning("gaps_filled", shop_id=page.shop_id, found=found)


def _listings(graph: Graph, page: MetaPage, since: datetime) -> list[AsyncIterator[Found]]:
    listings: list[AsyncIterator[Found]] = [
        recent_chats(graph, page, "messenger", since=since),
        recent_wall(graph, page, since=since),
    ]
    if page.instagram_id:
        listings.append(recent_chats(graph, page, "instagram", since=since))
        listings.append(recent_instagram_comments(graph, page, since=since))
    return listings


async def _since(db: Database, shop_id: int, now: datetime) -> datetime:
    async with db.reading() as session:
        look = await _look(session, shop_id)
    last = look.looked_at if look else now - FIRST_LOOK
    return max(now - FARTHEST, last - OVERLAP)


async def _look(session: AsyncSession, shop_id: int) -> GapLook | None:
    query = select(GapLook).where(col(GapLook.shop_id) == shop_id)
    return (await session.exec(query)).first()


async def _bring_in(db: Database, shop_id: int, happening: Found, *, now: datetime) -> int:
    """1 if it was news."""
    async with db.reading() as session:
        known = await _known(session, shop_id, happening)
    missed: Happening | None = happening
    if known is not None:
        missed = _edit(known, happening, now=now)
    if missed is None:
        return 0
    async with db.transaction() as session:
        stored = await receive(session, await get_shop(session, shop_id), missed, now=now)
        if stored is None:
            return 0
        if stored.is_new:
            await _found_late(session, stored, now=now)
        return 1


async def _found_late(session: AsyncSession, stored: Stored, *, now: datetime) -> None:
    """The bot does not answer out of the blue what was said a while ago: a person does."""
    stored.message.found_late = True
    session.add(stored.message)
    if stored.message.direction == "in" and stored.conversation.owner == "bot":
        await hand_to_human(session, stored.conversation, by=None, because="bot", now=now)


async def _known(session: AsyncSession, shop_id: int, happening: Found) -> Message | None:
    number = _id_of(happening)
    query = select(Message).where(
        col(Message.shop_id) == shop_id,
        col(Message.platform_id) == number,
        col(Message.is_complete),
    )
    return (await session.exec(query)).first()


def _id_of(happening: Found) -> str | None:
    match happening:
        case CommentWritten(comment_id=number) | VisitorPosted(post_id=number):
            return number
    return happening.message_id


def _edit(known: Message, happening: Found, *, now: datetime) -> CommentEdited | None:
    """A comment whose edit was not told. The platform does not say when that was."""
    if not isinstance(happening, CommentWritten) or known.author != "customer":
        return None
    if known.removed_at is not None or known.text == storable(happening.text):
        return None
    return CommentEdited(
        platform=happening.platform,
        account_id=happening.account_id,
        at=now,
        author_id=happening.author_id,
        author_name=happening.author_name,
        comment_id=happening.comment_id,
        post_id=happening.post_id,
        parent_id=happening.parent_id,
        text=happening.text,
    )


async def _note(db: Database, shop_id: int, now: datetime, found: int, problem: str | None) -> None:
    """After a problem the next look goes back as far as this one."""
    async with db.transaction() as session:
        look = await _look(session, shop_id) or GapLook(shop_id=shop_id, looked_at=now - FIRST_LOOK)
        look.looked_at = now if problem is None else look.looked_at
        look.found, look.problem = found, problem
        session.add(look)
