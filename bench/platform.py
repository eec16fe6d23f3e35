"""Stands where Meta's servers stand: takes what the product sends and notes when it came."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
from aiohttp import web

from bench.servers import free_port


class Platform:
    """Answers as the Send API and the profile do, at once and always well."""

    def __init__(self) -> None:
        self.heard: dict[str, list[float]] = {}
        self._news = asyncio.Event()

    @property
    def replies(self) -> int:
        return sum(map(len, self.heard.values()))

    async def take(self, request: web.Request) -> web.Response:
        now = time.perf_counter()
        form = await request.post()
        person = str(orjson.loads(str(form["recipient"]))["id"])
        if "message" in form:
            self.heard.setdefault(person, []).append(now)
            self._news.set()
        return web.json_response({"recipient_id": person, "message_id": f"m_{time.time_ns()}"})

    async def tell_name(self, request: web.Request) -> web.Response:
        return web.json_response({"first_name": "Lena", "last_name": request.match_info["id"]})

    async def wait_for(self, person: str, *, count: int = 1, seconds: float = 60) -> list[float]:
        """When the first `count` replies to `person` came."""
        async with asyncio.timeout(seconds):
            while len(self.heard.get(person, ())) < count:
                self._news.clear()
                await self._news.wait()
        return self.heard[person][:count]


@asynccontextmanager
async def platform() -> AsyncIterator[tuple[Platform, str]]:
    """And the address to set as META_GRAPH_URL."""
    here, port = Platform(), free_port()
    app = web.Application()
    app.router.add_post("/{version}/{page}/messages", here.take)
    app.router.add_get("/{version}/{id}", here.tell_name)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield here, f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
