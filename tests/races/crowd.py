"""Many buyers at one moment, each with a visit of their own, and what became of them."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp

from tests.storefront.goods import ADDRESS
from tests.storefront.stall import Stall

_HIDDEN = re.compile(r'type="hidden" name="([a-z_]+)" value="([^"]*)"')


@dataclass(slots=True)
class Score:
    """Of one scenario on one database, over all runs."""

    runs: int = 0
    sold: int = 0
    refused: int = 0
    errors: int = 0
    worst: float = 0.0

    def count(self, statuses: Iterable[int], *, worst: float) -> None:
        told = Counter(statuses)
        self.runs += 1
        self.sold += told[303]
        self.refused += told[409] + told[422]
        self.errors += told.total() - told[303] - told[409] - told[422]
        self.worst = max(self.worst, worst)


SCORES: dict[tuple[str, str], Score] = {}


@dataclass(slots=True)
class Crowd:
    """Everybody comes without cookies: a visit is its address."""

    stall: Stall
    http: aiohttp.ClientSession
    origin: str
    times: list[float] = field(default_factory=list)

    async def fill(self, variant_id: int, base: str = "/s/blumen/", quantity: int = 1) -> str:
        """Into the basket; the address of the visit."""
        told = {"variant": variant_id, "quantity": quantity}
        _, where = await self._post(f"{base}basket/add", told)
        return where.removesuffix("basket")

    async def use_code(self, base: str, code: str) -> None:
        status, _ = await self._post(f"{base}basket/code", {"code": code})
        assert status == 303

    async def form(self, base: str) -> dict[str, str]:
        async with self.http.get(f"{self.origin}{base}order", headers=self._headers()) as answer:
            assert answer.status == 200
            return ADDRESS | dict(_HIDDEN.findall(await answer.text()))

    async def get_ready(self, variant_ids: Iterable[int]) -> list[tuple[str, dict[str, str]]]:
        """Baskets filled and order pages open. This is no race, so only some come at once."""
        few = asyncio.Semaphore(8)

        async def one(variant_id: int) -> tuple[str, dict[str, str]]:
            async with few:
                return await self.ready(variant_id)

        return await all_at_once(one(variant_id) for variant_id in variant_ids)

    async def ready(self, variant_id: int) -> tuple[str, dict[str, str]]:
        base = await self.fill(variant_id)
        return base, await self.form(base)

    async def place(self, base: str, form: dict[str, str]) -> tuple[int, str]:
        """Status, and where it leads."""
        began = time.perf_counter()
        told = await self._post(f"{base}order/place", form)
        self.times.append(time.perf_counter() - began)
        return told

    async def look(self, path: str) -> int:
        began = time.perf_counter()
        async with self.http.get(self.origin + path, headers=self._headers()) as answer:
            await answer.read()
        self.times.append(time.perf_counter() - began)
        return answer.status

    async def _post(self, path: str, data: dict[str, Any]) -> tuple[int, str]:
        url, told = self.origin + path, {name: str(value) for name, value in data.items()}
        async with self.http.post(
            url, data=told, headers=self._headers(), allow_redirects=False
        ) as answer:
            await answer.read()
            return answer.status, answer.headers.get("Location", "")

    def _headers(self) -> dict[str, str]:
        return {"Origin": self.origin, "Accept": "text/html", "Accept-Language": "en"}

    async def pay(self, links: Iterable[str]) -> None:
        for link in links:
            await self.stall.till.buyer(link.rsplit("/", 1)[1], "pay")
        await self.stall.till.work()


T = TypeVar("T")


async def all_at_once(doing: Iterable[Awaitable[T]]) -> list[T]:
    return await asyncio.gather(*doing)


@asynccontextmanager
async def open_crowd(stall: Stall) -> AsyncIterator[Crowd]:
    origin = str(stall.fan.make_url("")).rstrip("/")
    connector = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as http:
        yield Crowd(stall, http, origin)
