"""The shop's process: the whole product on an event loop of its own, to be killed at any moment."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from app.build import build_app
from app.demo.settings import DemoPlan, product_settings
from app.jobs import PERIODICS, handlers_for
from app.reactions import REACTIONS
from bot.answering import VOICE
from core import procrastinate_sql as sql
from core.clock import CLOCK
from core.database import DATABASE
from core.engines import open_engine
from core.errorpages import render_errors
from core.intake import Intake
from core.jobs import JOBS, Handler, JobEngine, name_of
from core.mail import send_mail
from core.pages import PAGES
from core.periodic import tick
from core.vault import VAULT, Vault
from meta.pages import GRAPHS, Graphs
from meta.settings import META
from payments import routes
from payments.clients import STRIPES, Stripes
from payments.settings import PaymentSettings
from payments.webhooks import STRIPE_INTAKE, read_events
from tests.databases import fast_folder
from tests.orders_and_money.fate import (
    Fate,
    Killed,
    MortalDatabase,
    mortal_calls,
    mortal_job,
)

T = TypeVar("T")

# The rest looks after Facebook and after itself.
COMING_ROUND = [one for one in PERIODICS if one.name.startswith(("payments.", "storefront."))]
_LAST_BREATH = 0.02
VAULT_KEY = SecretStr("a key for tests that is long enough, it really is")


class Life:
    """One process on the shop's database. Several follow one another; nothing else connects them."""

    def __init__(self, database_url: str, stripe_url: str, clock: Callable[[], datetime]) -> None:
        self._loop = asyncio.Runner()
        self._loop.get_loop().set_exception_handler(_unless_killed)
        self._clock = clock
        self.fate = Fate()
        self.app = _lay_out(database_url, clock, self.fate)
        self._loop.run(self._begin(stripe_url))

    @property
    def db(self) -> MortalDatabase:
        database: Any = self.app[DATABASE]
        return database

    @property
    def stripes(self) -> Stripes:
        return self.app[STRIPES]

    @property
    def jobs(self) -> JobEngine:
        return self.app[JOBS]

    def now(self) -> datetime:
        return self._clock()

    async def _begin(self, stripe_url: str) -> None:
        app = self.app
        self._http = aiohttp.ClientSession(trace_configs=[mortal_calls(self.fate)])
        self._outside = aiohttp.ClientSession()
        settings = PaymentSettings(stripe_api_url=f"{stripe_url}/stripe")
        app[STRIPES] = Stripes(self._http, settings, app[VAULT], retries=0)
        app[GRAPHS] = Graphs(self._http, app[META], app[VAULT], self._clock)
        handlers = handlers_for(app) | {name_of(send_mail): Handler(_leave_in_the_outbox)}
        mortal = {name: mortal_job(self.fate, name, one) for name, one in handlers.items()}
        # One job at a time: the same story is to go the same way again.
        app[JOBS] = open_engine(self.db, mortal, COMING_ROUND, clock=self._clock, concurrency=1)
        self.db.provide("jobs", app[JOBS])
        # Many at a time, for those steps in which everything happens at once.
        self.crew = open_engine(self.db, mortal, (), clock=self._clock, concurrency=4)
        app[STRIPE_INTAKE] = Intake(self.db, job=name_of(read_events), clock=self._clock)
        self._server = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._server.setup()
        site = web.TCPSite(self._server, "127.0.0.1", 0)
        await site.start()
        self._port = self._server.addresses[0][1]
        if not self.db.is_sqlite:
            await self._take_over()

    async def _take_over(self) -> None:
        """What living workers do for those who are silent, without the half minute's wait."""
        async with self.db.writer.begin() as connection:
            await connection.execute(sql.PRUNE, {"seconds": 0})
            await connection.execute(sql.LEFT_BEHIND)
            await connection.execute(sql.RESCUE)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Raises Killed when the process dies over it."""
        return self._loop.run(self._unless_dying(work))

    async def _unless_dying(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        death = asyncio.ensure_future(self.fate.death.wait())
        await asyncio.wait({task, death}, return_when=asyncio.FIRST_COMPLETED)
        if self.fate.death.is_set():
            raise Killed(self.fate.last_place)
        death.cancel()
        return await task

    async def tick(self) -> None:
        """The jobs that come round by the clock."""
        await tick(self.db, COMING_ROUND, now=self._clock())

    async def hear(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        """A webhook at the door; 0 when nobody answers."""
        url = f"http://127.0.0.1:{self._port}{path}"
        try:
            async with self._outside.post(url, data=body, headers=headers) as answer:
                return answer.status
        except aiohttp.ClientError:
            return 0

    def bury(self) -> None:
        """What a process leaves behind when it has ended, however it did: nothing but its files."""
        self._loop.run(self._close())
        self._loop.close()

    async def _close(self) -> None:
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        # What is rolling back its transaction is not to be cut off in that.
        await asyncio.wait(others, timeout=_LAST_BREATH) if others else None
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._server.cleanup()
        await asyncio.gather(self._http.close(), self._outside.close())
        await self.db.close()


@cache
def _furniture() -> web.Application:
    """All tools of the product that hold nothing of any shop; what does is made anew below."""
    plan = DemoPlan(fast_folder() / "nobody-opens-this", 1, 2, 3)
    return build_app(product_settings(plan), serves=False, works=False)


def _lay_out(database_url: str, clock: Callable[[], datetime], fate: Fate) -> web.Application:
    app = web.Application(middlewares=[render_errors])
    for key in (furniture := _furniture()):
        app[key] = furniture[key]
    app[DATABASE] = MortalDatabase(database_url, reactions=REACTIONS, fate=fate)
    app[CLOCK], app[VAULT] = clock, Vault(VAULT_KEY)
    for name, tool in (("clock", clock), ("pages", app[PAGES]), ("voice", app[VOICE])):
        app[DATABASE].provide(name, tool)
    app.add_routes(routes.routes)
    return app


async def _leave_in_the_outbox(*, mail_id: int) -> None:
    """What the post does is none of the shop's business."""


def _unless_killed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if not isinstance(context.get("exception"), Killed):
        loop.default_exception_handler(context)
