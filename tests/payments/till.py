"""A shop's till for tests: the product's payments, and the small Stripe over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from sqlmodel import col, select
from stripe.params import RefundCreateParams

from core.clock import CLOCK
from core.database import DATABASE
from core.errorpages import render_errors
from core.intake import Intake
from core.jobs import Handler, name_of
from core.money import Money
from core.pages import PAGES
from core.shops import Shop
from core.translations import TRANSLATIONS
from core.vault import VAULT, Vault
from payments import (
    closing,
    connecting,
    giving_back,
    hearsay,
    reconciling,
    routes,
    settling,
    webhooks,
)
from payments.accounts import keep_account
from payments.checkouts import CheckoutOrder, expect, open_checkout
from payments.clients import STRIPES, Stripes
from payments.ledger import Standing, standing
from payments.models import LedgerEntry, Payable, PaymentAttempt, Refund
from payments.refunds import list_refunds
from payments.settings import PaymentSettings
from payments.settling import settle_reference
from payments.webhooks import STRIPE_INTAKE, read_events
from sandbox.settings import SandboxSettings
from sandbox.stripe.settings import SandboxAccount, StripeSandboxSettings
from sandbox.stripe.world import WORLD, World
from sandbox.webhooks import SENDER, WebhookSender
from tests.conftest import SetClock, WatchedDatabase
from tests.sandbox.stripe_kit import sandbox
from tests.staff.conftest import all_pages

KEY = "sk_test_flowers0000000001"
SECRET = "whsec_flowers000001"
PLATFORM_KEY = "sk_test_platform000000001"
CONNECT_SECRET = "whsec_platform00001"
PATH_TOKEN = "path-token-of-the-flower-shop"
VAULT_KEY = SecretStr("a key for tests that is long enough, it really is")
REFERENCE = "order-1"
JOBS = (
    settling.settle,
    closing.close_checkouts,
    giving_back.send_refund,
    hearsay.look_at_refund,
    hearsay.look_at_dispute,
    connecting.take_account_news,
    reconciling.reconcile,
    reconciling.catch_up,
)


def an_order(*lines: tuple[str, int, int], shipping: int = 490, **more: Any) -> CheckoutOrder:
    values: dict[str, Any] = {
        "lines": lines or (("Rosenstrauß", 1, 2490),),
        "shipping_minor": shipping,
        "email": "anna@example.org",
        "locale": "de",
        "success_url": "https://shop.example/s/blumen/o/abc",
        "cancel_url": "https://shop.example/s/blumen/basket",
        "expires_at": datetime.now(UTC) + timedelta(minutes=40),
    }
    return CheckoutOrder(**values | more)


@dataclass
class Till:
    db: WatchedDatabase
    clock: SetClock
    shop: Shop
    stripes: Stripes
    world: World
    sender: WebhookSender
    http: aiohttp.ClientSession
    jobs: Any
    url: str
    webhook_url: str

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """As Hypothesis shows it with what went wrong; whole, it is a megabyte."""
        printer.text("till")

    async def expect(
        self, minor: int = 2980, reference: str = REFERENCE, currency: str = "EUR"
    ) -> None:
        async with self.db.transaction() as session:
            await expect(
                session, self.shop.key, reference, Money(minor, currency), now=self.clock()
            )

    async def open(self, order: CheckoutOrder | None = None, reference: str = REFERENCE) -> str:
        """The id of the session behind the address that the buyer is sent to."""
        url = await open_checkout(
            self.db, self.stripes, shop_id=self.shop.key, reference=reference,
            order=order or an_order(), clock=self.clock,
        )  # fmt: skip
        return url.rsplit("/", 1)[1]

    async def open_for(self, reference: str) -> str:
        await self.expect(2980, reference)
        return await self.open(reference=reference)

    async def begin(self) -> str:
        await self.expect()
        return await self.open()

    async def settle(self, reference: str = REFERENCE) -> None:
        await settle_reference(
            self.db, self.stripes, self.clock, shop_id=self.shop.key, reference=reference
        )

    async def control(self, way: str, status: int = 200, /, **body: Any) -> Any:
        async with self.http.post(f"{self.url}/control/stripe{way}", json=body or None) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def buyer(self, session_id: str, action: str, status: int = 200, /, **how: Any) -> Any:
        return await self.control(f"/sessions/{session_id}/{action}", status, **how)

    async def fault(self, kind: str, path: str = "", times: int = 1, **more: Any) -> None:
        await self.control("/faults", kind=kind, path=path, times=times, **more)

    async def refund_in_the_dashboard(self, minor: int | None = None) -> None:
        """Of the first payment; None: all that is left of it."""
        how: RefundCreateParams = {"payment_intent": self.at_stripe("payment_intent")[0]["id"]}
        if minor is not None:
            how["amount"] = minor
        await self.stripes.client_with(SecretStr(KEY)).v1.refunds.create_async(how)

    def at_stripe(self, kind: str = "checkout.session") -> list[Any]:
        """Oldest first."""
        self.world.run_due()
        return [dict(one) for one in self.world.accounts["acct_flowers"].things[kind].values()]

    def open_sessions(self) -> list[str]:
        return [one["id"] for one in self.at_stripe() if one["status"] == "open"]

    def asked(self, method: str, path: str) -> list[Any]:
        return [
            one
            for one in self.world.requests
            if one["method"] == method and one["path"].startswith(path)
        ]

    def pass_time(self, **parts: float) -> None:
        """Here and at Stripe."""
        self.clock.advance(**parts)
        self.world.move_clock(self.world.offset_s + timedelta(**parts).total_seconds())

    async def work(self) -> None:
        """Until all webhooks have come in and all jobs that are due have run."""
        await self.sender.settled()
        await self.jobs.drain()
        await self.sender.settled()
        await self.jobs.drain()

    async def run(self, job: Callable[..., Awaitable[None]], **args: Any) -> None:
        await job(self.db, self.stripes, self.clock, **args)

    @property
    def told(self) -> list[str]:
        """The names of the events so far; looking takes them away."""
        names = [type(event).__name__ for event in self.db.seen]
        self.db.seen.clear()
        return names

    async def attempts(self) -> list[str]:
        async with self.db.reading() as session:
            query = select(PaymentAttempt).order_by(col(PaymentAttempt.id))
            return [one.state for one in (await session.exec(query)).all()]

    async def attempt(self) -> PaymentAttempt:
        async with self.db.reading() as session:
            return (await session.exec(select(PaymentAttempt))).one()

    async def payable(self) -> Payable:
        async with self.db.reading() as session:
            return (await session.exec(select(Payable))).one()

    async def ledger(self) -> list[tuple[str, int]]:
        async with self.db.reading() as session:
            query = select(LedgerEntry).order_by(col(LedgerEntry.id))
            return [(one.kind, one.amount_minor) for one in (await session.exec(query)).all()]

    async def refunds(self, reference: str = REFERENCE) -> list[Refund]:
        async with self.db.reading() as session:
            return await list_refunds(session, self.shop.key, reference)

    async def standing(self, reference: str = REFERENCE) -> Standing:
        async with self.db.reading() as session:
            found = await standing(session, self.shop.key, reference)
        assert found is not None
        return found


def product(db: WatchedDatabase, clock: SetClock, http: aiohttp.ClientSession) -> web.Application:
    """Signatures are dated with the real time, so the door reads the real clock."""
    app = web.Application(middlewares=[render_errors])
    app[DATABASE], app[VAULT] = db, Vault(VAULT_KEY)
    door = PaymentSettings(_env_file=None, connect_webhook_secret=SecretStr(CONNECT_SECRET))
    app[STRIPES] = Stripes(http, door, Vault(VAULT_KEY))
    app[CLOCK] = lambda: datetime.now(UTC)
    app[TRANSLATIONS], app[PAGES] = all_pages()
    app[STRIPE_INTAKE] = Intake(db, job=name_of(read_events), clock=clock)
    app.add_routes(routes.routes)
    return app


def small_stripe(webhook_url: str, connect_url: str) -> web.Application:
    account = SandboxAccount(
        secret_key=KEY, account_id="acct_flowers", name="Blumen am Markt",
        webhook_url=webhook_url, webhook_secret=SECRET,
        webhook_events=webhooks.WANTED_EVENTS,
    )  # fmt: skip
    platform = SandboxAccount(
        secret_key=PLATFORM_KEY, account_id="acct_platform", name="Marktplatz",
        connect_webhook_url=connect_url, connect_webhook_secret=CONNECT_SECRET,
        webhook_events=webhooks.CONNECT_EVENTS,
    )  # fmt: skip
    return sandbox(
        SandboxSettings(
            base_url="http://127.0.0.1", product_url="http://127.0.0.1:9",
            stripe=StripeSandboxSettings(accounts=(account, platform)),
        )
    )  # fmt: skip


@asynccontextmanager
async def open_till(
    db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Till]:
    async with aiohttp.ClientSession() as http, TestServer(product(db, clock, http)) as server:
        app = server.app
        webhook_url = str(server.make_url(f"/webhooks/stripe/{PATH_TOKEN}"))
        stripe_app = small_stripe(webhook_url, str(server.make_url("/webhooks/stripe/connect")))
        async with TestServer(stripe_app) as stripe_server:
            url = str(stripe_server.make_url("")).rstrip("/")
            stripes = Stripes(
                http,
                PaymentSettings(
                    _env_file=None, stripe_api_url=f"{url}/stripe",
                    connect_key=SecretStr(PLATFORM_KEY), connect_fee_bp=250,
                ),
                Vault(VAULT_KEY), timeout_seconds=1, retries=0,
            )  # fmt: skip
            async with db.transaction() as session:
                await keep_account(
                    session, Vault(VAULT_KEY), shop.key, key=SecretStr(KEY),
                    webhook_secret=SecretStr(SECRET), path_token=PATH_TOKEN, now=clock(),
                )  # fmt: skip
            for job in JOBS:
                jobs.handlers[name_of(job)] = Handler(partial(job, db, stripes, clock))
            jobs.handlers[name_of(read_events)] = Handler(partial(read_events, db, clock))
            yield Till(
                db, clock, shop, stripes, stripe_app[WORLD], stripe_app[SENDER], http, jobs, url,
                webhook_url,
            )  # fmt: skip
        await app[STRIPE_INTAKE].close()
