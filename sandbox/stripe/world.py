"""All the small Stripe knows: accounts with their objects, its clock and its troubles."""

import heapq
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from sandbox.stripe.errors import NoSuch
from sandbox.stripe.faults import Faults
from sandbox.stripe.settings import SandboxAccount, StripeSandboxSettings
from sandbox.stripe.things import Thing
from sandbox.webhooks import WebhookSender

KEPT_REQUESTS = 5000


@dataclass(eq=False)
class Account:
    """Ids of one account are unknown to every other. `standing` is where it differs from an
    account that may do everything."""

    settings: SandboxAccount
    standing: dict[str, Any] = field(default_factory=dict)
    things: defaultdict[str, dict[str, Thing]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def id(self) -> str:
        return self.settings.account_id

    def keep(self, thing: Thing) -> Thing:
        self.things[thing["object"]][thing["id"]] = thing
        return thing

    def find(self, kind: str, thing_id: str, *, param: str = "id") -> Thing:
        try:
            return self.things[kind][thing_id]
        except KeyError:
            raise NoSuch(kind, thing_id, param=param) from None

    def newest(self, kind: str) -> list[Thing]:
        return list(reversed(self.things[kind].values()))


@dataclass(order=True)
class Timer:
    due_at: float
    number: int
    action: Callable[[], object] = field(compare=False)


@dataclass(eq=False)
class World:
    """One per application; nothing outlives it."""

    settings: StripeSandboxSettings
    sender: WebhookSender
    accounts: dict[str, Account] = field(default_factory=dict)
    keys: dict[str, Account] = field(default_factory=dict)
    lacks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    links: dict[str, Thing] = field(default_factory=dict)
    requests: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))
    results: dict[tuple[str, str], Any] = field(default_factory=dict)
    started_at: int = field(default_factory=lambda: int(time.time()))
    changed: Callable[[], None] = lambda: None
    offset_s: float = 0
    is_closing: bool = False
    _timers: list[Timer] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        for settings in self.settings.accounts:
            account = self.accounts.setdefault(settings.account_id, Account(settings))
            self.keys[settings.secret_key] = account
            self.lacks[settings.secret_key] = settings.lacks

    @property
    def now(self) -> int:
        """Stripe's time in whole seconds; the control API can move it."""
        return int(self.clock())

    def clock(self) -> float:
        return time.time() + self.offset_s

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do it once the clock has come so far, also when the clock is moved there."""
        timer = Timer(self.clock() + seconds, next(self._numbers), action)
        heapq.heappush(self._timers, timer)

    def run_due(self) -> None:
        while self._timers and self._timers[0].due_at <= self.clock():
            heapq.heappop(self._timers).action()

    def move_clock(self, offset_s: float) -> None:
        """Seconds ahead of real time. Moved ahead, all that was due meanwhile happens now."""
        self.offset_s = offset_s
        self.run_due()

    def holder(self, kind: str, thing_id: str) -> Account:
        """Whose object this is; ids are unique over all accounts."""
        for account in self.accounts.values():
            if thing_id in account.things[kind]:
                return account
        raise NoSuch(kind, thing_id)


WORLD: web.AppKey[World] = web.AppKey("stripe_world", World)


@dataclass(frozen=True)
class Call:
    """Who asks: one request of the API, or (without a request id) a buyer, a bank, the clock."""

    world: World
    account: Account
    request_id: str | None = None
    idempotency_key: str | None = None
    origin: str = ""
    platform: str = ""

    @property
    def now(self) -> int:
        return self.world.now

    def aside(self) -> "Call":
        """For what happens later, when the request is long answered."""
        return Call(self.world, self.account, origin=self.origin)
