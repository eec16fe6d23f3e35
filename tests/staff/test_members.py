"""Hiring, roles, leaving."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlmodel import select

from core.shops import Shop, open_shop
from staff.errors import EmailTaken, LastOwner, UnknownMember, WeakPassword
from staff.members import (
    change_role,
    dismiss,
    get_member,
    hire,
    let_set_prices,
    list_members,
)
from staff.models import Member
from staff.passwords import Passwords
from tests.conftest import SetClock, WatchedDatabase
from tests.staff.conftest import Browser

Open = Callable[[], Awaitable[Browser]]


async def owners(db: WatchedDatabase, shop: Shop) -> list[str]:
    async with db.reading() as session:
        return [one.name for one in await list_members(session, shop.key) if one.is_owner]


async def test_an_address_belongs_to_one_account(
    db: WatchedDatabase, shop: Shop, owner: Member, clock: SetClock
) -> None:
    async with db.transaction() as session:
        with pytest.raises(EmailTaken):
            await hire(session, shop.key, "Zwei", " ANNA@blumen.example", "agent", now=clock())
    async with db.reading() as session:
        assert [one.name for one in await list_members(session, shop.key)] == ["Anna Beet"]


async def test_the_last_owner_can_neither_leave_nor_step_down(
    db: WatchedDatabase, shop: Shop, owner: Member, agent: Member, clock: SetClock
) -> None:
    async with db.transaction() as session:
        with pytest.raises(LastOwner):
            await dismiss(session, shop.key, owner.key, now=clock())
        with pytest.raises(LastOwner):
            await change_role(session, shop.key, owner.key, "agent")
    assert await owners(db, shop) == ["Anna Beet"]
    async with db.transaction() as session:
        await change_role(session, shop.key, agent.key, "owner")
        await change_role(session, shop.key, owner.key, "agent")
    assert await owners(db, shop) == ["Ben Ast"]


async def test_two_owners_who_dismiss_each_other_do_not_both_succeed(
    db: WatchedDatabase, shop: Shop, owner: Member, agent: Member, clock: SetClock
) -> None:
    async with db.transaction() as session:
        await change_role(session, shop.key, agent.key, "owner")

    async def let_go(member: Member) -> bool:
        try:
            async with db.transaction() as session:
                await dismiss(session, shop.key, member.key, now=clock())
        except LastOwner:
            return False
        return True

    assert sorted(await asyncio.gather(let_go(owner), let_go(agent))) == [False, True]
    assert len(await owners(db, shop)) == 1


async def test_who_left_keeps_the_name_and_frees_the_address(
    db: WatchedDatabase, shop: Shop, owner: Member, agent: Member, clock: SetClock
) -> None:
    async with db.transaction() as session:
        await dismiss(session, shop.key, agent.key, now=clock())
        await hire(session, shop.key, "Ben Neu", "ben@blumen.example", "agent", now=clock())
    async with db.reading() as session:
        left = (await session.exec(select(Member).where(Member.id == agent.id))).one()
        assert (left.name, left.email, left.password_hash) == ("Ben Ast", None, None)
        with pytest.raises(UnknownMember):
            await get_member(session, shop.key, agent.key)


async def test_members_of_another_shop_are_unknown(
    db: WatchedDatabase, owner: Member, clock: SetClock
) -> None:
    async with db.transaction() as session:
        other = await open_shop(session, "andere", "Andere", now=clock())
        with pytest.raises(UnknownMember):
            await get_member(session, other.key, owner.key)
        with pytest.raises(UnknownMember):
            await dismiss(session, other.key, owner.key, now=clock())


@pytest.mark.parametrize("weak", ["kurz", "", " " * 9, "x" * 201, "ANNA@blumen.example"])
async def test_weak_passwords_are_refused(
    sqlite_db: WatchedDatabase, shop: Shop, passwords: Passwords, clock: SetClock, weak: str
) -> None:
    async with sqlite_db.transaction() as session:
        with pytest.raises(WeakPassword):
            await hire(
                session, shop.key, "Anna", "anna@blumen.example", "owner",
                password=weak, passwords=passwords, now=clock(),
            )  # fmt: skip


async def test_owners_set_prices_and_agents_where_they_are_allowed_to(
    db: WatchedDatabase, shop: Shop, owner: Member, agent: Member
) -> None:
    assert (owner.may_set_prices, agent.may_set_prices) == (True, False)
    async with db.transaction() as session:
        await let_set_prices(session, shop.key, agent.key, allowed=True)
    async with db.reading() as session:
        assert (await get_member(session, shop.key, agent.key)).may_set_prices
    async with db.transaction() as session:
        await let_set_prices(session, shop.key, agent.key, allowed=False)
    async with db.reading() as session:
        assert not (await get_member(session, shop.key, agent.key)).may_set_prices


async def test_an_owner_gives_and_takes_that_right_on_the_page_of_the_team(
    db: WatchedDatabase, owner: Member, agent: Member, open_browser: Open
) -> None:
    browser = await open_browser()
    await browser.sign_in("anna@blumen.example")
    way = f"/counter/settings/team/{agent.key}/prices"
    for allowed, badges in (("1", 1), ("0", 0)):
        page = await (await browser.open("/counter/settings/team")).text()
        assert f'action="{way}"><input type="hidden" name="allowed" value="{allowed}">' in page
        assert f"/team/{owner.key}/prices" not in page
        assert (await browser.send(way, allowed=allowed)).status == 303
        page = await (await browser.open("/counter/settings/team")).text()
        assert page.count("may set other prices") == badges
