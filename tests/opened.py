"""The whole product beside the whole sandbox, on a database of the test's own."""

import dataclasses
import itertools
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from app.build import build_app
from app.demo import settings as made_up
from app.demo.settings import DemoPlan, product_settings, sandbox_settings
from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE, Database
from core.jobs import JOBS
from core.shops import Shop, open_shop
from core.signing import SIGNER
from core.vault import VAULT
from meta.connections import connect
from meta.pages import GRAPHS
from meta.profiles import PROFILE_OF
from payments.accounts import keep_account
from sandbox.build import build_sandbox
from sandbox.world import WORLD, World
from staff.invitations import make_link
from staff.members import find_by_email, hire


@dataclasses.dataclass(frozen=True, slots=True)
class House:
    plan: DemoPlan
    product: web.Application
    sandbox: web.Application
    shop: Shop
    http: aiohttp.ClientSession

    @property
    def db(self) -> Database:
        return self.product[DATABASE]

    @property
    def world(self) -> World:
        return self.sandbox[WORLD]

    @property
    def page(self) -> str:
        return made_up.SLUG

    def at(self, path: str) -> str:
        return self.plan.product_url + path

    def now(self) -> datetime:
        return self.product[CLOCK]()

    async def settle(self) -> None:
        """Until nothing is due any more."""
        await self.product[JOBS].drain()


def free_ports(count: int) -> list[int]:
    """Below those that systems give to whoever asks for any, and for each test worker others:
    between looking and taking, nobody else takes them."""
    return list(itertools.islice(filter(_is_free, _PORTS), count))


def _own_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = range(10_000 + worker % 20 * 1_000, 11_000 + worker % 20 * 1_000)
    # Two runs at the same time begin at different places.
    return itertools.islice(itertools.cycle(ports), os.getpid() % len(ports), None)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_PORTS = _own_ports()


@asynccontextmanager
async def open_house(
    database_url: str, folder: Path, *, works: bool = True, connected: bool = True
) -> AsyncIterator[House]:
    """An empty shop with its page and its Stripe account connected."""
    plan = DemoPlan(folder, *free_ports(3))
    settings = product_settings(plan)
    core = settings.core.model_copy(update={"database_url": database_url})
    async with AsyncExitStack() as stack:
        sandbox = build_sandbox(sandbox_settings(plan))
        product = build_app(dataclasses.replace(settings, core=core), works=works)
        for app, port in ((sandbox, plan.sandbox_port), (product, plan.product_port)):
            await stack.enter_async_context(serving(app, port))
        shop = await open_first_shop(product)
        if connected:
            await connect_all(product, shop)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(
                cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Origin": plan.product_url}
            )
        )
        yield House(plan, product, sandbox, shop, http)


@asynccontextmanager
async def serving(app: web.Application, port: int) -> AsyncIterator[web.Application]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield app
    finally:
        await runner.cleanup()


async def open_first_shop(product: web.Application) -> Shop:
    now = product[CLOCK]()
    async with product[DATABASE].transaction() as session:
        shop = await open_shop(session, made_up.SLUG, made_up.SHOP_NAME, now=now)
        await hire(session, shop.key, "Mia", "mia@example.org", "owner", now=now)
    return shop


async def connect_all(product: web.Application, shop: Shop) -> None:
    db, now = product[DATABASE], product[CLOCK]()
    async with db.transaction() as session:
        await keep_account(
            session, product[VAULT], shop.key, key=SecretStr(made_up.STRIPE_KEY),
            webhook_secret=SecretStr(made_up.STRIPE_WEBHOOK_SECRET),
            path_token=made_up.STRIPE_PATH, now=now,
        )  # fmt: skip
    await connect(
        db, product[GRAPHS], product[CLOCK], shop_id=shop.key, page_id=made_up.PAGE.page_id,
        token=SecretStr(made_up.PAGE.page_token), origin=product[OWN_ORIGIN],
        profile=product[PROFILE_OF](shop),
    )  # fmt: skip


async def sign_in(house: House, email: str = "mia@example.org") -> None:
    """From now on `house.http` stands behind the counter."""
    async with house.db.transaction() as session:
        member = await find_by_email(session, email)
        assert member is not None
        link = await make_link(
            session, house.product[SIGNER], member, house.product[OWN_ORIGIN], house.now()
        )
    password = {"password": "a long enough sentence"}
    async with house.http.post(link, data=password, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
