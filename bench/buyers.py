"""Guests: each buys something, from the basket to the pay page or to the page that says it is paid.

HTTP/1.1 by hand on two keep-alive connections: a client library would cost as much as the shop.
"""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode, urlsplit

from bench.names import CODE, SLUG

_HIDDEN = re.compile(rb'type="hidden" name="([a-z_]+)" value="([^"]*)"')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
ADDRESS = {
    "name": "Anna Blum", "street": "Gartenweg 3", "postcode": "01067", "town": "Dresden",
    "country": "DE", "delivery": "delivery",
}  # fmt: skip
PAID = "Danke"
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    location: str
    body: bytes


class Line:
    """A keep-alive connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        reader, writer = self._ends
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{headers}"
        if body:
            head += f"Content-Length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        told = await reader.readuntil(b"\r\n\r\n")
        length, on = _LENGTH.search(told), _LOCATION.search(told)
        text = await reader.readexactly(int(length[1])) if length else b""
        return Answer(int(told[9:12]), on[1].decode() if on else "", text)

    def close(self) -> None:
        if self._ends is not None:
            self._ends[1].close()


@dataclass(slots=True)
class Till:
    """What the buyers noted. Seconds for each whole checkout and for each of its steps."""

    whole: list[float] = field(default_factory=list)
    steps: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ports:
    """Several processes may serve the one shop."""

    shops: tuple[int, ...]
    stripe: int


class Guest:
    """Somebody new each time: own address, own e-mail, no cookies."""

    def __init__(self, shop: Line, stripe: Line, port: int, number: int, till: Till) -> None:
        self._shop, self._stripe, self._till = shop, stripe, till
        self._number = number
        self._headers = (
            f"X-Forwarded-For: 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\r\n"
            f"Origin: http://127.0.0.1:{port}\r\nAccept: text/html\r\nAccept-Language: de\r\n"
        )

    async def buy(self, first: int, second: int, *, pays: bool) -> None:
        """Who `pays` has a browser that shows the basket after every step, and comes back paid."""
        began = time.perf_counter()
        base = await self._fill(first, second, looks=pays)
        pay_page = await self._order(base)
        if "/pay/" not in pay_page:
            raise RuntimeError(f"not sent to the pay page, but to {pay_page}")
        if pays:
            await self._come_back(await self._pay(pay_page))
        self._till.whole.append(time.perf_counter() - began)

    async def _fill(self, first: int, second: int, *, looks: bool) -> str:
        base = f"/s/{SLUG}/"
        for variant, quantity in ((first, 1), (second, 2)):
            on = await self._send("put into the basket", f"{base}basket/add",
                                  variant=variant, quantity=quantity)  # fmt: skip
            base = on.removesuffix("basket")
            if looks:
                await self._look("look at the basket", on)
        on = await self._send("use a code", f"{base}basket/code", code=CODE)
        if looks:
            await self._look("look at the basket", on)
        return base

    async def _order(self, base: str) -> str:
        page = await self._look("look at the order page", f"{base}order")
        hidden = {name.decode(): unescape(value.decode()) for name, value in _HIDDEN.findall(page)}
        told = ADDRESS | {"email": f"guest-{self._number}@example.org"} | hidden
        return await self._send("place, and be sent to Stripe", f"{base}order/place", **told)

    async def _send(self, step: str, path: str, **fields: object) -> str:
        """Where it leads."""
        headers = f"{self._headers}Content-Type: application/x-www-form-urlencoded\r\n"
        answer = await self._timed(step, "POST", path, headers, urlencode(fields).encode())
        if answer.status != 303:
            raise RuntimeError(f"{path}: {answer.status} {answer.body[:3000].decode()}")
        return answer.location

    async def _look(self, step: str, path: str) -> bytes:
        answer = await self._timed(step, "GET", path, self._headers, b"")
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.location} {answer.body[:2000]!r}")
        return answer.body

    async def _timed(self, step: str, method: str, path: str, headers: str, body: bytes) -> Answer:
        began = time.perf_counter()
        answer = await self._shop.ask(method, path, headers, body)
        self._till.steps.setdefault(step, []).append(time.perf_counter() - began)
        return answer

    async def _pay(self, pay_page: str) -> str:
        """At Stripe's; the address it sends the buyer back to."""
        parts = urlsplit((await self._stripe.ask("GET", urlsplit(pay_page).path)).location)
        return f"{parts.path}?{parts.query}"

    async def _come_back(self, status: str) -> None:
        """The page looks again by itself until the payment has arrived."""
        until = time.perf_counter() + PATIENCE_S
        while time.perf_counter() < until:
            if PAID.encode() in await self._look("come back to the paid order", status):
                return
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{status}: not paid within {PATIENCE_S:.0f} s")


async def send_buyers(
    ports: Ports, numbers: Iterator[int], variants: list[int],
    *, at_once: int, checkouts: int, pays: bool,
) -> Till:  # fmt: skip
    """So many guests at once, until so many checkouts have been begun in all; each of them keeps to
    one of the processes that serve."""
    till, left = Till(), iter(range(checkouts))

    async def keep_buying(shop: int) -> None:
        lines = Line(shop), Line(ports.stripe)
        for _ in left:
            number = next(numbers)
            first = variants[number * 7 % len(variants)]
            second = variants[(number * 7 + 3) % len(variants)]
            await Guest(*lines, shop, number, till).buy(first, second, pays=pays)
        for line in lines:
            line.close()

    async with asyncio.TaskGroup() as group:
        for which in range(at_once):
            group.create_task(keep_buying(ports.shops[which % len(ports.shops)]))
    return till
