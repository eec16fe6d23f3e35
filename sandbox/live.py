"""Server-sent events: tells open pages that something they show has changed."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from aiohttp import web

KEEP_ALIVE_S = 15
WAITING_AT_MOST = 100


class Live:
    """Topics are plain words ("wall:1", "mail"); a listener names those it shows.

    Nothing is kept: a page fetches itself anew when it hears its topic, so a lost signal
    costs at most one refresh.
    """

    def __init__(self) -> None:
        self._listeners: dict[asyncio.Queue[str], frozenset[str]] = {}

    def changed(self, topic: str) -> None:
        for queue, topics in self._listeners.items():
            if topic in topics and not queue.full():
                queue.put_nowait(topic)

    def listen(self, topics: Iterable[str]) -> asyncio.Queue[str]:
        queue: asyncio.Queue[str] = asyncio.Queue(WAITING_AT_MOST)
        self._listeners[queue] = frozenset(topics)
        return queue

    def forget(self, queue: asyncio.Queue[str]) -> None:
        self._listeners.pop(queue, None)

    async def opened(self, app: web.Application) -> AsyncIterator[None]:
        app.on_shutdown.append(self._hang_up)
        yield

    async def _hang_up(self, app: web.Application) -> None:
        for queue in list(self._listeners):
            if not queue.full():
                queue.put_nowait("")


LIVE: web.AppKey[Live] = web.AppKey("live", Live)

routes = web.RouteTableDef()


@routes.get("/live")
async def listen(request: web.Request) -> web.StreamResponse:
    """`/live?topic=wall:1&topic=mail`; each change is one event with the topic as its data."""
    live = request.app[LIVE]
    answer = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    queue = live.listen(request.query.getall("topic", []))
    try:
        await answer.prepare(request)
        await answer.write(b"retry: 1000\n\n")
        while (line := await _next_line(queue)) is not None:
            await answer.write(line)
    except (ConnectionResetError, asyncio.CancelledError):
        pass
    finally:
        live.forget(queue)
    return answer


async def _next_line(queue: asyncio.Queue[str]) -> bytes | None:
    try:
        topic = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
    except TimeoutError:
        return b": still here\n\n"
    clean = topic.replace("\r", "").replace("\n", "")
    return f"data: {clean}\n\n".encode() if clean else None
