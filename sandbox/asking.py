"""Reads what the control API is asked: names become people, pages, posts and messages."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.graph.errors import GraphError
from sandbox.things import Channel, Comment, Media, Message, Page, Person, Post, Thread
from sandbox.world import WORLD, World

Body = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Refused(Exception):
    """What was asked cannot be done; the sentence says why."""


def answering(handler: Callable[[World, web.Request], Awaitable[Any]]) -> Handler:
    """JSON out; what is refused is 422 with a sentence."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return web.json_response(await handler(request.app[WORLD], request))
        except (Refused, GraphError) as refused:
            return web.json_response({"error": str(refused)}, status=422)

    return answer


async def body_of(request: web.Request) -> Body:
    """Only JSON: a form on some other site can then not reach this API unasked."""
    if request.content_type != "application/json":
        raise Refused("send application/json")
    try:
        body = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise Refused("this is not JSON") from None
    if not isinstance(body, dict):
        raise Refused("send a JSON object")
    return body


def text_in(body: Body, name: str, *, needed: bool = False) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or (needed and not value):
        raise Refused(f"{name} must be a text")
    return value


def whole_in(body: Body, name: str, default: int | None) -> int | None:
    value = body.get(name, default)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise Refused(f"{name} must be a whole number")
    return value


def time_in(body: Body, name: str = "at") -> datetime | None:
    """ISO 8601 with a zone."""
    if not (text := text_in(body, name)):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{name} is not a time") from None
    if time.tzinfo is None:
        raise Refused(f"{name} needs a zone")
    return time


def person_named(world: World, key: str) -> Person:
    """By key or by full name."""
    for person in world.people.values():
        if key in (person.key, person.name):
            return person
    raise Refused(f"nobody is called {key!r}; meet them first")


def page_in(world: World, body: Body) -> Page:
    """The page named by id, slug or Instagram name; the first where none is named."""
    name = text_in(body, "page")
    page = world.page(name) if name else next(iter(world.pages.values()), None)
    if page is None:
        raise Refused(f"there is no page {name!r}")
    return page


def channel_in(body: Body) -> Channel:
    channel = text_in(body, "channel") or "messenger"
    if channel == "messenger":
        return "messenger"
    if channel == "instagram":
        return "instagram"
    raise Refused("channel is messenger or instagram")


def thread_in(world: World, person: Person, body: Body) -> Thread:
    return world.thread(person, page_in(world, body), channel_in(body))


def message_in(world: World, thread: Thread, body: Body) -> Message:
    """By mid; where none is given, the last one of the thread."""
    mid = text_in(body, "mid")
    message = world.nodes.get(mid)
    if not mid and thread.messages:
        message = thread.messages[-1]
    if not isinstance(message, Message) or message.thread is not thread:
        raise Refused("there is no such message in this thread")
    return message


def place_in(world: World, body: Body, name: str = "on") -> Post | Comment | Media:
    """A standing post, comment or medium by its id."""
    thing = world.nodes.get(text_in(body, name, needed=True))
    if not isinstance(thing, Post | Comment | Media):
        raise Refused(f"{name} is neither a post nor a comment nor a picture")
    if not isinstance(thing, Media) and thing.is_removed:
        raise Refused(f"what {name} names has been removed")
    return thing
