"""A shop whose page lives in the running sandbox: webhooks come in, replies go out over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlmodel import col, select

from core.jobs import Handler
from core.shops import Shop
from core.vault import Vault
from inbox.conversations import get_conversation
from inbox.delivering import send_reply
from inbox.learning_names import learn_name
from inbox.models import Conversation, Message, ReplyKind
from inbox.moderating import carry_out
from inbox.reading_posts import read_post
from inbox.receiving import receive
from inbox.replies import Reply, Text
from inbox.sending import Author, by_staff, reply
from inbox.settling import settle_unclear
from meta.deliveries import split
from meta.incoming import read
from meta.models import MetaPage
from meta.pages import Graphs
from meta.settings import MetaSettings
from sandbox.dashboard import subscribe_all
from sandbox.graph_faults import GraphFault
from sandbox.serving import listening, served
from sandbox.settings import SandboxPage, SandboxSettings
from sandbox.things import Person
from sandbox.world import World
from staff.members import hire
from staff.models import Member
from tests.conftest import SetClock, WatchedDatabase
from tests.inbox.story import Inbox

PAGE, INSTAGRAM, TOKEN = "100200300400500", "17841400000000001", "page-token"


@dataclass
class Market(Inbox):
    """`quiet` keeps what the platform tells, until `hear`."""

    world: World
    graphs: Graphs
    staff: Member
    anna: Person
    ben: Person
    kept: list[bytes] = field(default_factory=list)
    is_quiet: bool = False

    async def take(self, raw: bytes) -> None:
        for event in split(raw, now=self.clock()):
            happening = read(event.kind, orjson.loads(event.body))
            async with self.db.transaction() as session:
                await receive(session, self.shop, happening, now=self.clock())

    async def hear(self) -> None:
        """Everything that was told meanwhile."""
        await self.world.sender.settled(5)
        kept, self.kept = self.kept, []
        for raw in kept:
            await self.take(raw)

    async def settle(self) -> None:
        """Jobs run and webhooks arrive until nothing moves any more."""
        for _ in range(2):
            await self.db.tool("jobs").drain()
            await self.world.sender.settled(5)
        await self.db.tool("jobs").drain()

    async def say(
        self,
        conversation: Conversation,
        said: str | Reply,
        *,
        author: Author | None = None,
        kind: ReplyKind = "message",
        answers: int | None = None,
    ) -> Message:
        content = Text(said) if isinstance(said, str) else said
        author = author or by_staff(self.staff.key)
        async with self.db.transaction() as session:
            return await reply(
                session,
                conversation,
                content,
                author=author,
                kind=kind,
                answers=answers,
                now=self.clock(),
            )

    async def look(self, message: Message) -> Message:
        async with self.db.reading() as session:
            return await session.get_one(Message, message.key)

    async def chat(self, person: Person, channel: str = "messenger") -> Conversation:
        thread = self.world.talk(person, PAGE, channel)  # type: ignore[arg-type]
        return await self.by_key(f"{channel}:{thread.user_id}")

    async def by_key(self, key: str) -> Conversation:
        async with self.db.reading() as session:
            query = select(Conversation).where(col(Conversation.thread_key) == key)
            return (await session.exec(query)).one()

    async def again(self, conversation: Conversation) -> Conversation:
        async with self.db.reading() as session:
            return await get_conversation(session, self.shop.key, conversation.key)

    def breaks(self, family: str, *, times: int | None = 1, path: str = "") -> None:
        self.world.graph_weather.faults.append(GraphFault(family, times, path))

    def shown_in_chat(self, person: Person, channel: str = "messenger") -> list[str]:
        thread = self.world.talk(person, PAGE, channel)  # type: ignore[arg-type]
        return [message.text for message in thread.messages]


def _settings(url: str, hook: str, **more: Any) -> SandboxSettings:
    page = SandboxPage(
        page_id=PAGE,
        name="Blumen am Markt",
        slug="blumen",
        page_token=TOKEN,
        instagram_id=INSTAGRAM,
        instagram_username="blumen.markt",
    )
    return SandboxSettings(base_url=url, product_url=hook, pages=(page,), **more)


@asynccontextmanager
async def _hook(took: list[Market]) -> AsyncIterator[str]:
    async def take(request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text=request.query.get("hub.challenge", ""))
        market, raw = took[0], await request.read()
        if market.is_quiet:
            market.kept.append(raw)
        else:
            await market.take(raw)
        return web.Response()

    app = web.Application()
    app.router.add_route("*", "/webhooks/meta", take)
    bound, url = listening()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    try:
        yield url
    finally:
        await runner.cleanup()


@pytest.fixture
async def market(db: WatchedDatabase, shop: Shop, clock: SetClock) -> AsyncIterator[Market]:
    took: list[Market] = []
    bound, url = listening()
    async with (
        _hook(took) as hook,
        served(_settings(url, hook), bound, now=clock) as world,
        aiohttp.ClientSession() as http,
    ):
        settings = MetaSettings(
            app_id=world.settings.app_id,
            app_secret=SecretStr(world.settings.app_secret),
            graph_url=f"{url}/graph",
        )
        vault = Vault(SecretStr("a key only for tests, but long enough"))
        graphs = Graphs(http, settings, vault, clock)
        staff = await _furnish(db, shop, clock, vault)
        anna, ben = world.meet("Anna Weber"), world.meet("Ben Yıldız")
        took.append(Market(db, shop, clock, world, graphs, staff, anna, ben))
        world.graph_weather.hang_s = 0.2
        await subscribe_all(world)
        _bind_jobs(db, graphs, clock)
        yield took[0]


async def _furnish(db: WatchedDatabase, shop: Shop, clock: SetClock, vault: Vault) -> Member:
    async with db.transaction() as session:
        session.add(
            MetaPage(
                shop_id=shop.key,
                page_id=PAGE,
                page_name="Blumen am Markt",
                instagram_id=INSTAGRAM,
                instagram_username="blumen.markt",
                sealed_token=vault.seal(SecretStr(TOKEN)),
                connected_at=clock(),
            )
        )
        return await hire(session, shop.key, "Mia", "mia@blumen.example", "agent", now=clock())


def _bind_jobs(db: WatchedDatabase, graphs: Graphs, clock: SetClock) -> None:
    handlers = db.tool("jobs").handlers
    for job in (send_reply, settle_unclear, learn_name, read_post, carry_out):
        name = f"{job.__module__}.{job.__qualname__}"
        handlers[name] = Handler(partial(job, db, graphs, clock))
