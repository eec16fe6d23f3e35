"""A small Stripe on a free port, the shop's server that hears its webhooks, the SDK's client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
import stripe
from aiohttp import web
from aiohttp.test_utils import TestServer

from sandbox import live, pages
from sandbox.live import LIVE, Live
from sandbox.mail import build as mail_box
from sandbox.mail.settings import MailSandboxSettings
from sandbox.pages import SETTINGS, TEMPLATES
from sandbox.settings import SandboxSettings
from sandbox.stripe import build as small_stripe
from sandbox.stripe.settings import SandboxAccount, StripeSandboxSettings
from sandbox.stripe.world import WORLD, World
from sandbox.weather import Weather
from sandbox.webhooks import SENDER, WebhookSender

KEY = "sk_test_flowers0000000001"
OTHER_KEY = "rk_test_candles0000000001"
PLATFORM_KEY = "sk_test_platform0000000001"
SECRET = "whsec_flowers"


@dataclass
class Shop:
    """The product's side: hears webhooks and checks their signatures as the product does."""

    events: list[Any] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    status: int = 200
    url: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        event = stripe.Webhook.construct_event(body, request.headers["Stripe-Signature"], SECRET)
        self.bodies.append(body)
        self.headers.append(request.headers)
        if self.status == 200:
            self.events.append(event)
            self.arrived.set()
        return web.Response(status=self.status)

    async def heard(self, kind: str) -> None:
        """Waits until an event of this type has come."""
        async with asyncio.timeout(5):
            while kind not in self.types:
                self.arrived.clear()
                await self.arrived.wait()

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


@dataclass
class Stage:
    """Everything one test needs."""

    url: str
    world: World
    shop: Shop
    sender: WebhookSender
    http: aiohttp.ClientSession
    stripe: stripe.StripeClient

    def client(self, key: str, **more: Any) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            http_client=stripe.AIOHTTPClient(session=self.http),
            base_addresses={"api": f"{self.url}/stripe"},
            max_network_retries=more.pop("max_network_retries", 0),
            **more,
        )

    async def control(self, verb: str, to: str, status: int = 200, /, **body: Any) -> Any:
        url = f"{self.url}/control/stripe{to}"
        async with self.http.request(verb, url, json=body or None) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def act(self, session_id: str, action: str, status: int = 200, /, **how: Any) -> Any:
        return await self.control("POST", f"/sessions/{session_id}/{action}", status, **how)

    async def order(self, amount: int = 1290, **params: Any) -> Any:
        return await self.stripe.v1.checkout.sessions.create_async(order(amount, **params))

    async def told(self) -> list[str]:
        """The types of events the shop has heard, once all are delivered."""
        await self.sender.settled()
        return self.shop.types


def line(amount: int = 1290, currency: str = "eur", **more: Any) -> dict[str, Any]:
    product = {"name": "Blaues Hemd"}
    price = {"currency": currency, "unit_amount": amount, "product_data": product}
    return {"price_data": price, "quantity": 1, **more}


def order(amount: int = 1290, **params: Any) -> Any:
    return {
        "mode": "payment",
        "success_url": "https://shop.example/paid?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/basket",
        "line_items": [line(amount)],
        **params,
    }


def settings(
    shop_url: str,
    *,
    mail: MailSandboxSettings | None = None,
    more_accounts: tuple[SandboxAccount, ...] = (),
    **more: Any,
) -> SandboxSettings:
    accounts = (
        SandboxAccount(
            secret_key=KEY,
            account_id="acct_flowers",
            name="Blumen Krüger",
            webhook_url=shop_url,
            webhook_secret=SECRET,
        ),
        SandboxAccount(
            secret_key=OTHER_KEY,
            account_id="acct_candles",
            name="Kerzen",
            platform="acct_platform",
        ),
        SandboxAccount(secret_key=PLATFORM_KEY, account_id="acct_platform", name="Platform"),
    )
    return SandboxSettings(
        base_url="http://127.0.0.1",
        product_url="http://127.0.0.1:9999",
        stripe=StripeSandboxSettings(accounts=(*accounts, *more_accounts), **more),
        mail=mail or MailSandboxSettings(),
    )


def sandbox(chosen: SandboxSettings) -> web.Application:
    """The parts of the sandbox that Stripe and the mail box stand on, without the network."""
    app = web.Application(middlewares=[pages.guard])
    sender = WebhookSender(
        weather=Weather(), now=lambda: datetime.now(UTC), retry_delays_s=(0.01, 0.02)
    )
    app[SETTINGS], app[TEMPLATES] = chosen, pages.templates()
    app[SENDER], app[LIVE] = sender, Live()
    app.cleanup_ctx.extend([app[LIVE].opened, sender.opened])
    app.add_routes(live.routes)
    small_stripe.add_to(app, chosen)
    mail_box.add_to(app, chosen)
    return app


@asynccontextmanager
async def stage(
    *, build: Callable[[SandboxSettings], web.Application] = sandbox, **more: Any
) -> AsyncIterator[Stage]:
    """`build` is all of the sandbox where pages are looked at; without it only our parts."""
    shop, shop_app = Shop(), web.Application()
    shop_app.router.add_post("/hook", shop.hear)
    async with TestServer(shop_app) as shop_server:
        shop.url = str(shop_server.make_url("/hook"))
        app = build(settings(shop.url, **more))
        async with TestServer(app) as server, aiohttp.ClientSession() as http:
            url = str(server.make_url("")).rstrip("/")
            made = Stage(url, app[WORLD], shop, app[SENDER], http, None)  # type: ignore[arg-type]
            made.stripe = made.client(KEY)
            yield made
