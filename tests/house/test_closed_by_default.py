"""What is open is written down here; everything else refuses strangers and foreign forms."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web

from app.demo.settings import STRIPE_PATH
from core.csrf import FROM_OUTSIDE
from staff.access import OPEN_PAGES
from tests.opened import House, open_house, sign_in
from tests.snapshots import snapshot

# Who adds a line here says why: to be seen behind the counter without a sign-in, and to be
# posted to from anywhere (each proves by a signature who sent it).
OPEN = {"/counter/sign-in", "/counter/sign-in/link", "/counter/welcome/{token}"}
FROM_ANYWHERE = {
    "/webhooks/meta",
    "/webhooks/mail",
    "/webhooks/stripe/connect",
    "/webhooks/stripe/{path_token}",
    "/s/{shop}/tab",
}
SAFE = {"GET", "HEAD"}

FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Referer": "{own}/counter/"},
    {"Origin": "{own}.evil.example"},
    {"Origin": "{own}@evil.example"},
    {"Origin": "{own}/"},
    {"Origin": ""},
    {},
)


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path, works=False, connected=False) as opened:
        opened.http.headers.popall("Origin")
        yield opened


def routes_of(app: web.Application) -> Iterator[tuple[str, str, str]]:
    """Method, canonical path, and the path with something in the place of names."""
    for resource in app.router.resources():
        for route in resource:
            filled = re.sub(r"\{[^}]+\}", "1", resource.canonical)
            yield route.method.replace("*", "DELETE"), resource.canonical, filled


async def ask(house: House, method: str, path: str, headers: dict[str, str]) -> int:
    own = house.plan.product_url
    filled = {name: value.replace("{own}", own) for name, value in headers.items()}
    async with house.http.request(
        method, house.at(path), headers=filled, allow_redirects=False
    ) as answer:
        return answer.status


@pytest.mark.sqlite_only
async def test_nothing_else_is_open(house: House) -> None:
    assert OPEN_PAGES == OPEN
    assert house.product[FROM_OUTSIDE] == FROM_ANYWHERE
    known = {canonical for _, canonical, _ in routes_of(house.product)}
    assert known >= OPEN | FROM_ANYWHERE


@pytest.mark.sqlite_only
async def test_no_spelling_of_the_counter_opens_it(house: House) -> None:
    for path in ("/counter", "/counter/", "/counter/nothing-here", "/%63ounter/orders",
                 "/counter/%6frders", "/counter//orders", "/counter/../counter/orders",
                 "/counter/sign-in/../orders", "/counter/orders/1/"):  # fmt: skip
        status = await ask(house, "GET", path, {"Accept": "text/html"})
        assert status in (303, 404), path
    assert await ask(house, "HEAD", "/counter/orders", {"Accept": "text/html"}) == 303


@pytest.mark.sqlite_only
async def test_every_form_refuses_to_be_sent_from_elsewhere(house: House) -> None:
    """Also when whoever sends it is signed in here, for that is what a forger hopes for."""
    house.http.headers["Origin"] = house.plan.product_url
    await sign_in(house)
    del house.http.headers["Origin"]
    before = await snapshot(house.db)
    forms = [
        (method, path)
        for method, canonical, path in routes_of(house.product)
        if method not in SAFE and canonical not in FROM_ANYWHERE
    ]
    assert len(forms) > 50
    for method, path in forms:
        assert await ask(house, method, path, FOREIGN[0]) == 403, (method, path)
    for headers in FOREIGN:
        assert await ask(house, "POST", "/counter/profile", headers) == 403, headers
    assert await snapshot(house.db) == before


@pytest.mark.sqlite_only
async def test_what_may_come_from_anywhere_wants_proof(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, tmp_path, works=False) as house:
        paths = ("/webhooks/meta", f"/webhooks/stripe/{STRIPE_PATH}", "/webhooks/stripe/1",
                 f"/s/{house.shop.slug}/tab")  # fmt: skip
        before = await snapshot(house.db)
        answers = [await ask(house, "POST", path, FOREIGN[0]) for path in paths]
        assert answers == [403, 400, 404, 403]
        assert await snapshot(house.db) == before


@pytest.mark.sqlite_only
async def test_what_is_nowhere_says_so_and_what_is_asked_wrongly_says_how(house: House) -> None:
    """Every address is behind the same guards, also those that do not exist."""
    assert await ask(house, "GET", "/nothing-here", {}) == 404
    assert await ask(house, "GET", "/counter/nothing-here", {"Accept": "text/html"}) == 303
    assert await ask(house, "POST", "/nothing-here", {"Origin": "{own}"}) == 404
    assert await ask(house, "POST", "/health/live", {"Origin": "{own}"}) == 405
