"""Ways in which other shops took the money and had no order, or an order for ever waiting."""

import asyncio

import pytest

from core.money import Money
from promotions.deals import create_deal
from storefront.errors import SoldOut
from storefront.events import OrderExpired, OrderPaid
from storefront.models import Variant
from storefront.orders.models import Order
from storefront.storefronts import edit_storefront
from tests.pitfalls.books import (
    answers,
    books,
    charged,
    come_back,
    deliver_again,
    everything,
    fresh,
    given_back,
    letters,
    status_page,
    time_passes,
)
from tests.storefront.goods import a_product
from tests.storefront.sales import an_order, order_again, pay_page, seen, stands, told
from tests.storefront.stall import Stall


async def test_many_buyers_returning_while_their_webhooks_arrive_all_have_their_orders(
    each_stall: Stall,
) -> None:
    """As seen in Medusa: confirming raced the webhook, and one order in twenty was missing."""
    stall = each_stall
    order, variant = await an_order(stall, pieces=6, quantity=1)
    orders = [order, *[await order_again(stall, variant) for _ in range(5)]]
    stall.till.sender.weather.brew("duplicate", label="stripe")
    pages = [await pay_page(stall, one) for one in orders]
    await asyncio.gather(*(stall.till.buyer(page, "pay") for page in pages))
    await asyncio.gather(stall.till.work(), *(come_back(stall, one) for one in orders))
    await stall.till.work()
    assert {(await stands(stall, one, variant)) for one in orders} == {("paid", (6, 0, 6))}
    assert charged(stall.till) == [2490] * 6
    assert len(seen(stall, OrderPaid)) == 6
    assert [await letters(stall, one) for one in orders] == [["received", "paid"]] * 6
    assert answers(stall.till) == {200}


@pytest.mark.parametrize("kind", ["409", "lock_timeout", "cut"])
async def test_an_event_that_meets_a_conflict_is_followed_later(stall: Stall, kind: str) -> None:
    """As seen in Medusa: after a 409 or a serialization clash the event was gone, or half done."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.work()
    before = (await everything(stall, order, variant))[:7]
    await stall.till.fault(kind, "/v1/checkout/sessions", times=2, method="GET")
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    assert (await everything(stall, order, variant))[:7] == before
    for _ in range(3):
        stall.till.pass_time(minutes=1)
        await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert len(seen(stall, OrderPaid)) == 1
    assert answers(stall.till) == {200}


async def test_payments_that_go_wrong_use_up_no_order_numbers(stall: Stall) -> None:
    """As seen in Medusa: orders were made on every `processing` event, and left gaps."""
    order, variant = await an_order(stall, pieces=4, quantity=2)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "decline")
    await stall.till.buyer(page, "delay")
    await stall.till.work()
    deliver_again(stall.till)
    await stall.till.buyer(page, "fail")
    await stall.till.work()
    second = await order_again(stall, variant, 2)
    async with stall.db.reading() as session:
        late = await session.get_one(Variant, variant.key)
    with pytest.raises(SoldOut):
        await order_again(stall, late)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    async with stall.db.transaction() as session:
        _, other = await a_product(session, stall.shop, "Vase", now=stall.clock())
    third = await order_again(stall, other)
    assert [one.number for one in await stall.placed()] == [1001, 1002, 1003]
    assert [one.key for one in await stall.placed()] == [order.key, second.key, third.key]


async def test_shipping_and_discounts_are_part_of_what_is_paid(stall: Stall) -> None:
    """As seen in Vendure: the shipping was not in the payment, so the order stood there,
    paid in part, in a state that nothing led out of."""
    now = stall.clock()
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, shipping_fee_minor=490)
        await create_deal(session, stall.shop.key, title="15 %", kind="percent", currency="EUR",
                          percent=15, now=now)  # fmt: skip
    order, variant = await an_order(stall, pieces=7, quantity=7, price=333)
    assert (order.goods_minor, order.discount_minor, order.total_minor) == (2331, 350, 2471)
    page = await pay_page(stall, order)
    assert [one["amount_total"] for one in stall.till.at_stripe()] == [2471]
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (7, 0, 7))
    assert (await books(stall, order)).word == "paid"
    assert (await fresh(stall, order)).concerns == []
    assert charged(stall.till) == [2471]


async def test_an_endpoint_that_was_never_told_of_payments_loses_no_order(stall: Stall) -> None:
    """As seen in Enupal and Unchained: the event was missing from the endpoint's list."""
    [endpoint] = stall.till.world.accounts["acct_flowers"].things["webhook_endpoint"].values()
    endpoint["enabled_events"] = ["invoice.paid"]
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    assert len(stall.till.sender.deliveries) == 0
    assert (await stands(stall, order, variant))[0] == "unpaid"
    await time_passes(stall, minutes=6)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert await letters(stall, order) == ["received", "paid"]


