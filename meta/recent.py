"""What stands on the platform now: to describe posts, and to find what we were never told of."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from meta.graph import Graph
from meta.happenings import Attachment, AttachmentMessage, ChatPlatform, Echo, TextMessage
from meta.models import MetaPage
from meta.shapes import Shape, identifier, items, shape, text
from meta.wall_happenings import CommentWritten, VisitorPosted, WallPlatform

POSTS = 25
"""So many of the newest posts are looked at; comments under older ones come by webhook alone."""
CHATS = 25
MESSAGES = 20
"""Details are given for a thread's last 20 messages only (Messenger Platform docs: Conversations)."""

_FACEBOOK_POST = "id,message,from,permalink_url,created_time,full_picture"
_INSTAGRAM_POST = "id,caption,permalink,timestamp,media_url"
_COMMENT = "id,message,from,created_time,parent{id},permalink_url"
_REPLY = "id,text,from,timestamp"
_MESSAGE = "id,message,from,created_time,attachments"


@dataclass(frozen=True, slots=True)
class ReadPost:
    """`author_id` is empty where the platform does not say (always on Instagram: the account)."""

    post_id: str
    text: str
    permalink: str | None
    picture_url: str | None
    author_id: str | None
    author_name: str | None
    posted_at: datetime | None


async def read_post(graph: Graph, platform: WallPlatform, post_id: str) -> ReadPost:
    """Raises what Graph raises."""
    fields = _INSTAGRAM_POST if platform == "instagram" else _FACEBOOK_POST
    return _post(shape(await graph.get_object(post_id, fields=fields)))


def _post(one: Shape) -> ReadPost:
    author = shape(one.get("from"))
    return ReadPost(
        post_id=identifier(one.get("id")) or "",
        text=text(one.get("message")) or text(one.get("caption")),
        permalink=text(one.get("permalink_url")) or text(one.get("permalink")) or None,
        picture_url=text(one.get("full_picture")) or text(one.get("media_url")) or None,
        author_id=identifier(author.get("id")),
        author_name=text(author.get("name")) or None,
        posted_at=when(one.get("created_time") or one.get("timestamp")),
    )


def when(value: object) -> datetime | None:
    """`2026-11-22T09:30:00+0000`, as the Graph API writes times."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


async def recent_wall(
    graph: Graph, page: MetaPage, *, since: datetime
) -> AsyncIterator[CommentWritten | VisitorPosted]:
    """Visitors' posts and all comments since then under the newest posts of the page."""
    asked = {"fields": _FACEBOOK_POST, "limit": POSTS}
    found = shape(await graph.get_connections(page.page_id, "feed", **asked))
    for post in map(_post, map(shape, items(found.get("data")))):
        if post.author_id not in (None, page.page_id) and _is_new(post.posted_at, since):
            yield VisitorPosted(
                platform="facebook", account_id=page.page_id, post_id=post.post_id,
                at=post.posted_at or since, author_id=post.author_id,
                author_name=post.author_name, text=post.text,
                picture_urls=(post.picture_url,) if post.picture_url else (),
            )  # fmt: skip
        async for comment in _comments(graph, page, post.post_id, since):
            yield comment


async def _comments(
    graph: Graph, page: MetaPage, post_id: str, since: datetime
) -> AsyncIterator[CommentWritten]:
    asked = {"filter": "stream", "order": "reverse_chronological", "fields": _COMMENT}
    async for one in graph.get_all_connections(post_id, "comments", **asked):
        at = when(one.get("created_time"))
        if not _is_new(at, since):
            return
        author = shape(one.get("from"))
        yield CommentWritten(
            platform="facebook", account_id=page.page_id, at=at or since, post_id=post_id,
            comment_id=identifier(one.get("id")) or "",
            parent_id=identifier(shape(one.get("parent")).get("id")),
            author_id=identifier(author.get("id")), author_name=text(author.get("name")) or None,
            text=text(one.get("message")), permalink=text(one.get("permalink_url")) or None,
        )  # fmt: skip


