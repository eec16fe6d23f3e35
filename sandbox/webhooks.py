"""Sends webhooks over real HTTP, retries what was not answered with 200, remembers all of it."""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Literal

import aiohttp
from aiohttp import web

from sandbox.weather import Weather

Headers = Callable[[bytes], dict[str, str]]
State = Literal["waiting", "held", "delivered", "dropped", "failed"]
Order = Literal["kept", "reversed", "shuffled"]

KEPT_DELIVERIES = 5000
PARALLEL_LANES = 16
REORDER_WAIT_S = 1.0


@dataclass(frozen=True)
class Attempt:
    """`status` is the HTTP status, 0 where no answer came (then `problem` says why)."""

    at: datetime
    status: int
    problem: str = ""


@dataclass
class Delivery:
    """One webhook; `headers` is asked at send time, so a signature's timestamp is fresh."""

    number: int
    label: str
    target_url: str
    body: bytes
    headers: Headers
    lane: str
    state: State = "waiting"
    delay_s: float = 0
    is_tampered: bool = False
    attempts: list[Attempt] = field(default_factory=list)


class WebhookSender:
    """Deliveries of one lane leave one after the other, lanes side by side.

    A lane is the target unless the caller names a finer one. A refused delivery is retried
    later and does not hold up its lane, as with the real senders: order is not promised.
    """

    def __init__(
        self,
        *,
        weather: Weather,
        now: Callable[[], datetime],
        retry_delays_s: Sequence[float] = (0.1, 0.5, 2, 5, 15, 60, 300),
        timeout_s: float = 20,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.weather = weather
        self.now = now
        self.changed = changed
        self.retry_delays_s = tuple(retry_delays_s)
        self.timeout = aiohttp.ClientTimeout(total=timeout_s)
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT_DELIVERIES)
        self.http: aiohttp.ClientSession | None = None
        self._lanes: dict[str, deque[Delivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = count(1)
        self._open = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._slots = asyncio.Semaphore(PARALLEL_LANES)
        self._late: dict[str, Delivery] = {}

    def send(
        self, target_url: str, body: bytes, headers: Headers, *, label: str, lane: str = ""
    ) -> Delivery:
        """Queue one webhook; returns at once. `label` is like "meta:messages" or "stripe"."""
        lane = f"{target_url} {lane}"
        delivery = Delivery(next(self._numbers), label, target_url, body, headers, lane)
        self.deliveries.append(delivery)
        if self.weather.strike("drop", label):
            delivery.state = "dropped"
            return delivery
        if self.weather.strike("hold", label):
            delivery.state = "held"
            return delivery
        if delay := self.weather.strike("delay", label):
            delivery.delay_s = delay.milliseconds / 1000
        delivery.is_tampered = self.weather.strike("tamper", label) is not None
        self._leave(delivery)
        if self.weather.strike("duplicate", label):
            self.repeat(delivery)
        return delivery

    def repeat(self, delivery: Delivery) -> Delivery:
        """Send the very same bytes once more, as the real senders sometimes do."""
        copy = Delivery(
            next(self._numbers),
            delivery.label,
            delivery.target_url,
            delivery.body,
            delivery.headers,
            delivery.lane,
        )
        self.deliveries.append(copy)
        self._leave(copy)
        return copy

    def release(self, *, label: str = "", order: Order = "kept") -> int:
        """Let go what is held; says how many that were."""
        held = [d for d in self.deliveries if d.state == "held" and d.label.startswith(label)]
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            random.shuffle(held)
        for delivery in held:
            delivery.state = "waiting"
            self._leave(delivery)
        return len(held)

    def about(self, label: str = "") -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.label.startswith(label)]

    async def settled(self, timeout_s: float = 10) -> None:
        """Until nothing is under way (held and dropped ones do not count)."""
        async with asyncio.timeout(timeout_s):
            await self._quiet.wait()

    def _leave(self, delivery: Delivery) -> None:
        self._open += 1
        self._quiet.clear()
        late = self._late.pop(delivery.lane, None)
        if late is None and self.weather.strike("reorder", delivery.label):
            self._late[delivery.lane] = delivery
            self._later(REORDER_WAIT_S, self._catch_up, delivery)
            return
        self._line_up(delivery)
        if late is not None:
            self._line_up(late)

    def _catch_up(self, delivery: Delivery) -> None:
        if self._late.get(delivery.lane) is delivery:
            del self._late[delivery.lane]
            self._line_up(delivery)

    def _line_up(self, delivery: Delivery) -> None:
        lane = self._lanes.get(delivery.lane)
        if lane is not None:
            lane.append(delivery)
            return
        self._lanes[delivery.lane] = deque([delivery])
        if self.http is not None:
            self._start(self._run_lane(delivery.lane))

    async def _run_lane(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            delivery = lane.popleft()
            await asyncio.sleep(delivery.delay_s)
            delivery.delay_s = 0
            async with self._slots:
                await self._attempt(delivery)
        del self._lanes[name]

    async def _attempt(self, delivery: Delivery) -> None:
        body, headers = delivery.body, delivery.headers(delivery.body)
        if delivery.is_tampered:
            body, delivery.is_tampered = tampered(body), False
        attempt = await self._post(delivery.target_url, body, headers)
        delivery.attempts.append(attempt)
        self.changed()
        if attempt.status == 200:
            self._close(delivery, "delivered")
        elif len(delivery.attempts) > len(self.retry_delays_s):
            self._close(delivery, "failed")
        else:
            wait_s = self.retry_delays_s[len(delivery.attempts) - 1]
            self._later(wait_s, self._line_up, delivery)

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Attempt:
        if self.http is None:
            return Attempt(self.now(), 0, "the sandbox is closing")
        try:
            async with self.http.post(
                url, data=body, headers=headers, timeout=self.timeout, allow_redirects=False
            ) as answer:
                await answer.read()
                return Attempt(self.now(), answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Attempt(self.now(), 0, type(error).__name__)

    def _close(self, delivery: Delivery, state: State) -> None:
        delivery.state = state
        self._open -= 1
        if self._open == 0:
            self._quiet.set()

    def _later(self, wait_s: float, action: Callable[[Delivery], None], what: Delivery) -> None:
        async def wait() -> None:
            await asyncio.sleep(wait_s)
            action(what)

        self._start(wait())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def opened(self, app: web.Application) -> AsyncIterator[None]:
        """A cleanup context: sends what was queued before, drops what is open at the end."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
            self.http = http
            for name in list(self._lanes):
                self._start(self._run_lane(name))
            yield
            self.http = None
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)


SENDER: web.AppKey[WebhookSender] = web.AppKey("sender", WebhookSender)


def tampered(body: bytes) -> bytes:
    """One byte turned, in the middle: what a forger would have to get past the signature."""
    place = len(body) // 2
    return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :] if body else b"?"
