"""Telling a deal on the page's wall: decided in a transaction, published by a job."""

import asyncio
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import NothingToTryAgain, PostUnknown
from campaigns.events import DealPosted
from campaigns.models import DealPost
from core.clock import Clock
from core.database import Database
from core.errors import GiveUp
from core.events import record
from core.jobs import enqueue
from core.live import announce
from core.logs import log
from core.pictures import as_jpeg, find_picture, picture_url
from inbox.posts import describe, see_post
from meta.errors import GraphRefused, PageNotConnected
from meta.pages import Graphs, get_page
from meta.walls import find_post, publish_post
from promotions.deals import get_deal


async def post_deal(
    session: AsyncSession,
    shop_id: int,
    deal_id: int,
    *,
    text: str,
    link: str | None,
    picture_digest: str | None,
    code_id: int | None,
    by: str,
    now: datetime,
) -> DealPost:
    """Have the deal appear on the wall now. Its fate stands on the row."""
    deal = await get_deal(session, shop_id, deal_id)
    post = DealPost(
        shop_id=shop_id, deal_id=deal.key, code_id=code_id, text=text.strip(), link=link or None,
        picture_digest=picture_digest, created_by=by, created_at=now,
    )  # fmt: skip
    session.add(post)
    await session.flush()
    await _enqueue(session, post)
    return post


async def try_again(session: AsyncSession, shop_id: int, post_id: int, *, now: datetime) -> None:
    """After a failure. Raises NothingToTryAgain while the post is on its way or published."""
    post = await get_post(session, shop_id, post_id)
    if post.state != "failed":
        raise NothingToTryAgain()
    post.state, post.failure = "queued", None
    session.add(post)
    await _enqueue(session, post)
    announce(session, shop_id, "posts", {"post_id": post_id}, now=now)


async def get_post(session: AsyncSession, shop_id: int, post_id: int) -> DealPost:
    post = await session.get(DealPost, post_id)
    if post is None or post.shop_id != shop_id:
        raise PostUnknown()
    return post


async def list_posts(session: AsyncSession, shop_id: int, *, limit: int = 100) -> list[DealPost]:
    """The newest first."""
    query = select(DealPost).where(col(DealPost.shop_id) == shop_id)
    return list((await session.exec(query.order_by(col(DealPost.id).desc()).limit(limit))).all())


async def posts_of_deal(session: AsyncSession, shop_id: int, deal_id: int) -> list[DealPost]:
    query = select(DealPost).where(
        col(DealPost.shop_id) == shop_id, col(DealPost.deal_id) == deal_id
    )
    return list((await session.exec(query.order_by(col(DealPost.id).desc()))).all())


async def _enqueue(session: AsyncSession, post: DealPost) -> None:
    key = f"deal-post:{post.key}"
    await enqueue(session, publish_deal_post, {"deal_post_id": post.key}, key=key, lock=key)


async def publish_deal_post(
    db: Database, graphs: Graphs, clock: Clock, *, deal_post_id: int
) -> None:
    """Job. A second try looks on the wall first: the first answer may have been lost."""
    try:
        platform_id = await _publish(db, graphs, deal_post_id, now=clock())
    except (GraphRefused, PageNotConnected) as refusal:
        await _note_failure(db, deal_post_id, refusal.sentence, now=clock())
        raise GiveUp(str(refusal)) from None
    if platform_id is not None:
        await _note_published(db, deal_post_id, platform_id, now=clock())


async def _publish(db: Database, graphs: Graphs, deal_post_id: int, *, now: datetime) -> str | None:
    """The post's id on the platform; None if there is nothing (more) to publish."""
    async with db.transaction() as session:
        post = await session.get_one(DealPost, deal_post_id)
        if post.state != "queued":
            return None
        began_at, post.began_at = post.began_at, post.began_at or now
        session.add(post)
        page = await get_page(session, post.shop_id)
        picture = await find_picture(session, post.shop_id, post.picture_digest)
    graph = graphs.graph_of(page)
    if began_at is not None and (known := await find_post(graph, page, post.text, since=began_at)):
        return known
    jpeg = await asyncio.to_thread(as_jpeg, picture.full) if picture else None
    return await publish_post(graph, page, post.text, link=post.link, picture=jpeg)


async def _note_published(
    db: Database, deal_post_id: int, platform_id: str, *, now: datetime
) -> None:
    async with db.transaction() as session:
        post = await session.get_one(DealPost, deal_post_id)
        wall_post = await see_post(session, post.shop_id, "facebook", platform_id)
        describe(
            session, wall_post, is_ours=True, at=now, text=post.text, link=post.link,
            picture_url=picture_url(post.picture_digest) if post.picture_digest else None,
            posted_at=now,
        )  # fmt: skip
        post.state, post.published_at, post.wall_post_id = "published", now, wall_post.key
        session.add(post)
        record(session, DealPosted(post.shop_id, post.key, post.deal_id, wall_post.key))
        announce(session, post.shop_id, "posts", {"post_id": post.key}, now=now)
    log(__name__).info("deal_posted", deal_post_id=deal_post_id)


async def _note_failure(db: Database, deal_post_id: int, reason: str, *, now: datetime) -> None:
    async with db.transaction() as session:
        post = await session.get_one(DealPost, deal_post_id)
        post.state, post.failure = "failed", reason
        session.add(post)
        announce(session, post.shop_id, "posts", {"post_id": post.key}, now=now)
