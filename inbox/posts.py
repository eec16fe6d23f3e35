"""Posts on the wall and the profile: what comments stand under."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.jobs import enqueue
from inbox.models import WallPost
from inbox.rows import insert_new
from inbox.texts import storable

READ_POST = "inbox.reading_posts.read_post"


async def see_post(
    session: AsyncSession, shop_id: int, platform: str, platform_id: str
) -> WallPost:
    """The post, made when first met and held until the end of the transaction, so that two
    comments under it are placed one after the other."""
    query = (
        select(WallPost)
        .where(col(WallPost.shop_id) == shop_id, col(WallPost.platform_id) == platform_id)
        .with_for_update(key_share=True)
    )
    post = (await session.exec(query)).first()
    if post is not None:
        return post
    values = {"shop_id": shop_id, "platform": platform, "platform_id": platform_id}
    post = await insert_new(session, WallPost, **values)
    if post is None:
        return (await session.exec(query)).one()
    key = f"read-post:{post.key}"
    await enqueue(session, READ_POST, {"post_id": post.key}, key=key)
    return post


async def find_post(session: AsyncSession, shop_id: int, platform_id: str) -> WallPost | None:
    query = select(WallPost).where(
        col(WallPost.shop_id) == shop_id, col(WallPost.platform_id) == platform_id
    )
    return (await session.exec(query)).first()


def describe(
    session: AsyncSession,
    post: WallPost,
    *,
    is_ours: bool,
    at: datetime,
    text: str | None = None,
    link: str | None = None,
    permalink: str | None = None,
    picture_url: str | None = None,
    author_id: str | None = None,
    author_name: str | None = None,
    posted_at: datetime | None = None,
) -> None:
    """Write down what we are told about a post. Of two tellings the later one counts, whichever
    arrives first."""
    post.author_is_page = is_ours
    post.author_id = post.author_id or author_id
    post.author_name = post.author_name or author_name
    if text is not None and (post.edited_at is None or at >= post.edited_at):
        post.text, post.edited_at = storable(text), at
    post.link = link or post.link
    post.permalink = permalink or post.permalink
    post.picture_url = picture_url or post.picture_url
    post.posted_at = min(filter(None, (post.posted_at, posted_at)), default=None)
    session.add(post)


def remove_post(session: AsyncSession, post: WallPost, *, at: datetime) -> None:
    if post.removed_at is None or at < post.removed_at:
        post.removed_at = at
        session.add(post)
