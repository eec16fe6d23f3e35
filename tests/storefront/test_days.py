"""Days that can be wished for, and the list of what goes out when."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidForm
from core.shops import Shop
from storefront.models import Storefront
from storefront.orders.sending import mark_sent
from storefront.shipping.days import check_day, earliest_day, limits_in_words
from storefront.shipping.going_out import count_by_day
from storefront.storefronts import edit_storefront
from tests.storefront.parcels import a_paid_order, do
from tests.storefront.stall import Stall, all_pages

SHOP = Shop(slug="s", name="S", currency="EUR", locale="de", timezone="Europe/Berlin")
FRIDAY = date(2026, 11, 27)


def at(hour: int, day: date = FRIDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("window", "hour", "earliest"),
    [
        ({}, 23, FRIDAY),
        ({"latest_hour": 14}, 13, FRIDAY),
        ({"latest_hour": 14}, 14, date(2026, 11, 28)),
        ({"lead_days": 2}, 10, date(2026, 11, 29)),
        ({"lead_days": 2, "closed_weekdays": [6]}, 10, date(2026, 11, 30)),
        ({"lead_days": 1, "latest_hour": 9, "closed_weekdays": [6, 0]}, 10, date(2026, 12, 1)),
        ({"closed_weekdays": [0, 1, 2, 3, 4, 5, 6]}, 10, FRIDAY),
    ],
)
def test_the_earliest_day_counts_from_the_day_of_ordering(
    window: dict[str, object], hour: int, earliest: date
) -> None:
    storefront = Storefront(shop_id=1, **window)
    assert earliest_day(storefront, SHOP, at(hour)) == earliest
    check_day(storefront, SHOP, earliest, now=at(hour))
    if earliest > FRIDAY:
        with pytest.raises(InvalidForm) as refused:
            check_day(storefront, SHOP, earliest - timedelta(days=1), now=at(hour))
        assert refused.value.fields["wish_date"].startswith("We cannot make it by this day.")


def test_a_closed_weekday_is_refused_in_words_and_named_below_the_field() -> None:
    storefront = Storefront(shop_id=1, closed_weekdays=[6])
    with pytest.raises(InvalidForm) as refused:
        check_day(storefront, SHOP, date(2026, 12, 6), now=at(10))
    assert refused.value.fields == {
        "wish_date": "Nothing leaves us on this weekday. Please choose another day."
    }
    translate = all_pages()[1].translator("de")
    assert limits_in_words(storefront, SHOP, translate, "de", now=at(10)) == (
        "Frühestens: Freitag, 27. November 2026. Nicht möglich: Sonntag."
    )


def test_the_day_is_the_shops_not_greenwichs() -> None:
    storefront = Storefront(shop_id=1)
    late = datetime(2026, 11, 27, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert earliest_day(storefront, SHOP, late) == date(2026, 11, 28)


async def test_the_order_page_keeps_to_the_shops_limits(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, lead_days=3)
    today = stall.today
    with pytest.raises(InvalidForm):
        await a_paid_order(stall, 1, wish_date=(today + timedelta(days=2)).isoformat())
    assert await stall.placed() == []
    wished = today + timedelta(days=3)
    order, _ = await a_paid_order(stall, 1, wish_date=wished.isoformat())
    assert order.wish_date == wished


async def test_the_working_list_shows_what_goes_out_when(stall: Stall) -> None:
    today = stall.today
    days = {"today": 0, "tomorrow": 1, "later": 9}
    orders = {
        name: (await a_paid_order(stall, 1, wish_date=(today + timedelta(days=ahead)).isoformat()))[
            0
        ]
        for name, ahead in days.items()
    }
    orders["any"], _ = await a_paid_order(stall, 1)
    await a_paid_order(stall, 1, price=500)
    await stall.sign_in()

    async def counts() -> dict[str, int]:
        async with stall.db.reading() as session:
            return dict(await count_by_day(session, stall.shop, now=stall.clock()))

    assert await counts() == {"overdue": 0, "today": 1, "tomorrow": 1, "later": 1, "any": 1}
    for name, order in orders.items():
        page = await stall.fan.look(f"/counter/orders/days?day={name}")
        numbers = {one.number for one in orders.values() if f">{one.number}</a>" in page}
        assert numbers == {order.number}
    stall.clock.advance(days=1)
    assert await counts() == {"overdue": 1, "today": 1, "tomorrow": 0, "later": 1, "any": 1}
    await do(stall, mark_sent, orders["today"])
    assert (await counts())["overdue"] == 0
    assert "Nothing is late." in await stall.fan.look("/counter/orders/days?day=overdue")
