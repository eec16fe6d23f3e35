"""Starts product and sandbox side by side, each on its own port, and says where to go."""

import asyncio
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvloop
from aiohttp import web
from pydantic import SecretStr

from app.build import build_app
from app.demo import settings as made_up
from app.demo.orders import place_orders
from app.demo.settings import DemoPlan, forget_environment, product_settings, sandbox_settings
from app.demo.shop import OWNER_EMAIL, OWNER_PASSWORD, Furnished, furnish, read_pictures
from app.demo.story import tell
from app.migrating import migrate_async
from campaigns.posting import post_deal
from core.clock import CLOCK, utc_now
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import BadSetting
from core.logs import start_logging
from core.pages import PAGES
from core.signing import SIGNER
from core.vault import VAULT
from meta.connections import connect
from meta.pages import GRAPHS
from meta.profiles import PROFILE_OF
from payments.accounts import keep_account
from sandbox.build import build_sandbox
from sandbox.world import WORLD
from staff.invitations import make_link
from staff.members import find_by_email


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo."""

    plan: DemoPlan
    product: web.Application
    sandbox: web.Application
    furnished: Furnished


def run_demo(*, port: int) -> None:
    forget_environment()
    start_logging(level="warning", format="text")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(port))


async def _run(port: int) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    folder = Path(tempfile.mkdtemp(prefix="tresen-demo-"))
    try:
        plan = DemoPlan(folder, port, port + 1, _free_port())
        _check_ports(plan)
        async with open_demo(plan):
            # For whoever typed the command: without the addresses the demo is of no use.
            print(_where_to_go(plan), flush=True)
            await stop.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_ports(plan: DemoPlan) -> None:
    for port in (plan.product_port, plan.sandbox_port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise BadSetting(
                    f"Port {port} is taken by another program. Stop it, or choose another pair "
                    "of ports: .venv/bin/python -m app demo --port 8100"
                ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _where_to_go(plan: DemoPlan) -> str:
    return f"""
  Tresen is open:  {plan.sandbox_url}

  Three doors are there: the fan's Facebook page, the merchant's counter, and the mail box.
  (The shop itself: {plan.product_url}/   The counter asks for: {OWNER_EMAIL} / {OWNER_PASSWORD})
  Every start begins with a fresh shop. Ctrl-C closes it.
"""


@asynccontextmanager
async def open_demo(plan: DemoPlan) -> AsyncIterator[Demo]:
    """Both sides up, the shop furnished, connected and with a past. Also for tests."""
    settings = product_settings(plan)
    await migrate_async(settings.core.database_url)
    async with AsyncExitStack() as stack:
        sandbox = build_sandbox(sandbox_settings(plan))
        product = build_app(settings)
        _hang_the_counter_door(sandbox, product)
        await _serve(stack, sandbox, plan.sandbox_port)
        await _serve(stack, product, plan.product_port)
        furnished = await _open(product)
        await place_orders(product, plan, furnished.shop)
        tell(sandbox[WORLD], made_up.SLUG, now=utc_now())
        yield Demo(plan, product, sandbox, furnished)


async def _serve(stack: AsyncExitStack, app: web.Application, port: int) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", port).start()


async def _open(product: web.Application) -> Furnished:
    """Through the same verbs the counter uses, the page's connection through the real client."""
    db, now = product[DATABASE], product[CLOCK]()
    pictures = await read_pictures()
    async with db.transaction() as session:
        furnished = await furnish(
            session, product[PAGES], pictures, made_up.SLUG, made_up.SHOP_NAME, now=now
        )
        await keep_account(
            session, product[VAULT], furnished.shop.key, key=SecretStr(made_up.STRIPE_KEY),
            webhook_secret=SecretStr(made_up.STRIPE_WEBHOOK_SECRET),
            path_token=made_up.STRIPE_PATH, account_name=made_up.SHOP_NAME, now=now,
        )  # fmt: skip
    await connect(
        db, product[GRAPHS], product[CLOCK], shop_id=furnished.shop.key,
        page_id=made_up.PAGE.page_id, token=SecretStr(made_up.PAGE.page_token),
        origin=product[OWN_ORIGIN], profile=product[PROFILE_OF](furnished.shop),
    )  # fmt: skip
    async with db.transaction() as session:
        await post_deal(
            session, furnished.shop.key, furnished.spring.key,
            text=f"{furnished.spring.title}!\n\n{furnished.spring.text}\n\nCode: "
            f"{furnished.spring_code.code}",
            link=f"{product[OWN_ORIGIN]}/s/{made_up.SLUG}/",
            picture_digest=furnished.spring.picture_digest, code_id=furnished.spring_code.key,
            by=furnished.owner.name, now=now,
        )  # fmt: skip
    return furnished


def _hang_the_counter_door(sandbox: web.Application, product: web.Application) -> None:
    """The merchant's door signs in by a one-time link, made anew for everybody who comes."""

    async def enter(_: web.Request) -> web.StreamResponse:
        db, now = product[DATABASE], product[CLOCK]()
        async with db.transaction() as session:
            owner = await find_by_email(session, OWNER_EMAIL)
            if owner is None:
                return web.Response(status=503, text="The shop is still being furnished.")
            link = await make_link(
                session, product[SIGNER], owner, product[OWN_ORIGIN], now,
                lasts=timedelta(minutes=5),
            )  # fmt: skip
        raise web.HTTPSeeOther(link)

    sandbox.router.add_get("/doors/counter", enter)
