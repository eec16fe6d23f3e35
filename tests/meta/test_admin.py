"""The page settings behind the counter, as an owner sees them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestServer, unused_port

from core.shops import Shop
from meta import admin
from meta.models import MetaPage
from meta.pages import GRAPHS, find_page
from meta.profiles import PROFILE_OF
from sandbox.graph_faults import GraphFault
from staff.models import Member
from staff.passwords import Passwords
from tests.conftest import SetClock, WatchedDatabase
from tests.meta.conftest import PAGE, TOKEN, Network, meta_settings
from tests.meta.test_profiles import PROFILE
from tests.staff.conftest import PASSWORD, Browser, agent, counter_app, owner, passwords

__all__ = ["agent", "owner", "passwords"]

SETTINGS = "/counter/settings/meta"


@pytest.fixture
async def browser(
    sqlite_db: WatchedDatabase, clock: SetClock, passwords: Passwords, network: Network
) -> AsyncIterator[Browser]:
    port = unused_port()
    app = counter_app(sqlite_db, clock, passwords, origin=f"http://127.0.0.1:{port}")
    app.add_routes(admin.routes)
    app.router.add_route("*", "/webhooks/meta", network.bell.answer)
    app[GRAPHS] = network.graphs
    app[PROFILE_OF] = lambda shop: PROFILE
    opened = Browser(TestServer(app, port=port), cookie_jar=CookieJar(unsafe=True))
    await opened.start_server()
    yield opened
    await opened.close()


@pytest.fixture
async def counter(browser: Browser, owner: Member) -> Browser:
    await browser.sign_in("anna@blumen.example")
    return browser


async def stored(db: WatchedDatabase, shop: Shop) -> MetaPage | None:
    async with db.reading() as session:
        return await find_page(session, shop.key)


async def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", await answer.text())


async def test_without_a_page_the_way_to_one_is_shown(counter: Browser) -> None:
    shown = await counter.open(SETTINGS)
    page = await text_of(shown)
    assert shown.status == 200
    assert "No page connected yet" in page
    assert "pages_manage_engagement" in page
    assert f"{str(counter.make_url('')).rstrip('/')}/webhooks/meta" in page
    assert "Meta only sends to https addresses" in page


async def test_a_page_is_connected_and_every_check_is_green(
    counter: Browser, sqlite_db: WatchedDatabase, shop: Shop, network: Network
) -> None:
    answer = await counter.send(SETTINGS, page_id=PAGE, token=f" {TOKEN}\n")
    assert (answer.status, answer.headers["Location"]) == (303, SETTINGS + "?check=1")
    shown = await text_of(await counter.open(SETTINGS + "?check=1"))
    assert "Blumen am Markt is connected." in shown
    assert "@blumen.am.markt" in shown
    assert shown.count("– in order") == 5
    assert "needs you" not in shown
    assert TOKEN not in shown
    assert await stored(sqlite_db, shop)
    assert network.world.shop(PAGE).profile["messenger"]["get_started"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ((PAGE, ""), "Please fill this in."),
        ((PAGE, "nonsense"), "Meta does not know this token."),
        (("blumen", TOKEN), "A page id is a number."),
        (("99999", TOKEN), "This token is for the page"),
        ((PAGE, "tök"), "This does not look like an access token."),
        ((PAGE, "x" * 1500), "This does not look like an access token."),
    ],
)
async def test_what_cannot_be_connected_is_told_beside_the_form(
    counter: Browser, sqlite_db: WatchedDatabase, shop: Shop, form: tuple[str, str], said: str
) -> None:
    page_id, token = form
    answer = await counter.send(SETTINGS, page_id=page_id, token=token)
    page = await text_of(answer)
    assert answer.status == 422
    assert said in page
    assert f'value="{page_id}"' in page
    assert TOKEN not in page
    assert await stored(sqlite_db, shop) is None


async def test_when_meta_is_away_the_form_says_so(counter: Browser, network: Network) -> None:
    network.world.graph_weather.faults.append(GraphFault("transient", times=None))
    answer = await counter.send(SETTINGS, page_id=PAGE, token=TOKEN)
    assert answer.status == 503
    assert "Meta cannot be reached at the moment" in await text_of(answer)


async def test_a_dead_token_stands_on_the_page_in_words(
    counter: Browser, sqlite_db: WatchedDatabase, shop: Shop, network: Network
) -> None:
    await counter.send(SETTINGS, page_id=PAGE, token=TOKEN)
    token = network.world.tokens[TOKEN]
    token.is_live, token.subcode = False, 460
    shown = await text_of(await counter.open(SETTINGS + "?check=1"))
    assert "died with a changed password" in shown
    again = await text_of(await counter.open(SETTINGS))
    assert "The connection needs you." in again
    assert "– in order" not in again


async def test_what_is_missing_can_be_set_up_again(counter: Browser, network: Network) -> None:
    await counter.send(SETTINGS, page_id=PAGE, token=TOKEN)
    network.world.subscriptions.clear()
    shown = await text_of(await counter.open(SETTINGS + "?check=1"))
    assert shown.count("– needs you") == 2
    answer = await counter.send(SETTINGS + "/again")
    assert answer.status == 303
    shown = await text_of(await counter.open(answer.headers["Location"]))
    assert shown.count("– in order") == 5


async def test_a_page_is_let_go(counter: Browser, sqlite_db: WatchedDatabase, shop: Shop) -> None:
    await counter.send(SETTINGS, page_id=PAGE, token=TOKEN)
    assert (await counter.send(SETTINGS + "/disconnect")).status == 303
    assert await stored(sqlite_db, shop) is None
    assert (await counter.send(SETTINGS + "/disconnect")).status == 404
    assert (await counter.send(SETTINGS + "/again")).status == 404


async def test_without_an_app_the_page_says_what_to_set(counter: Browser, network: Network) -> None:
    network.graphs.settings = meta_settings(network.url, app_id="")
    assert "The Meta app is missing." in await text_of(await counter.open(SETTINGS))
    answer = await counter.send(SETTINGS, page_id=PAGE, token=TOKEN)
    assert answer.status == 409
    assert "META_APP_ID and META_APP_SECRET are not set" in await text_of(answer)


async def test_agents_see_none_of_it(browser: Browser, agent: Member) -> None:
    await browser.sign_in("ben@blumen.example", PASSWORD)
    assert (await browser.open(SETTINGS)).status == 403
    for way in ("", "/again", "/disconnect"):
        assert (await browser.send(SETTINGS + way, page_id=PAGE, token=TOKEN)).status == 403


async def test_the_page_speaks_german(
    counter: Browser, sqlite_db: WatchedDatabase, owner: Member
) -> None:
    async with sqlite_db.transaction() as session:
        member = await session.get_one(Member, owner.id)
        member.locale = "de"
        session.add(member)
    await counter.send(SETTINGS, page_id=PAGE, token=TOKEN)
    shown = await text_of(await counter.open(SETTINGS + "?check=1"))
    for words in ("Blumen am Markt ist verbunden.", "Was geprüft wurde", "– in Ordnung",
                  "Zugriffstoken und Berechtigungen", "Die Seite trennen"):  # fmt: skip
        assert words in shown
