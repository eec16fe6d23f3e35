"""Comments and posts, as they are told to us."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop
from inbox.posts import describe, remove_post, see_post
from inbox.stored import Stored
from inbox.threads import on_post, place_again
from inbox.wall_things import facts_of, take_thing
from meta.wall_happenings import (
    CommentEdited,
    CommentHappening,
    CommentHidden,
    CommentRemoved,
    CommentWritten,
    Mentioned,
    PagePosted,
    PagePostEdited,
    PagePostHidden,
    PagePostRemoved,
    PostHappening,
    Rated,
    VisitorPosted,
    VisitorPostEdited,
    VisitorPostHidden,
    VisitorPostRemoved,
    Wall,
    WallReaction,
)


async def take_wall(
    session: AsyncSession, shop: Shop, happening: Wall, *, now: datetime
) -> Stored | None:
    """Record it. None for what is no message: likes, the page's own posts."""
    match happening:
        case CommentWritten() | CommentEdited() | CommentRemoved() | CommentHidden():
            return await _take_comment(session, shop.key, happening, now=now)
        case VisitorPosted() | VisitorPostEdited() | VisitorPostRemoved() | VisitorPostHidden():
            return await _take_visitor_post(session, shop.key, happening, now=now)
        case PagePosted() | PagePostEdited() | PagePostRemoved() | PagePostHidden():
            await _take_page_post(session, shop.key, happening)
            return None
        case Rated() | Mentioned():
            return await _take_mention(session, shop.key, happening, now=now)
        case WallReaction():
            return None


async def _take_comment(
    session: AsyncSession, shop_id: int, happening: CommentHappening, *, now: datetime
) -> Stored:
    post = None
    if happening.post_id:
        post = await see_post(session, shop_id, happening.platform, happening.post_id)
    if post is not None and post.author_is_page is None and happening.platform == "instagram":
        # Nobody else can post on an Instagram profile.
        post.author_is_page = True
    facts = facts_of(happening, happening.comment_id, happening.post_id, happening.parent_id)
    return await take_thing(session, shop_id, happening, facts, post, now=now)


async def _take_visitor_post(
    session: AsyncSession, shop_id: int, happening: PostHappening, *, now: datetime
) -> Stored:
    post = await see_post(session, shop_id, happening.platform, happening.post_id)
    was_unknown = post.author_is_page is None or (post.author_id is None and happening.author_id)
    text = happening.text if isinstance(happening, VisitorPosted | VisitorPostEdited) else None
    pictures = happening.picture_urls if isinstance(happening, VisitorPosted) else ()
    describe(
        session,
        post,
        is_ours=False,
        at=happening.at,
        text=text,
        picture_url=pictures[0] if pictures else None,
        author_id=happening.author_id,
        author_name=happening.author_name,
        posted_at=happening.at if isinstance(happening, VisitorPosted) else None,
    )
    if isinstance(happening, VisitorPostRemoved):
        remove_post(session, post, at=happening.at)
    facts = facts_of(happening, happening.post_id, happening.post_id, None)
    stored = await take_thing(session, shop_id, happening, facts, post, now=now)
    if was_unknown:
        under = await on_post(session, shop_id, post)
        await place_again(session, shop_id, under, post, happening.platform, now=now)
    return stored


async def _take_page_post(session: AsyncSession, shop_id: int, happening: PostHappening) -> None:
    post = await see_post(session, shop_id, happening.platform, happening.post_id)
    match happening:
        case PagePosted(text=text, link=link, picture_urls=pictures):
            describe(
                session,
                post,
                is_ours=True,
                at=happening.at,
                text=text,
                link=link,
                picture_url=pictures[0] if pictures else None,
                posted_at=happening.at,
            )
        case PagePostEdited(text=text):
            describe(session, post, is_ours=True, at=happening.at, text=text)
        case PagePostRemoved():
            remove_post(session, post, at=happening.at)
        case PagePostHidden():
            pass


async def _take_mention(
    session: AsyncSession, shop_id: int, happening: Rated | Mentioned, *, now: datetime
) -> Stored | None:
    """A recommendation, or the account named elsewhere: an item of its own to answer."""
    if isinstance(happening, Rated):
        target = happening.story_id
        if target is None:
            return None
        post = await see_post(session, shop_id, happening.platform, target)
        if happening.is_removed:
            remove_post(session, post, at=happening.at)
        describe(
            session,
            post,
            is_ours=False,
            at=happening.at,
            text=None if happening.is_removed else happening.text,
            author_id=happening.author_id,
            author_name=happening.author_name,
            posted_at=None if happening.is_removed else happening.at,
        )
        facts = facts_of(happening, target, target, None)
        return await take_thing(session, shop_id, happening, facts, post, now=now)
    target = happening.comment_id or happening.post_id
    if target is None:
        return None
    facts = facts_of(happening, target, happening.post_id, None)
    return await take_thing(session, shop_id, happening, facts, None, now=now)
