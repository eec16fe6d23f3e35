"""The counter is closed."""

import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from staff.access import OPEN_PAGES
from staff.models import Member
from tests.staff.conftest import Browser

Open = Callable[[], Awaitable[Browser]]
pytestmark = pytest.mark.sqlite_only


def counter_routes(app: web.Application) -> list[tuple[str, str]]:
    """Every method and path behind the counter, with something in the places of names."""
    return sorted(
        (route.method, re.sub(r"\{[^}]+\}", "1", resource.canonical))
        for resource in app.router.resources()
        for route in resource
        if resource.canonical.startswith("/counter")
        and resource.canonical not in OPEN_PAGES
        and route.method != "HEAD"
    )


async def assert_closed(browser: Browser, method: str, path: str) -> None:
    origin = str(browser.make_url("")).rstrip("/")
    page = await browser.request(
        method, path, headers={"Accept": "text/html", "Origin": origin}, allow_redirects=False
    )
    assert page.status == 303, (method, path)
    assert page.headers["Location"].startswith("/counter/sign-in"), (method, path)
    script = await browser.request(
        method, path, headers={"Accept": "application/json", "Origin": origin}
    )
    assert script.status == 401, (method, path)


async def test_no_page_of_the_counter_opens_without_signing_in(open_browser: Open) -> None:
    browser = await open_browser()
    closed = counter_routes(browser.app)
    assert ("GET", "/counter/settings/team") in closed
    for method, path in closed:
        await assert_closed(browser, method, path)


async def test_odd_spellings_of_the_address_open_nothing(owner: Member, open_browser: Open) -> None:
    browser = await open_browser()
    for path in (
        "/counter", "/counter/", "/%63ounter/settings/team", "/counter/nothing/here",
        "/counter/settings/../settings/team", "/counter//settings/team",
    ):  # fmt: skip
        answer = await browser.open(path)
        assert answer.status == 303, path
    for path in ("/COUNTER/settings/team", "/./x/counter/settings/team"):
        assert (await browser.open(path)).status == 404, path


async def test_a_forged_or_foreign_cookie_opens_nothing(owner: Member, open_browser: Open) -> None:
    browser = await open_browser()
    value = (await browser.sign_in("anna@blumen.example")).cookies["staff"].value
    browser.session.cookie_jar.clear()
    for forged in ("", "x", value[:-2], value.replace(value[0], "A", 1), '"1"'):
        answer = await browser.open("/counter/", cookies={"staff": forged})
        assert answer.status == 303, forged


async def test_a_flash_is_said_once(owner: Member, open_browser: Open) -> None:
    browser = await open_browser()
    await browser.sign_in("anna@blumen.example")
    saved = await browser.send("/counter/profile", name="Anna Beet", locale="en")
    assert (saved.status, saved.headers["Location"]) == (303, "/counter/profile")
    assert "Saved." in await (await browser.open("/counter/profile")).text()
    assert "Saved." not in await (await browser.open("/counter/profile")).text()


async def test_the_chosen_language_wins_over_the_browsers(
    owner: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    await browser.sign_in("anna@blumen.example")
    await browser.send("/counter/profile", name="Anna Beet", locale="de")
    assert '<html lang="de">' in await (await browser.open("/counter/profile?lang=en")).text()
