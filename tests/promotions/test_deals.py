"""Making, ending and listing deals."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidForm
from core.money import Money
from core.shops import Shop, open_shop
from promotions.deals import active_deals, create_deal, end_deal, get_deal, list_deals, next_change
from promotions.errors import DealUnknown
from promotions.events import DealCreated, DealEnded
from tests.conftest import SetClock, WatchedDatabase
from tests.promotions.baskets import eur

pytestmark = pytest.mark.sqlite_only


async def a_deal(session: AsyncSession, shop: Shop, now: Any, **more: Any) -> Any:
    values: dict[str, Any] = {"title": "Sommer", "kind": "percent", "percent": 10}
    return await create_deal(session, shop.key, currency="EUR", now=now, **values | more)


async def test_a_deal_is_made_and_ended_once(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        deal = await a_deal(session, shop, clock(), by="Anna")
    for _ in range(2):
        async with db.transaction() as session:
            await end_deal(session, shop.key, deal.key, by="Anna", now=clock())
        clock.advance(hours=1)
    assert db.seen == [DealCreated(shop.key, deal.key), DealEnded(shop.key, deal.key)]
    async with db.reading() as session:
        kept = await get_deal(session, shop.key, deal.key)
        assert (kept.state, kept.ended_at, kept.ended_by) == (
            "ended",
            clock() - timedelta(hours=2),
            "Anna",
        )
        assert await active_deals(session, shop.key, now=clock()) == []
        assert [one.key for one in await list_deals(session, shop.key)] == [deal.key]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"percent": None}, "percent"),
        ({"percent": 0}, "percent"),
        ({"percent": 101}, "percent"),
        ({"kind": "amount"}, "amount"),
        ({"kind": "amount", "amount": eur(0)}, "amount"),
        ({"kind": "amount", "amount": eur(2**31)}, "amount"),
        ({"kind": "amount", "amount": Money(5, "JPY")}, "amount"),
        ({"minimum": eur(-1)}, "minimum"),
        ({"minimum": Money(5, "JPY")}, "minimum"),
    ],
)
async def test_a_deal_that_cannot_be_names_the_field(
    db: WatchedDatabase, shop: Shop, clock: SetClock, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidForm) as wrong:
        async with db.transaction() as session:
            await a_deal(session, shop, clock(), **values)
    assert set(wrong.value.fields) == {field}
    assert db.seen == []
    async with db.reading() as session:
        assert await list_deals(session, shop.key) == []


async def test_active_deals_are_those_of_now_and_the_next_change_is_known(
    session: AsyncSession, clock: SetClock
) -> None:
    shop = await open_shop(session, "blumen", "Blumen", now=clock())
    start = clock()
    soon, later = start + timedelta(hours=1), start + timedelta(hours=2)
    endless = await a_deal(session, shop, start, title="immer")
    short = await a_deal(session, shop, start, title="kurz", ends_at=later)
    coming = await a_deal(session, shop, start, title="bald", starts_at=soon)

    async def titles(at: Any) -> list[str]:
        return [deal.title for deal in await active_deals(session, shop.key, now=at)]

    assert await titles(start) == [short.title, endless.title]
    assert await titles(soon) == [short.title, endless.title, coming.title]
    assert await titles(later) == [endless.title, coming.title]
    assert await next_change(session, shop.key, now=start) == soon
    assert await next_change(session, shop.key, now=soon) == later
    assert await next_change(session, shop.key, now=later) is None


async def test_another_shops_deal_is_not_there(session: AsyncSession, clock: SetClock) -> None:
    shop = await open_shop(session, "blumen", "Blumen", now=clock())
    other = await open_shop(session, "garten", "Garten", now=clock())
    deal = await a_deal(session, shop, clock())
    for act in (
        get_deal(session, other.key, deal.key),
        end_deal(session, other.key, deal.key, now=clock()),
    ):
        with pytest.raises(DealUnknown):
            await act
    assert deal.state == "active"
