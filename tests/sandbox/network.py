"""A running sandbox with a shop that takes its webhooks, and a caller of its Graph API."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.serving import listening, served
from sandbox.settings import SandboxPage, SandboxSettings
from sandbox.signing import proof
from sandbox.world import World

PAGE = "100200300400500"
INSTAGRAM = "17841400000000001"
SLUG = "blumen"
VERIFY = "verify-me"
SECRET = "app-secret"


class NetworkClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **parts: float) -> None:
        self.time += timedelta(**parts)


@dataclass
class Shop:
    """What stands in for the product: verifies nothing, keeps every delivery."""

    url: str = ""
    deliveries: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    tab_forms: list[dict[str, str]] = field(default_factory=list)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.deliveries]

    def changes(self, name: str = "feed") -> list[dict[str, Any]]:
        return [
            change["value"]
            for body in self.bodies
            for entry in body["entry"]
            for change in entry.get("changes", [])
            if change["field"] == name
        ]

    def events(self, kind: str = "messaging") -> list[dict[str, Any]]:
        return [
            event
            for body in self.bodies
            for entry in body["entry"]
            for event in entry.get(kind, [])
        ]


@asynccontextmanager
async def shop_running() -> AsyncIterator[Shop]:
    shop = Shop()

    async def hook(request: web.Request) -> web.Response:
        if request.method == "GET":
            is_ours = request.query.get("hub.verify_token") == VERIFY
            challenge = request.query.get("hub.challenge", "")
            return web.Response(status=200 if is_ours else 403, text=challenge)
        shop.deliveries.append((await request.read(), dict(request.headers)))
        return web.Response(status=shop.answers.pop(0) if shop.answers else 200)

    async def tab(request: web.Request) -> web.Response:
        shop.tab_forms.append({key: str(value) for key, value in (await request.post()).items()})
        page = "<!doctype html><html lang=en><title>Tab</title><main><h1>The shop tab</h1></main>"
        return web.Response(text=page, content_type="text/html")

    async def product(request: web.Request) -> web.Response:
        tags = '<meta property="og:title" content="Tulpen &amp; mehr">'
        return web.Response(text=f"<title>Tulpen</title>{tags}", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/webhooks/meta", hook)
    app.router.add_post("/s/{slug}/tab", tab)
    app.router.add_get("/p/tulpen", product)
    bound, shop.url = listening()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, bound).start()
    yield shop
    await runner.cleanup()


@dataclass
class Network:
    world: World
    shop: Shop
    clock: NetworkClock
    http: aiohttp.ClientSession
    url: str

    async def graph(
        self,
        method: str,
        path: str,
        /,
        token: str = "page-token",  # noqa: S107
        **params: Any,
    ) -> tuple[int, dict[str, Any]]:
        """`path` without version; a JSON body on POST, a query otherwise; signed."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if token and "appsecret_proof" not in params:
            params["appsecret_proof"] = proof(SECRET, token)
        sent = {"json": params} if method == "POST" else {"params": params}
        url = f"{self.url}/graph/v25.0/{path}"
        async with self.http.request(method, url, headers=headers, **sent) as answer:  # type: ignore[arg-type]
            return answer.status, await answer.json()

    async def refused(self, method: str, path: str, **params: Any) -> tuple[int, int | None]:
        """Code and subcode of the error that must come."""
        status, body = await self.graph(method, path, **params)
        assert status != 200, body
        error = body["error"]
        assert error["fbtrace_id"]
        return error["code"], error.get("error_subcode")

    async def send(self, text: str, to: str, **more: Any) -> tuple[int, dict[str, Any]]:
        return await self.graph(
            "POST",
            "me/messages",
            recipient={"id": to},
            messaging_type="RESPONSE",
            message={"text": text},
            **more,
        )

    async def control(self, method: str, path: str, /, **body: Any) -> Any:
        sent = {"json": body} if method == "POST" else {"params": body}
        async with self.http.request(method, f"{self.url}/control/{path}", **sent) as answer:  # type: ignore[arg-type]
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def subscribe(self, *, fields: str = "feed,messages,message_echoes") -> None:
        token = f"{self.world.settings.app_id}|{SECRET}"
        for name, wanted in (("page", fields), ("instagram", "comments,messages")):
            status, body = await self.graph(
                "POST",
                f"{self.world.settings.app_id}/subscriptions",
                token=token,
                object=name,
                callback_url=f"{self.shop.url}/webhooks/meta",
                verify_token=VERIFY,
                fields=wanted,
            )
            assert status == 200, body
        await self.graph("POST", f"{PAGE}/subscribed_apps", subscribed_fields=fields)

    async def settled(self) -> None:
        await self.world.sender.settled(5)


def settings_for(url: str, product_url: str, **more: Any) -> SandboxSettings:
    page = SandboxPage(
        page_id=PAGE,
        name="Blumen am Markt",
        slug=SLUG,
        page_token="page-token",
        instagram_id=INSTAGRAM,
        instagram_username="blumen.markt",
        about="Frische Sträuße",
    )
    other = SandboxPage(page_id="200", name="Nebenan", slug="nebenan", page_token="other-token")
    values: dict[str, Any] = {
        "app_id": "1900",
        "app_secret": SECRET,
        "user_token": "user-token",
        "verify_token": VERIFY,
        "pages": (page, other),
        "retry_delays_s": (0.01, 0.02, 0.05),
    }
    return SandboxSettings(base_url=url, product_url=product_url, **(values | more))


@asynccontextmanager
async def running(**more: Any) -> AsyncIterator[Network]:
    """`more` are settings other than the usual ones."""
    clock = NetworkClock()
    bound, url = listening()
    async with (
        shop_running() as shop,
        served(settings_for(url, shop.url, **more), bound, now=clock) as world,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http,
    ):
        yield Network(world, shop, clock, http, url)


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    async with running() as started:
        yield started
