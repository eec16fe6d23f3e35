"""(3) From a webhook's arrival to the bot's reply leaving the house."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
from aiohttp import web

from bench.load import Outcome, load
from bench.report import ratio
from bench.servers import free_port, running
from bench.webhooks import text_message

BURST = 500
ONE_BY_ONE = 200


class Platform:
    """Takes what the product sends and notes when; answers as the Send API does."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self.news = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        data = await request.post() if "form" in request.content_type else await request.json()
        recipient = data.get("recipient", "{}")
        person = (orjson.loads(recipient) if isinstance(recipient, str) else recipient).get(
            "id", ""
        )
        if "message" in data:
            self.arrived.setdefault(str(person), time.perf_counter())
            self.news.set()
        return web.json_response({"recipient_id": person, "message_id": f"m_out_{time.time_ns()}"})

    async def wait_for(self, person: str, seconds: float = 10) -> float:
        async with asyncio.timeout(seconds):
            while person not in self.arrived:
                self.news.clear()
                await self.news.wait()
        return self.arrived[person]


@asynccontextmanager
async def platform() -> AsyncIterator[tuple[Platform, str]]:
    here, port = Platform(), free_port()
    app = web.Application()
    app.router.add_post("/{version}/{page}/messages", here.take)
    app.router.add_route("*", "/{tail:.*}", lambda _: _nothing())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield here, f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def _nothing() -> web.Response:
    return web.json_response({"data": []})


async def measure(folder: Path, *, at_ms: int) -> str:
    async with platform() as (here, url):
        with running("Tresen", "bench.product", "work",
                     BENCH_DB=str(folder / "replies.db"), BENCH_GRAPH=url) as server:  # fmt: skip
            single = [await _one(here, server.port, person, at_ms) for person in range(ONE_BY_ONE)]
            burst = await _burst(here, server.port, at_ms)
    return _text(single[20:], burst)


async def _one(here: Platform, port: int, person: int, at_ms: int) -> float:
    """One customer at a time, each writing once."""
    message = signed(text_message(person, f"m_one_{person}", "Habt ihr Rosen?", at_ms + person))
    began = time.perf_counter()
    outcome: Outcome = await load(port, iter([message]), connections=1, seconds=10)
    if set(outcome.statuses) != {200}:
        raise RuntimeError(f"the product answered {outcome.statuses}")
    return await here.wait_for(str(7000000000 + person)) - began


async def _burst(here: Platform, port: int, at_ms: int) -> list[float]:
    """500 customers write at the same moment."""
    people = range(10_000, 10_000 + BURST)
    messages = [signed(text_message(one, f"m_b_{one}", "Habt ihr Rosen?", at_ms)) for one in people]
    began = time.perf_counter()
    await load(port, iter(messages), connections=50, seconds=60)
    return [await here.wait_for(str(7000000000 + one), 60) - began for one in people]


def _at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1e3


def _text(single: list[float], burst: list[float]) -> str:
    return "\n".join([
        "\n### From the webhook's first byte to the reply reaching the platform\n",
        "| | p50 | p99 |", "|---|---:|---:|",
        f"| one customer at a time | {_at(single, 0.5):.1f} ms | {_at(single, 0.99):.1f} ms |",
        f"| {BURST} customers at once | {_at(burst, 0.5):.0f} ms | {_at(burst, 0.99):.0f} ms |",
        "",
        ratio("p99 for one customer, in ms", _at(single, 0.99), 150, at_least=False),
        f"- burst: {BURST / max(burst):.0f} replies per second",
    ])  # fmt: skip
