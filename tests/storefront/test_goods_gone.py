"""Paid but gone: all the money back at once, a word, a present, and somebody who looks at it."""

import pytest
from sqlmodel import select

from promotions.deals import create_deal, end_deal
from promotions.models import CouponCode
from storefront.models import Variant
from storefront.orders.models import Order
from storefront.storefronts import edit_storefront, find_storefront
from tests.pitfalls.books import charged, fresh, given_back, letters, status_page
from tests.storefront.goods import a_product
from tests.storefront.sales import order_again, pay_page, stands
from tests.storefront.stall import Stall


async def a_loser(stall: Stall) -> tuple[Order, Variant]:
    """Somebody else pays for the last piece first; then she pays."""
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=1, now=stall.clock())
        await edit_storefront(session, stall.shop.key, hold_policy="first_paid")
    slow, quick = await order_again(stall, variant), await order_again(stall, variant)
    for order in (quick, slow):
        await stall.till.buyer(await pay_page(stall, order), "pay")
        await stall.till.work()
    return slow, variant


@pytest.fixture
async def present(stall: Stall) -> int:
    async with stall.db.transaction() as session:
        deal = await create_deal(
            session, stall.shop.key, title="Entschuldigung", kind="percent", percent=15,
            currency="EUR", needs_code=True, now=stall.clock(),
        )  # fmt: skip
        await edit_storefront(
            session, stall.shop.key, apology="Das tut uns leid, Anna!", apology_deal_id=deal.key
        )
    return deal.key


async def codes(stall: Stall) -> list[CouponCode]:
    async with stall.db.reading() as session:
        return list((await session.exec(select(CouponCode))).all())


async def test_she_gets_her_money_a_word_and_a_code_of_her_own(stall: Stall, present: int) -> None:
    order, variant = await a_loser(stall)
    assert await stands(stall, order, variant) == ("refunded", (1, 0, 1))
    assert (charged(stall.till), given_back(stall.till)) == ([2490, 2490], [2490])
    [code] = await codes(stall)
    assert (code.deal_id, code.total_limit, code.per_customer_limit) == (present, 1, 1)
    assert await letters(stall, order) == ["received", "gone", "refunded"]
    [mail] = [one for one in await stall.mails() if one.about == f"order:{order.key}:gone"]
    page = await stall.fan.look(status_page(order))
    for told in (mail.text, mail.html, page):
        assert "Das tut uns leid, Anna!" in told
        assert code.code in told
    row = await fresh(stall, order)
    assert (row.concerns, row.paid_at, row.owed_minor) == (["paid_too_late"], None, 0)
    assert row.paid_minor - row.refunded_minor == row.owed_minor


async def test_money_told_again_apologises_once(stall: Stall, present: int) -> None:
    order, _ = await a_loser(stall)
    await stall.fan.look(status_page(order))
    await stall.till.work()
    assert len(await codes(stall)) == 1
    assert len(await letters(stall, order)) == 3


async def test_a_deal_that_has_ended_gives_no_code_and_the_money_goes_back_all_the_same(
    stall: Stall, present: int
) -> None:
    async with stall.db.transaction() as session:
        await end_deal(session, stall.shop.key, present, now=stall.clock())
    order, variant = await a_loser(stall)
    assert await stands(stall, order, variant) == ("refunded", (1, 0, 1))
    assert await codes(stall) == []
    assert "As an apology" not in await stall.fan.look(status_page(order))


async def test_the_shop_chooses_its_way_and_its_words(stall: Stall, present: int) -> None:
    await stall.sign_in()
    settings = "/counter/settings/shop"
    assert "Das tut uns leid, Anna!" in await stall.fan.look(settings)
    told = {"countries": "DE", "hold_minutes": 45, "shipping_fee": "0", "apology": "Verzeihung!",
            "hold_policy": "first_paid", "apology_deal": present}  # fmt: skip
    await stall.fan.send(settings, **told)
    async with stall.db.reading() as session:
        window = await find_storefront(session, stall.shop.key)
    assert (window.hold_policy, window.apology, window.apology_deal_id) == (
        "first_paid", "Verzeihung!", present,
    )  # fmt: skip
    await stall.fan.send(settings, **told | {"apology_deal": 999})
    await stall.fan.send(settings, 422, **told | {"hold_policy": "never"})
    async with stall.db.reading() as session:
        assert (await find_storefront(session, stall.shop.key)).apology_deal_id is None


async def test_before_ordering_it_is_said_that_nothing_is_put_aside(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=1, now=stall.clock())
        await edit_storefront(session, stall.shop.key, hold_policy="first_paid")
    on = await stall.fan.send("/s/blumen/basket/add", variant=variant.key, quantity=1)
    page = await stall.fan.look(on.removesuffix("basket") + "order")
    assert "whoever pays first gets them" in page
