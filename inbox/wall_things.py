"""One thing on a wall (a comment, a visitor's post): told, edited, removed, hidden, in any order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from inbox import records
from inbox.conversations import lock_conversation
from inbox.echoes import confirm, find_comment_on_its_way
from inbox.models import Conversation, Message, WallPost
from inbox.stored import Stored
from inbox.summaries import answered, heard, show_newest, taken_back
from inbox.texts import storable
from inbox.threads import below, open_thread, place_again, place_of
from meta.wall_happenings import (
    CommentEdited,
    CommentHidden,
    CommentRemoved,
    CommentWritten,
    Mentioned,
    Rated,
    VisitorPosted,
    VisitorPostEdited,
    VisitorPostHidden,
    VisitorPostRemoved,
    WallHappening,
)


async def _recognise(
    session: AsyncSession, happening: CommentWritten, *, shop_id: int, now: datetime
) -> Message | None:
    """Our own answer may be told to us before the call that made it has returned."""
    text = storable(happening.text)
    ours = await find_comment_on_its_way(
        session, shop_id, happening.post_id, text, platform_id=happening.comment_id
    )
    if ours is not None:
        await confirm(session, ours, happening.comment_id, at=happening.at, now=now)
    return ours


def facts_of(
    happening: WallHappening, platform_id: str, post_id: str | None, parent_id: str | None
) -> dict[str, Any]:
    return {
        "platform_id": platform_id,
        "post_platform_id": post_id,
        "parent_id": parent_id if parent_id not in (post_id, platform_id) else None,
        "person_id": None if happening.is_ours else happening.author_id,
        "person_name": None if happening.is_ours else happening.author_name,
        "direction": "out" if happening.is_ours else "in",
        "author": "elsewhere" if happening.is_ours else "customer",
        "reply_kind": "public",
    }


async def take_thing(
    session: AsyncSession,
    shop_id: int,
    happening: Any,
    facts: dict[str, Any],
    post: WallPost | None,
    *,
    now: datetime,
) -> Stored:
    message = await records.find_message(session, shop_id, facts["platform_id"])
    if message is None and isinstance(happening, CommentWritten) and happening.is_ours:
        message = await _recognise(session, happening, now=now, shop_id=shop_id)
    if message is None:
        conversation = await _first_place(session, shop_id, happening, facts, post, now=now)
    else:
        conversation = await _learn(session, message, facts, post, happening.platform, now=now)
    was_complete = message is not None and message.is_complete
    message = await _apply(session, conversation, happening, facts, now=now)
    await session.flush()
    if not was_complete:
        hanging = await below(session, shop_id, facts["platform_id"])
        await place_again(session, shop_id, hanging, post, happening.platform, now=now)
    return Stored(conversation, message, message.is_complete and not was_complete)


async def _first_place(
    session: AsyncSession,
    shop_id: int,
    happening: WallHappening,
    facts: dict[str, Any],
    post: WallPost | None,
    *,
    now: datetime,
) -> Conversation:
    asked = Message(
        **facts, shop_id=shop_id, conversation_id=0, at=now, text_at=now, received_at=now
    )
    place = await place_of(session, shop_id, asked, post, happening.platform)
    facts["root_id"] = place.root_id
    return await open_thread(session, shop_id, place, post, now=now)


async def _learn(
    session: AsyncSession,
    message: Message,
    facts: dict[str, Any],
    post: WallPost | None,
    platform: str,
    *,
    now: datetime,
) -> Conversation:
    """Told again: perhaps now with its author, or what it answers."""
    shop_id = message.shop_id
    if message.author in ("customer", "elsewhere"):
        new = {
            name: facts[name]
            for name in ("post_platform_id", "parent_id", "person_id", "person_name")
            if getattr(message, name) is None and facts[name] is not None
        }
        if facts["direction"] == "out" and message.person_id is None and not message.is_complete:
            new |= {"direction": "out", "author": "elsewhere"}
        if new:
            message.sqlmodel_update(new)
            session.add(message)
            await session.flush()
            hanging = [message, *await below(session, shop_id, facts["platform_id"])]
            await place_again(session, shop_id, hanging, post, platform, now=now)
    facts["root_id"] = message.root_id
    return await lock_conversation(session, shop_id, message.conversation_id)


async def _apply(
    session: AsyncSession,
    conversation: Conversation,
    happening: Any,
    facts: dict[str, Any],
    *,
    now: datetime,
) -> Message:
    match happening:
        case CommentRemoved() | VisitorPostRemoved() | Rated(is_removed=True):
            message = await _hint(session, conversation, happening, facts, now=now)
            await records.take_back(session, message, at=happening.at, is_chat=False)
            await taken_back(session, conversation, now=now)
            return message
        case CommentHidden() | VisitorPostHidden():
            message = await _hint(session, conversation, happening, facts, now=now)
            records.hide(session, message, is_hidden=happening.is_hidden, at=happening.at)
            await show_newest(session, conversation, now=now)
            return message
        case CommentEdited() | VisitorPostEdited():
            return await _edited(session, conversation, happening, facts, now=now)
        case CommentWritten() | VisitorPosted() | Rated() | Mentioned():
            return await _written(session, conversation, happening, facts, now=now)
    raise TypeError(f"not something on a wall: {happening!r}")


async def _written(
    session: AsyncSession,
    conversation: Conversation,
    happening: CommentWritten | VisitorPosted | Rated | Mentioned,
    facts: dict[str, Any],
    *,
    now: datetime,
) -> Message:
    message, is_new = await records.store(
        session,
        conversation,
        at=happening.at,
        now=now,
        text=happening.text,
        content=_content(happening),
        **facts,
    )
    if not is_new:
        return message
    if message.direction == "out":
        await answered(session, conversation, at=message.at, by_person=True, now=now)
    else:
        is_removed = message.removed_at is not None
        await heard(
            session,
            conversation,
            at=message.at,
            now=now,
            text=message.text,
            is_removed=is_removed,
        )
    return message


def _content(happening: CommentWritten | VisitorPosted | Rated | Mentioned) -> dict[str, Any]:
    match happening:
        case CommentWritten(picture_url=picture, video_url=video, permalink=permalink):
            return _received("comment", image=[picture], video=[video], permalink=permalink)
        case VisitorPosted(picture_urls=pictures):
            return _received("post", image=pictures)
        case Rated(is_positive=is_positive, stars=stars):
            return _received("rating", is_positive=is_positive, stars=stars)
        case Mentioned():
            return _received("mention")


def _received(
    kind: str, *, image: Sequence[str | None] = (), video: Sequence[str | None] = (), **more: Any
) -> dict[str, Any]:
    shown = [{"kind": "image", "url": url} for url in image if url]
    shown += [{"kind": "video", "url": url} for url in video if url]
    given = {name: value for name, value in more.items() if value is not None}
    return {"kind": kind, "attachments": shown} | given


async def _edited(
    session: AsyncSession,
    conversation: Conversation,
    happening: CommentEdited | VisitorPostEdited,
    facts: dict[str, Any],
    *,
    now: datetime,
) -> Message:
    message = await _hint(session, conversation, happening, facts, now=now)
    is_news = await records.tell_text(session, message, happening.text, revision=1, at=happening.at)
    session.add(message)
    await session.flush()
    if is_news and message.direction == "in":
        is_removed = message.removed_at is not None
        await heard(
            session, conversation, at=happening.at, now=now, is_action=False, is_removed=is_removed
        )
    return message


async def _hint(
    session: AsyncSession,
    conversation: Conversation,
    happening: WallHappening,
    facts: dict[str, Any],
    *,
    now: datetime,
) -> Message:
    return await records.store_hint(session, conversation, at=happening.at, now=now, **facts)
