"""A counter of its own: the staff pages on a real server, with quick password hashing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from typing import Any

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from argon2 import PasswordHasher
from pydantic import SecretStr

from core.clock import CLOCK
from core.csrf import FROM_OUTSIDE, OWN_ORIGIN, OWN_ORIGINS, refuse_foreign_forms
from core.database import DATABASE
from core.errorpages import render_errors
from core.pages import PAGES, ROOT, Pages
from core.shops import Shop
from core.signing import SIGNER, Signer
from core.translations import TRANSLATIONS, Translations
from staff import admin, routes
from staff.access import UNREAD, counter_page, keep_counter_closed
from staff.members import hire
from staff.models import Member
from staff.passwords import PASSWORDS, Passwords
from staff.signing_in import SIGN_IN_LIMITS, SignInLimits
from tests.conftest import SetClock, WatchedDatabase

PASSWORD = "ein ruhiger Nachmittag"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(QUICK)


@pytest.fixture
async def owner(db: WatchedDatabase, shop: Shop, clock: SetClock, passwords: Passwords) -> Member:
    async with db.transaction() as session:
        return await hire(
            session, shop.key, "Anna Beet", "anna@blumen.example", "owner",
            password=PASSWORD, passwords=passwords, locale="en", now=clock(),
        )  # fmt: skip


@pytest.fixture
async def agent(db: WatchedDatabase, shop: Shop, clock: SetClock, passwords: Passwords) -> Member:
    async with db.transaction() as session:
        return await hire(
            session, shop.key, "Ben Ast", "ben@blumen.example", "agent",
            password=PASSWORD, passwords=passwords, locale="en", now=clock(),
        )  # fmt: skip


@cache
def all_pages() -> tuple[Translations, Pages]:
    """Read once: compiling every template for every test takes longer than the tests."""
    translations = Translations(ROOT / "templates" / "locale")
    return translations, Pages(translations)


def counter_app(
    db: WatchedDatabase, clock: SetClock, passwords: Passwords, *, origin: str
) -> web.Application:
    app = web.Application(middlewares=[render_errors, refuse_foreign_forms, keep_counter_closed])
    app[DATABASE], app[CLOCK] = db, clock
    app[TRANSLATIONS], app[PAGES] = all_pages()
    app[SIGNER] = Signer(SecretStr("only for tests, but long enough for all that"))
    app[PASSWORDS], app[SIGN_IN_LIMITS] = passwords, SignInLimits()
    app[OWN_ORIGIN], app[OWN_ORIGINS] = origin, frozenset({origin})
    app[FROM_OUTSIDE] = set()
    app[UNREAD] = _none_unread
    app.add_routes(routes.routes)
    app.add_routes(admin.routes)
    app.router.add_get("/counter/", _start)
    return app


async def _none_unread(session: Any, shop_id: int) -> int:
    return 0


async def _start(request: web.Request) -> web.Response:
    return counter_page(request, "staff/profile.html", sessions=[], here="", errors={})


class Browser(TestClient[web.Request, web.Application]):
    """Keeps cookies, follows nothing, sends what a browser sends with a form."""

    async def open(self, path: str, **kwargs: Any) -> Any:
        return await self.get(
            path, allow_redirects=False, headers={"Accept": "text/html"}, **kwargs
        )

    async def send(self, path: str, **fields: str) -> Any:
        return await self.post(
            path,
            data=fields,
            allow_redirects=False,
            headers={"Origin": str(self.make_url("")).rstrip("/"), "Accept": "text/html"},
        )

    async def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        return await self.send("/counter/sign-in", email=email, password=password)


@pytest.fixture
async def open_browser(
    db: WatchedDatabase, clock: SetClock, passwords: Passwords
) -> AsyncIterator[Callable[[], Awaitable[Browser]]]:
    opened: list[Browser] = []

    async def start() -> Browser:
        port = unused_port()
        app = counter_app(db, clock, passwords, origin=f"http://127.0.0.1:{port}")
        browser = Browser(TestServer(app, port=port), cookie_jar=CookieJar(unsafe=True))
        await browser.start_server()
        opened.append(browser)
        return browser

    yield start
    for browser in opened:
        await browser.close()