async def recent_instagram_comments(
    graph: Graph, page: MetaPage, *, since: datetime
) -> AsyncIterator[CommentWritten]:
    account = page.instagram_id or ""
    fields = f"{_REPLY},replies{{{_REPLY}}}"
    found = shape(await graph.get_connections(account, "media", fields="id", limit=POSTS))
    for media_id in [identifier(shape(one).get("id")) for one in items(found.get("data"))]:
        async for one in graph.get_all_connections(media_id or "", "comments", fields=fields):
            for comment, parent in [(one, None), *_replies(one)]:
                at = when(comment.get("timestamp"))
                if _is_new(at, since):
                    yield _instagram_comment(comment, account, media_id, parent, at or since)


def _replies(one: Shape) -> list[tuple[Shape, str | None]]:
    under = items(shape(one.get("replies")).get("data"))
    return [(shape(reply), identifier(one.get("id"))) for reply in under]


def _instagram_comment(
    one: Shape, account: str, media_id: str | None, parent_id: str | None, at: datetime
) -> CommentWritten:
    author = shape(one.get("from"))
    return CommentWritten(
        platform="instagram", account_id=account, at=at, post_id=media_id, parent_id=parent_id,
        comment_id=identifier(one.get("id")) or "", author_id=identifier(author.get("id")),
        author_name=text(author.get("username")) or None, text=text(one.get("text")),
    )  # fmt: skip


async def recent_chats(
    graph: Graph, page: MetaPage, platform: ChatPlatform, *, since: datetime
) -> AsyncIterator[TextMessage | AttachmentMessage | Echo]:
    """The last messages of the latest chats, the older first within each."""
    nested = f"messages.limit({MESSAGES}){{{_MESSAGE}}}"
    asked = {"platform": platform, "fields": f"updated_time,participants,{nested}", "limit": CHATS}
    found = shape(await graph.get_connections(page.page_id, "conversations", **asked))
    account = page.account_of(platform) or ""
    for chat in map(shape, items(found.get("data"))):
        if not _is_new(when(chat.get("updated_time")), since):
            return
        people = map(shape, items(shape(chat.get("participants")).get("data")))
        others = [identifier(one.get("id")) for one in people]
        person = next((one for one in others if one not in (account, page.page_id, None)), None)
        messages = [shape(one) for one in items(shape(chat.get("messages")).get("data"))]
        for one in reversed(messages):
            at = when(one.get("created_time"))
            if person is not None and _is_new(at, since):
                yield _message(one, platform, account, page, person, at or since)


def _message(  # noqa: PLR0917
    one: Shape, platform: ChatPlatform, account: str, page: MetaPage, person: str, at: datetime
) -> TextMessage | AttachmentMessage | Echo:
    author = identifier(shape(one.get("from")).get("id"))
    common: dict[str, Any] = {
        "platform": platform, "account_id": account, "person_id": person, "at": at,
        "message_id": identifier(one.get("id")),
    }  # fmt: skip
    said = text(one.get("message"))
    attachments = tuple(map(_attachment, items(shape(one.get("attachments")).get("data"))))
    if author in (account, page.page_id):
        return Echo(**common, text=said, attachments=attachments)
    if attachments:
        return AttachmentMessage(**common, text=said, attachments=attachments)
    return TextMessage(**common, text=said)


def _attachment(one: object) -> Attachment:
    given = shape(one)
    kind = text(given.get("mime_type")).partition("/")[0]
    for name in ("image_data", "video_data", "file_url"):
        held = given.get(name)
        url = text(held) or text(shape(held).get("url"))
        if url:
            return Attachment(kind=kind or name.partition("_")[0], url=url)
    return Attachment(kind=kind or "template", title=text(given.get("name")) or None)


def _is_new(at: datetime | None, since: datetime) -> bool:
    return at is None or at >= since
