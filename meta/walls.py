"""Walls: posts published, comments answered, hidden and removed, on Facebook and Instagram."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.pictures import as_jpeg
from meta.errors import GraphUnclear
from meta.graph import Graph
from meta.models import MetaPage
from meta.shapes import Shape, identifier, shape, text
from meta.wall_happenings import WallPlatform

_EARLIER = timedelta(minutes=5)


async def publish_post(
    graph: Graph,
    page: MetaPage,
    message: str,
    *,
    link: str | None = None,
    picture_url: str | None = None,
    picture: bytes | None = None,
) -> str:
    """The new post's id. With a picture (by address, or itself) the link is written under the
    text, because a post shows either a picture or a link's preview."""
    if picture is None and picture_url is None:
        answer = await graph.put_object(page.page_id, "feed", message=message or None, link=link)
        return _id(answer, "id")
    caption = _with_link(message, link)
    if picture is None:
        answer = await graph.put_object(page.page_id, "photos", url=picture_url, caption=caption)
    else:
        jpeg = await asyncio.to_thread(as_jpeg, picture)
        answer = await graph.put_photo(jpeg, f"{page.page_id}/photos", caption=caption)
    return _id(answer, "post_id")


async def find_post(graph: Graph, page: MetaPage, message: str, *, since: datetime) -> str | None:
    """The id of the page's own post with this text, if there is one: to ask after GraphUnclear."""
    earliest = since - _EARLIER
    posts = graph.get_all_connections(
        page.page_id,
        "published_posts",
        fields="id,message,created_time",
        since=int(earliest.timestamp()),
    )
    async for one in posts:
        at = _time(one.get("created_time"))
        said, wanted = text(one.get("message")).strip(), message.strip()
        is_it = said == wanted or (bool(wanted) and said.startswith(f"{wanted}\n\n"))
        if is_it and (at is None or at >= earliest):
            return identifier(one.get("id"))
    return None


def _with_link(message: str, link: str | None) -> str | None:
    return "\n\n".join(part for part in (message, link) if part) or None


async def edit_post(graph: Graph, post_id: str, message: str) -> None:
    """Only posts this app has made."""
    await graph.request(f"{graph.version}/{post_id}", post_args={"message": message})


async def delete_post(graph: Graph, post_id: str) -> None:
    await graph.delete_object(post_id)


async def comment_on_post(graph: Graph, platform: WallPlatform, post_id: str, message: str) -> str:
    """A comment of the page's own under a post or an Instagram medium; its id."""
    return _id(await graph.put_comment(post_id, message), "id")


async def answer_comment(
    graph: Graph,
    platform: WallPlatform,
    comment_id: str,
    message: str,
    *,
    parent_id: str | None = None,
) -> str:
    """A public answer under the comment; its id. No `fields` here ever: the comment would be
    made and an error answered.

    Instagram takes answers under top-level comments only: `parent_id` is the one `comment_id`
    stands under, if it stands under one.
    """
    if platform == "instagram":
        answer = await graph.put_object(parent_id or comment_id, "replies", message=message)
    else:
        answer = await graph.put_comment(comment_id, message)
    return _id(answer, "id")


async def hide_comment(
    graph: Graph, platform: WallPlatform, comment_id: str, *, hidden: bool = True
) -> None:
    """Its author and their friends go on seeing it (Graph API docs: Comment)."""
    name = "hide" if platform == "instagram" else "is_hidden"
    await graph.request(f"{graph.version}/{comment_id}", post_args={name: hidden})


async def delete_comment(graph: Graph, comment_id: str) -> None:
    await graph.delete_object(comment_id)


@dataclass(frozen=True, slots=True)
class FoundComment:
    comment_id: str
    text: str
    author_id: str | None
    author_name: str | None


async def find_answer(
    graph: Graph,
    page: MetaPage,
    platform: WallPlatform,
    comment_id: str,
    message: str,
    *,
    since: datetime,
) -> str | None:
    """The id of our answer with this text, if it is there: to ask after GraphUnclear."""
    edge, fields = "comments", "id,message,from,created_time"
    if platform == "instagram":
        edge, fields = "replies", "id,text,from,timestamp"
    async for one in graph.get_all_connections(comment_id, edge, fields=fields):
        found = _comment(one)
        at = _time(one.get("created_time") or one.get("timestamp"))
        is_ours = found.author_id in (page.account_of(platform), None)
        is_new = at is None or at >= since - _EARLIER
        if is_ours and is_new and found.text.strip() == message.strip():
            return found.comment_id
    return None


async def read_comment(graph: Graph, platform: WallPlatform, comment_id: str) -> FoundComment:
    """Raises GraphRefused with the family `missing` when it is gone."""
    fields = "id,text,from" if platform == "instagram" else "id,message,from"
    return _comment(shape(await graph.get_object(comment_id, fields=fields)))


async def permalink_of(graph: Graph, platform: WallPlatform, post_id: str) -> str | None:
    name = "permalink" if platform == "instagram" else "permalink_url"
    return text(shape(await graph.get_object(post_id, fields=name)).get(name)) or None


def _comment(one: Shape) -> FoundComment:
    author = shape(one.get("from"))
    name = text(author.get("name")) or text(author.get("username"))
    said = text(one.get("message")) or text(one.get("text"))
    author_id = identifier(author.get("id"))
    return FoundComment(identifier(one.get("id")) or "", said, author_id, name or None)


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text(value)) if value else None
    except ValueError:
        return None


def _id(answer: Any, name: str) -> str:
    found = identifier(shape(answer).get(name)) or identifier(shape(answer).get("id"))
    if found is None:
        raise GraphUnclear(f"no {name} in the answer")
    return found
