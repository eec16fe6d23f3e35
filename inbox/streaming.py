"""Open pages follow what happens: numbered server-sent events that resume where they were cut."""

import asyncio
import contextlib
import json
from typing import Any

from aiohttp import web
from sqlmodel import col, func, select

from core.clock import CLOCK
from core.database import DATABASE
from core.live import LIVE, Change
from core.pages import SAFE_HEADERS
from staff.access import shop_of
from staff.cookies import read_session_token
from staff.sessions import find_session

HEARTBEAT = 15.0
"""Seconds. Proxies close what is silent for a minute."""
CHECK_EVERY = 60.0
"""Seconds between two looks whether the reader is still signed in."""


class Streams:
    """The streams of this process that are open now."""

    def __init__(self) -> None:
        self.open: set[asyncio.Task[Any]] = set()


STREAMS: web.AppKey[Streams] = web.AppKey("streams", Streams)

routes = web.RouteTableDef()


@routes.get("/counter/events")
async def follow(request: web.Request) -> web.StreamResponse:
    """`Last-Event-ID` (the browser's own reconnect) wins over `?after=` (the page's)."""
    shop_id = shop_of(request).key
    after = _number(request.headers.get("Last-Event-ID")) or _number(request.query.get("after"))
    response = web.StreamResponse(
        headers=SAFE_HEADERS
        | {
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            # nginx would hold the events back otherwise.
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(request)
    streams = request.app[STREAMS].open
    if (task := asyncio.current_task()) is not None:
        streams.add(task)
        task.add_done_callback(streams.discard)
    # The reader has gone, or we are closing: either way there is nobody to tell.
    with contextlib.suppress(ConnectionResetError, asyncio.CancelledError):
        await _write(request, response, shop_id, after)
    return response


async def _write(
    request: web.Request, response: web.StreamResponse, shop_id: int, after: int | None
) -> None:
    begin = await _begin_after(request, shop_id, after)
    if begin != after:
        await response.write(f"retry: 2000\nid: {begin}\nevent: reset\ndata: {{}}\n\n".encode())
    else:
        await response.write(b"retry: 2000\n\n")
    loop = asyncio.get_running_loop()
    written_at = checked_at = loop.time()
    async for batch in request.app[LIVE].follow(shop_id, begin):
        now = loop.time()
        if batch:
            await response.write(b"".join(map(as_event, batch)))
            written_at = now
        elif now - written_at >= HEARTBEAT:
            await response.write(b": still here\n\n")
            written_at = now
        if now - checked_at >= CHECK_EVERY:
            checked_at = now
            if not await _may_follow(request):
                return


async def _begin_after(request: web.Request, shop_id: int, after: int | None) -> int:
    """The number to go on from: `after`, unless it is unknown or fell out of the kept log."""
    async with request.app[DATABASE].reading() as session:
        query = select(func.min(Change.id), func.max(Change.id)).where(
            col(Change.shop_id) == shop_id
        )
        oldest, newest = (await session.exec(query)).one()
    if newest is None:
        return 0
    if after is None or after > newest or (after and oldest is not None and after < oldest - 1):
        return int(newest)
    return after


async def _may_follow(request: web.Request) -> bool:
    async with request.app[DATABASE].reading() as session:
        token = read_session_token(request) or ""
        return await find_session(session, token, now=request.app[CLOCK]()) is not None


def as_event(change: Change) -> bytes:
    data = json.dumps(change.data, separators=(",", ":"))
    return f"id: {change.id}\nevent: {change.topic}\ndata: {data}\n\n".encode()


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else None


async def end_streams(app: web.Application) -> None:
    """For `app.on_shutdown`: an open stream would keep the server from stopping."""
    for stream in app[STREAMS].open:
        stream.cancel()