async def a_debit(stall: Stall) -> tuple[Order, Variant, str]:
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "delay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("processing", (3, 2, 0))
    stall.till.pass_time(days=2)
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "processing"
    assert await stall.till.ledger() == []
    return order, variant, page


async def test_a_direct_debit_that_arrives_days_later_pays_for_its_order(stall: Stall) -> None:
    """As seen in WooCommerce: the first event had closed the case, the second was not heard."""
    order, variant, page = await a_debit(stall)
    await stall.till.buyer(page, "settle")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert await stall.till.ledger() == [("capture", 4980)]
    assert await letters(stall, order) == ["received", "paid"]


async def test_a_direct_debit_is_no_money_until_it_has_arrived_and_may_still_fail(
    stall: Stall,
) -> None:
    """As seen in Lunora: written down as captured at once, its failure was then `illegal`."""
    order, variant, page = await a_debit(stall)
    assert (await books(stall, order)).word == "processing"
    await stall.till.buyer(page, "fail")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("unpaid", (3, 2, 0))
    assert await stall.till.ledger() == []
    assert await letters(stall, order) == ["received", "failed"]
    again = await pay_page(stall, order)
    assert again != page
    await stall.till.buyer(again, "pay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert await stall.till.ledger() == [("capture", 4980)]
    assert answers(stall.till) == {200}


async def test_the_late_failure_of_an_older_try_does_not_undo_a_paid_order(stall: Stall) -> None:
    """As seen in the PrestaShop module: payment_failed of the first try came last."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "decline")
    await stall.till.buyer(page, "delay")
    await stall.till.work()
    stall.till.sender.weather.brew("hold", label="stripe")
    await stall.till.buyer(page, "fail")
    await come_back(stall, order)
    stall.till.sender.weather.clear()
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    before = await everything(stall, order, variant)
    assert before[0] == ("paid", (3, 0, 2))
    assert stall.till.sender.release(order="reversed") >= 1
    await stall.till.work()
    assert await everything(stall, order, variant) == before
    assert charged(stall.till) == [4980]


async def test_an_order_whose_buyer_left_in_the_middle_of_paying_does_not_wait_for_ever(
    each_stall: Stall,
) -> None:
    """As seen in pretix: a redirect method begun and abandoned kept the order pending."""
    stall = each_stall
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "decline")
    assert await pay_page(stall, order) == page
    stall.till.pass_time(minutes=46)
    await stall.expire()
    assert await stands(stall, order, variant) == ("expired", (3, 0, 0))
    assert seen(stall, OrderExpired) == [OrderExpired(stall.shop.key, order.key, None)]
    await stall.expire()
    assert await told(stall, order) == ["placed", "payment_expired", "expired"]
    assert stall.till.open_sessions() == []
    await stall.fan.send(f"{status_page(order)}/pay", 410)
    assert charged(stall.till) == []


async def test_coming_back_from_the_pay_page_is_no_proof_of_payment(stall: Stall) -> None:
    """As seen in Payload: the order was confirmed without asking what became of the payment."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    before = await everything(stall, order, variant)
    assert "Thank you! Your order is paid." not in await come_back(stall, order)
    await stall.till.buyer(page, "decline")
    assert "Thank you! Your order is paid." not in await come_back(stall, order)
    assert await everything(stall, order, variant) == before
    assert (charged(stall.till), given_back(stall.till)) == ([], [])
    await stall.till.buyer(page, "pay")
    assert "Thank you! Your order is paid." in await come_back(stall, order)
    assert (await books(stall, order)).captured == Money(4980, "EUR")
