"""Stripe and the post office, answering at once: `python -m bench.stand_ins PORT`.

The sandbox checks, remembers and shows everything, in Python; here its cost would be measured,
not the shop's. This one answers the same four things with the same bodies (the sandbox's shapes):
a Checkout Session is made and read, a buyer pays, a signed webhook is delivered. BENCH_SHOP is where
the shop is; at the port BENCH_MAIL a mail server says yes to everything.
"""

import asyncio
import hmac
import json
import os
import secrets
import sys
import time
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import uvloop
from aiohttp import web

from bench.names import STRIPE_PATH, STRIPE_WEBHOOK_SECRET
from sandbox.stripe.things import Thing, blank

LASTS_S = 24 * 3600


class Stripe:
    def __init__(self, origin: str, shop: str) -> None:
        self._origin = origin
        self._webhook = f"{shop}/webhooks/stripe/{STRIPE_PATH}"
        self._sessions: dict[str, Thing] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self.http: aiohttp.ClientSession | None = None

    async def create(self, request: web.Request) -> web.Response:
        told = dict(parse_qsl(await request.text()))
        session_id = f"cs_test_{secrets.token_hex(24)}"
        session = blank(
            "checkout.session", id=session_id, created=int(time.time()), currency="eur",
            amount_subtotal=_total(told), amount_total=_total(told), status="open",
            payment_status="unpaid", url=f"{self._origin}/pay/{session_id}",
            expires_at=int(told.get("expires_at", time.time() + LASTS_S)), metadata=_marks(told),
            success_url=told["success_url"], client_reference_id=told.get("client_reference_id"),
        )  # fmt: skip
        self._sessions[session_id] = session
        return web.json_response(session)

    async def retrieve(self, request: web.Request) -> web.Response:
        """The intent expanded, as the shop asks for it."""
        return web.json_response(self._sessions[request.match_info["id"]])

    async def pay(self, request: web.Request) -> web.Response:
        """The buyer's card is charged; the webhook leaves as soon as the buyer is sent back."""
        session = self._sessions[request.match_info["id"]]
        session |= {"status": "complete", "payment_status": "paid", "url": None}
        session["payment_intent"] = blank(
            "payment_intent", id=f"pi_{secrets.token_hex(12)}", amount=session["amount_total"],
            amount_received=session["amount_total"], currency="eur", status="succeeded",
            created=session["created"], metadata=session["metadata"],
        )  # fmt: skip
        task = asyncio.create_task(self._tell(session))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return web.Response(status=303, headers={"Location": session["success_url"]})

    async def _tell(self, session: Thing) -> None:
        shown = session | {"payment_intent": session["payment_intent"]["id"]}
        event = blank(
            "event", id=f"evt_{secrets.token_hex(12)}", api_version="2026-01-01",
            created=int(time.time()), data={"object": shown}, type="checkout.session.completed",
        )  # fmt: skip
        body = json.dumps(event, indent=2).encode()
        at = int(time.time())
        proof = hmac.digest(STRIPE_WEBHOOK_SECRET.encode(), f"{at}.".encode() + body, "sha256")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": f"t={at},v1={proof.hex()}",
        }
        assert self.http is not None
        async with self.http.post(self._webhook, data=body, headers=headers) as answer:
            if answer.status != 200:
                raise RuntimeError(f"webhook refused: {answer.status} {await answer.text()}")

    async def keep_client(self, app: web.Application) -> Any:
        async with aiohttp.ClientSession() as self.http:
            yield


def _total(told: dict[str, str]) -> int:
    lines = 0
    for number in range(100):
        at = f"line_items[{number}]"
        if f"{at}[quantity]" not in told:
            break
        lines += int(told[f"{at}[quantity]"]) * int(told[f"{at}[price_data][unit_amount]"])
    return lines


def _marks(told: dict[str, str]) -> dict[str, str]:
    return {name[9:-1]: value for name, value in told.items() if name.startswith("metadata[")}


class PostOffice(asyncio.Protocol):
    """Takes every letter (RFC 5321, as little of it as a client needs)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._buffer, self._is_letter = b"", False
        self._say(b"220 bench")

    def _say(self, line: bytes) -> None:
        self._transport.write(line + b"\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._is_letter else b"\r\n"
            line, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            self._answer(line[:4].upper())

    def _answer(self, word: bytes) -> None:
        if self._is_letter:
            self._is_letter = False
            self._say(b"250 taken")
        elif word == b"DATA":
            self._is_letter = True
            self._say(b"354 go on")
        elif word == b"QUIT":
            self._say(b"221 bye")
            self._transport.close()
        else:
            self._say(b"250 fine")


def build(port: int, shop: str, mail_port: int) -> web.Application:
    stripe = Stripe(f"http://127.0.0.1:{port}", shop)

    async def keep_post_office(app: web.Application) -> Any:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(PostOffice, "127.0.0.1", mail_port)
        yield
        server.close()

    app = web.Application()
    app.cleanup_ctx.extend([stripe.keep_client, keep_post_office])
    app.router.add_post("/v1/checkout/sessions", stripe.create)
    app.router.add_get("/v1/checkout/sessions/{id}", stripe.retrieve)
    app.router.add_get("/pay/{id}", stripe.pay)
    return app


def main() -> None:
    port = int(sys.argv[1])
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    app = build(port, os.environ["BENCH_SHOP"], int(os.environ["BENCH_MAIL"]))
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=loop)


if __name__ == "__main__":
    main()
