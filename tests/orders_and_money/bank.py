"""The small Stripe in a thread of its own: whatever happens to the shop's process, it lives on."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import stripe
from aiohttp import web

from payments.webhooks import WANTED_EVENTS
from sandbox.settings import SandboxSettings
from sandbox.stripe import refunds
from sandbox.stripe.errors import Problem
from sandbox.stripe.settings import SandboxAccount, StripeSandboxSettings
from sandbox.stripe.things import Thing
from sandbox.stripe.world import WORLD, Call, World
from sandbox.webhooks import SENDER, Delivery
from tests.sandbox.stripe_kit import sandbox

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Merchant:
    """A shop as Stripe knows it."""

    slug: str

    @property
    def account_id(self) -> str:
        return f"acct_{self.slug}"

    @property
    def key(self) -> str:
        return f"sk_test_{self.slug}_0000000001"

    @property
    def secret(self) -> str:
        return f"whsec_{self.slug}_000001"

    @property
    def path_token(self) -> str:
        return f"path-token-of-{self.slug}"


class Bank:
    """Stripe, the buyers' banks and their patience. Webhooks wait until somebody carries them."""

    def __init__(self, merchants: Sequence[Merchant]) -> None:
        self._merchants = {one.path_token: one for one in merchants}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._run(self._open(merchants))

    async def _open(self, merchants: Sequence[Merchant]) -> None:
        accounts = tuple(
            SandboxAccount(
                secret_key=one.key, account_id=one.account_id, name=one.slug,
                webhook_url=f"http://127.0.0.1:9/webhooks/stripe/{one.path_token}",
                webhook_secret=one.secret, webhook_events=WANTED_EVENTS,
            )
            for one in merchants
        )  # fmt: skip
        app = sandbox(
            SandboxSettings(
                base_url="http://127.0.0.1", product_url="http://127.0.0.1:9",
                stripe=StripeSandboxSettings(accounts=accounts),
            )
        )  # fmt: skip
        self.world: World = app[WORLD]
        self._sender = app[SENDER]
        self._sender.weather.brew("hold", label="stripe")
        self._server = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._server.setup()
        await web.TCPSite(self._server, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._server.addresses[0][1]}"
        self._http = aiohttp.ClientSession()

    def close(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        await self._http.close()
        await self._server.cleanup()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def there(self, act: Callable[[], T]) -> T:
        """Done where the small Stripe lives, between two of its requests."""

        async def do() -> T:
            return act()

        return self._run(do())

    # --- the clock

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.world.clock(), UTC)

    def pass_time(self, seconds: float) -> None:
        self.there(lambda: self.world.move_clock(self.world.offset_s + seconds))

    # --- buyers, their banks, the dashboard

    def control(self, way: str, **body: Any) -> bool:
        """False where Stripe says that it cannot be done now."""

        async def ask() -> int:
            url = f"{self.url}/control/stripe{way}"
            async with self._http.post(url, json=body or None) as answer:
                assert answer.status in (200, 409), await answer.text()
                return answer.status

        return self._run(ask()) == 200

    def refund_in_the_dashboard(self, account_id: str, intent_id: str, amount: int) -> bool:
        def refund() -> bool:
            call = Call(self.world, self.world.accounts[account_id])
            try:
                refunds.create(call, {"payment_intent": intent_id, "amount": amount})
            except Problem:
                return False
            return True

        return self.there(refund)

    def forget_faults(self) -> None:
        self.there(self.world.faults.calls.clear)

    # --- the books

    def things(self, kind: str, account_id: str | None = None) -> list[Thing]:
        """Oldest first."""

        def look() -> list[Thing]:
            self.world.run_due()
            return [
                dict(thing)
                for account in self.world.accounts.values()
                if account_id in (None, account.id)
                for thing in account.things[kind].values()
            ]

        return self.there(look)

    def asked_to_make(self, way: str) -> list[tuple[dict[str, Any], str]]:
        """What was asked for, and under which idempotency key; answered or not."""
        return self.there(
            lambda: [
                (one["params"] or {}, one["headers"].get("idempotency-key", ""))
                for one in self.world.requests
                if (one["method"], one["path"]) == ("POST", way)
            ]
        )

    def has(self, kind: str) -> bool:
        return any(account.things[kind] for account in self.world.accounts.values())

    # --- webhooks

    def sent_before(self) -> list[Delivery]:
        """What has been heard, or was lost: it may come (once more) at any time."""
        return [one for one in self._sender.deliveries if one.state in ("delivered", "dropped")]

    def under_way(self) -> list[Delivery]:
        return [one for one in self._sender.deliveries if one.state == "held"]

    def as_sent(self, one: Delivery, now: datetime) -> tuple[str, bytes, dict[str, str]]:
        """Path, body and headers; each attempt is signed anew."""
        path = urlsplit(one.target_url).path
        secret = self._merchants[path.rsplit("/", 1)[1]].secret
        signature = stripe.WebhookSignature.generate_signature_header(
            one.body.decode(), secret, int(now.timestamp())
        )
        return path, one.body, {"Stripe-Signature": signature, "Content-Type": "application/json"}


def kind_of(one: Delivery) -> str:
    return str(json.loads(one.body)["type"])
