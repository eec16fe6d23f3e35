"""Signing in and out with e-mail address and password."""

from collections.abc import Awaitable, Callable

import pytest
from sqlmodel import select

from staff.members import dismiss
from staff.models import Member, StaffSession
from tests.conftest import SetClock, WatchedDatabase
from tests.staff.conftest import PASSWORD, Browser

Open = Callable[[], Awaitable[Browser]]
pytestmark = pytest.mark.sqlite_only


async def test_the_right_password_opens_the_counter(owner: Member, open_browser: Open) -> None:
    browser = await open_browser()
    answer = await browser.sign_in(" Anna@Blumen.example ")
    assert (answer.status, answer.headers["Location"]) == (303, "/counter/")
    page = await browser.open("/counter/")
    assert page.status == 200
    assert "Anna Beet" in await page.text()


async def test_the_cookie_is_out_of_scripts_reach(owner: Member, open_browser: Open) -> None:
    browser = await open_browser()
    cookie = (await browser.sign_in("anna@blumen.example")).cookies["staff"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["secure"]


async def test_a_wrong_password_and_an_unknown_address_get_the_same_page(
    owner: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    wrong = await browser.sign_in("anna@blumen.example", "falsch geraten")
    unknown = await browser.sign_in("wer@ist.example", "falsch geraten")
    assert wrong.status == unknown.status == 401
    texts = [await wrong.text(), await unknown.text()]
    assert texts[0].replace("anna@blumen.example", "") == texts[1].replace("wer@ist.example", "")
    assert "staff" not in wrong.cookies


async def test_guessing_is_slowed_down_for_one_account_from_many_places(
    owner: Member, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    statuses = [
        (await browser.sign_in("anna@blumen.example", f"geraten {number}")).status
        for number in range(9)
    ]
    assert statuses == [401] * 8 + [429]
    assert (await browser.sign_in("anna@blumen.example")).status == 429
    clock.advance(minutes=10)
    assert (await browser.sign_in("anna@blumen.example")).status == 303


async def test_signing_in_leads_back_to_the_page_that_was_wanted_and_nowhere_else(
    owner: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    turned_away = await browser.open("/counter/settings/team?a=1")
    assert turned_away.headers["Location"] == (
        "/counter/sign-in?next=%2Fcounter%2Fsettings%2Fteam%3Fa%3D1"
    )
    ways = {
        "/counter/settings/team?a=1": "/counter/settings/team?a=1",
        "https://evil.example/": "/counter/",
        "//evil.example/counter/": "/counter/",
        "/\\evil.example": "/counter/",
        "/counter/\n//evil.example": "/counter/",
        "/counter/sign-in?next=/counter/sign-in": "/counter/",
        "javascript:alert(1)": "/counter/",
    }
    for wish, way in ways.items():
        answer = await browser.send(
            "/counter/sign-in", email="anna@blumen.example", password=PASSWORD, next=wish
        )
        assert answer.headers["Location"] == way, wish


async def test_signing_out_ends_the_session_itself_not_only_the_cookie(
    owner: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    kept = (await browser.sign_in("anna@blumen.example")).cookies["staff"].value
    await browser.send("/counter/sign-out")
    again = await browser.open("/counter/", cookies={"staff": kept})
    assert again.status == 303
    assert again.headers["Location"].startswith("/counter/sign-in")


async def test_signing_out_everywhere_ends_all_sessions(owner: Member, open_browser: Open) -> None:
    phone, desk = await open_browser(), await open_browser()
    for browser in (phone, desk):
        await browser.sign_in("anna@blumen.example")
    await desk.send("/counter/sign-out-everywhere")
    assert (await phone.open("/counter/")).status == 303


async def test_a_session_ends_after_a_week_unused_or_a_month(
    owner: Member, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    await browser.sign_in("anna@blumen.example")
    for _ in range(5):
        clock.advance(days=5)
        assert (await browser.open("/counter/")).status == 200
    clock.advance(days=6)
    assert (await browser.open("/counter/")).status == 303
    await browser.sign_in("anna@blumen.example")
    clock.advance(days=8)
    assert (await browser.open("/counter/")).status == 303


async def test_who_was_dismissed_is_out_at_once(
    db: WatchedDatabase, owner: Member, agent: Member, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    await browser.sign_in("ben@blumen.example")
    async with db.transaction() as session:
        await dismiss(session, owner.shop_id, agent.key, now=clock())
    assert (await browser.open("/counter/")).status == 303
    assert (await browser.sign_in("ben@blumen.example")).status == 401


async def test_a_token_is_not_kept_in_the_database(
    db: WatchedDatabase, owner: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    value = (await browser.sign_in("anna@blumen.example")).cookies["staff"].value
    async with db.reading() as session:
        rows = (await session.exec(select(StaffSession))).all()
    assert len(rows) == 1
    assert rows[0].token_digest not in value


async def test_a_form_from_another_site_is_refused(owner: Member, open_browser: Open) -> None:
    browser = await open_browser()
    answer = await browser.post(
        "/counter/sign-in",
        data={"email": "anna@blumen.example", "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
        allow_redirects=False,
    )
    assert answer.status == 403
    assert "staff" not in answer.cookies
