"""When a process dies: at one of the places where something has just become, or is to become, real.

A place is a commit, a call to Stripe or a job, before it and after it. Whoever meets one in a
process that is dead gets no further, so nothing it still holds in its hands has an effect.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.events import Reactions
from core.jobs import Handler


class Killed(BaseException):
    """kill -9, as the code inside meets it: no `except Exception` may go on after this."""


class Fate:
    """Of one process. `doom` is how many more places it gets past; None: it lives on. `dreaded`
    is a place it does not get past at all."""

    def __init__(self) -> None:
        self.doom: int | None = None
        self.dreaded = ""
        self.met = 0
        self.last_place = ""
        self.death = asyncio.Event()

    def meet(self, place: str) -> None:
        if self.death.is_set():
            raise Killed(place)
        self.met += 1
        if place == self.dreaded:
            self.doom = 0
        if self.doom is None:
            return
        if self.doom == 0:
            self.last_place = place
            self.death.set()
            raise Killed(place)
        self.doom -= 1


class MortalDatabase(Database):
    """Dies before or after its commits."""

    def __init__(self, url: str, *, reactions: Reactions, fate: Fate) -> None:
        super().__init__(url, reactions=reactions, pool_size=5)
        self._fate = fate

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with super().transaction() as session:
            hooks = session.info.setdefault("before_commit", [])
            yield session
            hooks.append(self._before_commit)
        self._fate.meet("after a commit")

    async def _before_commit(self, session: AsyncSession) -> None:
        self._fate.meet("before a commit")


def mortal_job(fate: Fate, name: str, handler: Handler) -> Handler:
    """Dies when it begins, or when it has ended and that is not written down yet."""

    async def run(**args: Any) -> None:
        fate.meet(f"at the beginning of {name}")
        await handler.run(**args)
        fate.meet(f"at the end of {name}")

    return Handler(run, attempts=handler.attempts)


def mortal_calls(fate: Fate) -> aiohttp.TraceConfig:
    """Dies before a request leaves, or when its answer is there and nobody has read it."""

    async def leaves(_: object, __: SimpleNamespace, asked: Any) -> None:
        fate.meet(f"before {asked.method} {asked.url.path}")

    async def answered(_: object, __: SimpleNamespace, asked: Any) -> None:
        fate.meet(f"after {asked.method} {asked.url.path}")

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(leaves)
    trace.on_request_end.append(answered)
    return trace
