"""A shop at the sandbox's Graph API, and a server for answers the sandbox would never give."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from core.vault import Vault
from meta.graph import Graph
from meta.models import MetaPage
from meta.pages import Graphs
from meta.settings import MetaSettings
from sandbox.serving import listening, served
from sandbox.settings import SandboxPage, SandboxSettings
from sandbox.things import Token
from sandbox.world import World
from tests.conftest import SetClock

PAGE, INSTAGRAM = "102030405060708", "17841400000000001"
TOKEN, APP, SECRET, VERIFY = "page-token-of-tests", "1900000000000001", "app-secret", "verify-me"


def meta_settings(url: str, **more: Any) -> MetaSettings:
    values = {
        "app_id": APP,
        "app_secret": SecretStr(SECRET),
        "verify_token": SecretStr(VERIFY),
        "graph_url": f"{url}/graph",
        **more,
    }
    return MetaSettings(_env_file=None, **values)


@pytest.fixture
def vault() -> Vault:
    return Vault(SecretStr("only for tests, but long enough for all that"))


@dataclass
class Doorbell:
    """What stands at the callback address: it knows the verify token."""

    url: str
    rung: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.rung.append(request.method)
        is_ours = request.query.get("hub.verify_token") == VERIFY
        return web.Response(
            status=200 if is_ours or request.method == "POST" else 403,
            text=request.query.get("hub.challenge", ""),
        )


@dataclass
class Network:
    """The sandbox, and our own clients for it."""

    world: World
    url: str
    graphs: Graphs
    bell: Doorbell
    vault: Vault

    def page(self, **more: Any) -> MetaPage:
        values = {
            "shop_id": 1,
            "page_id": PAGE,
            "page_name": "Blumen am Markt",
            "instagram_id": INSTAGRAM,
            "instagram_username": "blumen",
            "sealed_token": self.vault.seal(SecretStr(TOKEN)),
            "connected_at": self.world.now(),
        }
        return MetaPage(**values | more)

    @property
    def graph(self) -> Graph:
        return self.graphs.graph_with(SecretStr(TOKEN), account=PAGE)

    def grant(self, text: str, **parts: Any) -> Token:
        """Another token for the page, made up by the test."""
        shop = self.world.shop(PAGE)
        kind = parts.pop("kind", "PAGE")
        scopes = parts.pop("scopes", self.world.tokens[TOKEN].scopes)
        token = Token(text, kind, shop if kind == "PAGE" else None, tuple(scopes), **parts)
        self.world.tokens[text] = token
        return token


@pytest.fixture
async def network(clock: SetClock, vault: Vault) -> AsyncIterator[Network]:
    async with AsyncExitStack() as open_things:
        bell = await _ring_at(open_things)
        bound, url = listening()
        shop = SandboxPage(
            page_id=PAGE, name="Blumen am Markt", slug="blumen", page_token=TOKEN,
            instagram_id=INSTAGRAM, instagram_username="blumen.am.markt",
        )  # fmt: skip
        settings = SandboxSettings(
            base_url=url, product_url=bell.url, app_id=APP, app_secret=SECRET,
            verify_token=VERIFY, pages=(shop,),
        )  # fmt: skip
        world = await open_things.enter_async_context(served(settings, bound, now=clock))
        http = await open_things.enter_async_context(aiohttp.ClientSession())
        graphs = Graphs(http, meta_settings(url), vault, clock)
        yield Network(world, url, graphs, bell, vault)


async def _ring_at(open_things: AsyncExitStack) -> Doorbell:
    bound, url = listening()
    bell = Doorbell(url)
    app = web.Application()
    app.router.add_route("*", "/webhooks/meta", bell.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    open_things.push_async_callback(runner.cleanup)
    await web.SockSite(runner, bound).start()
    return bell


Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Oddity:
    """A Graph API that answers whatever the test says; `seen` holds the calls."""

    graphs: Graphs
    http: aiohttp.ClientSession
    answer: Answer | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)

    @property
    def graph(self) -> Graph:
        return self.graphs.graph_with(SecretStr(TOKEN), account=PAGE)

    def losing_patience_after(self, seconds: float) -> Graph:
        timeout = aiohttp.ClientTimeout(total=seconds)
        own = self.graphs
        hasty = Graphs(self.http, own.settings, own.vault, SetClock(), timeout=timeout)
        return hasty.graph_with(SecretStr(TOKEN), account=PAGE)

    async def take(self, request: web.Request) -> web.StreamResponse:
        form = dict(await request.post()) if request.can_read_body else {}
        self.seen.append(
            {
                "method": request.method,
                "path": request.path,
                "query": dict(request.query),
                "form": form,
                "headers": dict(request.headers),
                "address": str(request.url),
            }
        )
        assert self.answer is not None
        return await self.answer(request)

    def says(self, body: Any = None, status: int = 200, **headers: str) -> None:
        async def answer(request: web.Request) -> web.Response:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            if isinstance(body, str):
                return web.Response(text=body, status=status, headers=named)
            return web.json_response(body, status=status, headers=named)

        self.answer = answer


@pytest.fixture
async def odd(clock: SetClock, vault: Vault) -> AsyncIterator[Oddity]:
    bound, url = listening()
    async with aiohttp.ClientSession() as http:
        graphs = Graphs(http, meta_settings(url), vault, clock)
        oddity = Oddity(graphs, http)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", oddity.take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.SockSite(runner, bound).start()
        yield oddity
        await runner.cleanup()
