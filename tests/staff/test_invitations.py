"""Links that sign in once."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
from sqlmodel import select

from core.mail import Mail
from core.shops import Shop
from core.signing import SIGNER, LinkNoLongerValid
from staff.invitations import make_link, use_link
from staff.members import find_by_email, hire
from staff.models import Member, SignInLink
from tests.conftest import SetClock, WatchedDatabase
from tests.staff.conftest import Browser

Open = Callable[[], Awaitable[Browser]]


async def link_for(browser: Browser, db: WatchedDatabase, member: Member, clock: SetClock) -> str:
    async with db.transaction() as session:
        return await make_link(session, browser.app[SIGNER], member, "", clock())


async def test_looking_at_a_link_does_not_use_it_up(
    db: WatchedDatabase, owner: Member, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    link = await link_for(browser, db, owner, clock)
    for _ in range(3):
        looked = await browser.open(link)
        assert looked.status == 200
        assert "staff" not in looked.cookies
    used = await browser.send(link)
    assert (used.status, used.headers["Location"]) == (303, "/counter/")
    assert (await browser.open("/counter/")).status == 200
    again = await (await open_browser()).send(link)
    assert again.status == 403


async def test_a_link_ends_after_its_time(
    db: WatchedDatabase, owner: Member, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    link = await link_for(browser, db, owner, clock)
    clock.advance(days=7, seconds=1)
    assert (await browser.open(link)).status == 403
    assert (await browser.send(link)).status == 403


async def test_of_two_presses_at_once_one_gets_in(
    db: WatchedDatabase, owner: Member, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    link = await link_for(browser, db, owner, clock)
    signer, token = browser.app[SIGNER], link.rpartition("/")[2]

    async def press() -> bool:
        try:
            async with db.transaction() as session:
                await use_link(session, signer, token, now=clock())
        except LinkNoLongerValid:
            return False
        return True

    assert sorted(await asyncio.gather(*[press() for _ in range(4)])) == [False] * 3 + [True]


async def test_who_is_new_chooses_a_password_and_a_weak_one_does_not_cost_the_link(
    db: WatchedDatabase, shop: Shop, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    async with db.transaction() as session:
        member = await hire(session, shop.key, "Cem", "cem@blumen.example", "agent", now=clock())
    link = await link_for(browser, db, member, clock)
    weak = await browser.send(link, password="kurz")
    assert weak.status == 422
    assert (await browser.send(link, password="lange genug ist es")).status == 303
    other = await open_browser()
    assert (await other.sign_in("cem@blumen.example", "lange genug ist es")).status == 303


async def test_an_owner_invites_by_mail_and_shows_the_link(
    db: WatchedDatabase, owner: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    await browser.sign_in("anna@blumen.example")
    page = await browser.send(
        "/counter/settings/team", name="Cem Tau", email="Cem@Blumen.example", role="agent",
        locale="de",
    )  # fmt: skip
    text = await page.text()
    link = re.search(r"http://127\.0\.0\.1:\d+(/counter/welcome/[\w.-]+)", text)
    assert link
    async with db.reading() as session:
        mail = (await session.exec(select(Mail))).one()
        member = await find_by_email(session, "cem@blumen.example")
    assert mail.recipient == "cem@blumen.example"
    assert link[0] in mail.text
    assert member
    assert (member.role, member.locale, member.password_hash) == ("agent", "de", None)
    welcome = await (await open_browser()).open(link[1])
    assert welcome.status == 200


@pytest.mark.parametrize("way", ["", "/1/link", "/1/role", "/1/prices", "/1/dismiss"])
async def test_an_agent_changes_nothing_about_the_team(
    db: WatchedDatabase, owner: Member, agent: Member, open_browser: Open, way: str
) -> None:
    browser = await open_browser()
    await browser.sign_in("ben@blumen.example")
    answer = await browser.send(
        "/counter/settings/team" + way, name="X", email="x@y.example", role="agent", allowed="1"
    )
    assert answer.status == 403
    async with db.reading() as session:
        members = (await session.exec(select(Member))).all()
        assert (await session.exec(select(SignInLink))).all() == []
    assert {(one.name, one.role) for one in members} == {
        ("Anna Beet", "owner"), ("Ben Ast", "agent"),
    }  # fmt: skip


async def test_bad_invitations_are_told_by_field_and_change_nothing(
    db: WatchedDatabase, owner: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    await browser.sign_in("anna@blumen.example")
    for fields, sentence in (
        ({"name": "", "email": "a@b.example"}, "Please fill this in."),
        ({"name": "C", "email": "kein Ort"}, "This is not an e-mail address."),
        ({"name": "C", "email": "anna@blumen.example"}, "already has an account"),
        ({"name": "C", "email": "c@d.example", "role": "boss"}, "Please choose one of these."),
    ):
        answer = await browser.send("/counter/settings/team", **fields)
        assert answer.status in (409, 422), fields
        assert sentence in await answer.text(), fields
    async with db.reading() as session:
        assert len((await session.exec(select(Member))).all()) == 1


async def test_a_forgotten_password_is_answered_alike_for_everybody(
    db: WatchedDatabase, owner: Member, open_browser: Open, clock: SetClock
) -> None:
    browser = await open_browser()
    for email in ("anna@blumen.example", "niemand@blumen.example"):
        answer = await browser.send("/counter/sign-in/link", email=email)
        assert (answer.status, answer.headers["Location"]) == (303, "/counter/sign-in")
    async with db.reading() as session:
        mails = (await session.exec(select(Mail))).all()
    assert [mail.recipient for mail in mails] == ["anna@blumen.example"]
    clock.advance(minutes=31)
    link = re.search(r"/counter/welcome/[\w.-]+", mails[0].text)
    assert link
    assert (await browser.open(link[0])).status == 403


async def test_changing_the_password_signs_the_others_out_and_keeps_this_one(
    owner: Member, open_browser: Open
) -> None:
    desk, phone = await open_browser(), await open_browser()
    for browser in (desk, phone):
        await browser.sign_in("anna@blumen.example")
    wrong = await desk.send("/counter/profile/password", present="falsch", new="ganz anderes Wort")
    assert wrong.status == 422
    right = await desk.send(
        "/counter/profile/password", present="ein ruhiger Nachmittag", new="ganz anderes Wort"
    )
    assert right.status == 303
    assert (await desk.open("/counter/")).status == 200
    assert (await phone.open("/counter/")).status == 303
    assert (await phone.sign_in("anna@blumen.example", "ganz anderes Wort")).status == 303
