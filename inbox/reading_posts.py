"""What a post says, where only a comment under it was told to us."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import TryLater
from core.live import announce
from inbox.models import WallPost
from inbox.posts import describe
from inbox.threads import on_post, place_again
from meta import recent
from meta.errors import GraphRefused, GraphUnavailable, PageNotConnected
from meta.models import MetaPage
from meta.pages import Graphs
from meta.recent import ReadPost
from meta.wall_happenings import WallPlatform


async def read_post(db: Database, graphs: Graphs, clock: Clock, *, post_id: int) -> None:
    """Job. A post nobody may read stays as it is: the comment is answered all the same."""
    async with db.reading() as session:
        post = await session.get(WallPost, post_id)
        if post is None or post.read_at is not None:
            return
        try:
            page, graph = await graphs.page_and_graph(session, post.shop_id)
        except PageNotConnected:
            return
    told: ReadPost | None = None
    try:
        platform: WallPlatform = "instagram" if post.platform == "instagram" else "facebook"
        told = await recent.read_post(graph, platform, post.platform_id)
    except GraphUnavailable as problem:
        if problem.retry_after is not None:
            raise TryLater(problem.reason, after=timedelta(seconds=problem.retry_after)) from None
        raise
    except GraphRefused:
        pass
    await _keep(db, page, post, told, now=clock())


async def _keep(
    db: Database, page: MetaPage, asked: WallPost, told: ReadPost | None, *, now: datetime
) -> None:
    async with db.transaction() as session:
        post = await session.get_one(WallPost, asked.key, with_for_update={"key_share": True})
        post.read_at = now
        session.add(post)
        if told is not None:
            await _describe(session, page, post, told, now=now)
        announce(session, post.shop_id, "posts", {"id": post.key}, now=now)


async def _describe(
    session: AsyncSession, page: MetaPage, post: WallPost, told: ReadPost, *, now: datetime
) -> None:
    was_unknown, is_ours = post.author_is_page is None, post.author_is_page
    if is_ours is None:
        is_ours = post.platform == "instagram" or told.author_id in (None, page.page_id)
    describe(
        session,
        post,
        is_ours=is_ours,
        at=post.edited_at or now,
        # What a webhook has told is at least as new as what was read.
        text=told.text if post.text is None else None,
        permalink=told.permalink,
        picture_url=post.picture_url or told.picture_url,
        author_id=None if is_ours else told.author_id,
        author_name=None if is_ours else told.author_name,
        posted_at=told.posted_at,
    )
    if was_unknown and not is_ours:
        await session.flush()
        under = await on_post(session, post.shop_id, post)
        await place_again(session, post.shop_id, under, post, post.platform, now=now)
