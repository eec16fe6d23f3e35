"""Ways in which other shops took money for goods they did not have, or hid goods they had."""

from typing import Any

import pytest
from sqlmodel import select

from payments.models import PaymentAttempt
from storefront.errors import NotEnough, SoldOut
from storefront.events import OrderCancelled, OrderNeedsAttention, OrderPaid
from storefront.orders.ending import cancel
from storefront.references import reference_of
from storefront.storefronts import edit_storefront
from tests.pitfalls.books import (
    answers,
    charged,
    come_back,
    everything,
    fresh,
    given_back,
    letters,
    status_page,
)
from tests.storefront.goods import a_product
from tests.storefront.sales import an_order, order_again, pay_page, seen, stands, told
from tests.storefront.stall import Stall


async def test_money_for_goods_that_are_gone_goes_back_at_once(each_stall: Stall) -> None:
    """As seen in pretix: the money was taken, the quota was used up. The pay page stays open a
    little longer than the goods are kept, and somebody else buys them in between."""
    stall = each_stall
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    async with stall.db.transaction() as session:
        attempt = (await session.exec(select(PaymentAttempt))).one()
        attempt.state = "expired"
        session.add(attempt)
    stall.clock.advance(minutes=46)
    await stall.expire()
    await order_again(stall, variant, 2)
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    stall.till.pass_time(seconds=30)
    await stall.till.work()
    assert await stands(stall, order, variant) == ("refunded", (3, 2, 0))
    assert await letters(stall, order) == ["received", "gone", "refunded"]
    assert seen(stall, OrderNeedsAttention) == [
        OrderNeedsAttention(stall.shop.key, order.key, "paid_too_late")
    ]
    assert (charged(stall.till), given_back(stall.till)) == ([4980], [4980])


async def test_the_clock_never_ends_an_order_that_is_being_paid_or_is_paid(stall: Stall) -> None:
    """As seen in WooCommerce: the timer that frees unpaid goods asked nobody."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    stall.till.pass_time(minutes=44)
    await stall.expire()
    assert await stands(stall, order, variant) == ("unpaid", (3, 2, 0))
    stall.till.sender.weather.brew("drop", label="stripe")
    await stall.till.buyer(page, "pay")
    stall.till.pass_time(minutes=5)
    await stall.till.fault("503")
    await stall.expire()
    assert await stands(stall, order, variant) == ("unpaid", (3, 2, 0))
    await stall.expire()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert charged(stall.till) == [4980]


@pytest.mark.parametrize("way", ["pay", "delay"])
async def test_a_payment_for_a_cancelled_order_goes_back(stall: Stall, way: str) -> None:
    """As seen in WooCommerce: the order was cancelled, so the payment was looked at no more."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    if way == "delay":
        await stall.till.buyer(page, way)
        await stall.till.work()
    async with stall.db.transaction() as session:
        await cancel(session, stall.shop.key, order.key, by="Anna", now=stall.clock())
    await stall.till.buyer(page, "pay" if way == "pay" else "settle")
    await stall.till.work()
    for made in stall.till.at_stripe("refund"):
        if made["status"] == "pending":
            await stall.till.control(f"/refunds/{made['id']}/succeed")
    await stall.till.work()
    assert (charged(stall.till), given_back(stall.till)) == ([4980], [4980])
    assert await stands(stall, order, variant) == ("refunded", (3, 0, 0))
    assert await stall.till.ledger() == [("capture", 4980), ("refund", -4980)]
    assert await letters(stall, order) == ["received", "cancelled", "refunded"]
    assert (len(seen(stall, OrderCancelled)), len(seen(stall, OrderPaid))) == (1, 0)


@pytest.mark.parametrize("is_paid_first", [True, False])
async def test_a_payment_of_another_amount_goes_back_too_when_its_order_is_cancelled(
    stall: Stall, is_paid_first: bool
) -> None:
    """The order was changed while the buyer stood on the old page, and then given up."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.expect(3500, reference_of(order.key))
    if is_paid_first:
        await stall.till.buyer(page, "pay")
        await stall.till.work()
        assert (await fresh(stall, order)).concerns == ["payment_mismatch"]
        assert await stands(stall, order, variant) == ("unpaid", (3, 2, 0))
    async with stall.db.transaction() as session:
        await cancel(session, stall.shop.key, order.key, by="Anna", now=stall.clock())
    if not is_paid_first:
        await stall.till.buyer(page, "pay")
    await stall.till.work()
    assert (charged(stall.till), given_back(stall.till)) == ([4980], [4980])
    assert await stands(stall, order, variant) == ("refunded", (3, 0, 0))
    assert await stall.till.ledger() == [("capture", 4980), ("refund", -4980)]
    assert await letters(stall, order) == ["received", "cancelled", "refunded"]


async def test_goods_of_a_failed_direct_debit_come_back_on_sale(stall: Stall) -> None:
    """As seen in WooCommerce: from on-hold to failed nothing was given back. They stay put aside
    for as long as another try has time, and not a minute longer."""
    order, variant = await an_order(stall, pieces=2)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "delay")
    await stall.till.work()
    stall.till.pass_time(days=5)
    await stall.till.buyer(page, "fail")
    await stall.till.work()
    await stall.expire()
    assert await stands(stall, order, variant) == ("unpaid", (2, 2, 0))
    stall.till.pass_time(minutes=46)
    await stall.expire()
    assert await stands(stall, order, variant) == ("expired", (2, 0, 0))
    rival = await order_again(stall, variant, 2)
    assert await stands(stall, rival, variant) == ("unpaid", (2, 2, 0))
    assert await letters(stall, order) == ["received", "failed"]


async def test_a_buyers_own_order_for_the_last_piece_does_not_keep_her_from_paying(
    stall: Stall,
) -> None:
    """As seen in WooCommerce: the retry found the goods reserved, by the buyer herself. Pressing
    the order button again and paying later both lead to the order that holds them."""
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=1, now=stall.clock())
    on = await stall.fan.send("/s/blumen/basket/add", variant=variant.key, quantity=1)
    base = on.removesuffix("basket")
    form: dict[str, Any] = await stall.form(stall.fan, base)
    link = await stall.fan.send(f"{base}order/place", **form)
    assert await stall.fan.send(f"{base}order/place", **form) == link
    [order] = await stall.placed()
    await stall.till.buyer(link.rsplit("/", 1)[1], "decline")
    assert await stands(stall, order, variant) == ("unpaid", (1, 1, 0))
    assert await stall.fan.send(f"{status_page(order)}/pay") == link
    await stall.till.buyer(link.rsplit("/", 1)[1], "pay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (1, 0, 1))
    assert charged(stall.till) == [2490]


async def test_goods_of_orders_still_to_be_paid_cannot_be_bought_again(each_stall: Stall) -> None:
    """As seen in Eventyay: pending orders were left out when the seats were counted."""
    stall = each_stall
    unpaid, variant = await an_order(stall, pieces=3, quantity=1)
    in_debit = await order_again(stall, variant, 1)
    await stall.till.buyer(await pay_page(stall, in_debit), "delay")
    await stall.till.work()
    with pytest.raises(NotEnough):
        await order_again(stall, variant, 2)
    last = await order_again(stall, variant, 1)
    before = [await everything(stall, one, variant) for one in (unpaid, in_debit, last)]
    assert [one[0] for one in before] == [
        ("unpaid", (3, 3, 0)), ("processing", (3, 3, 0)), ("unpaid", (3, 3, 0)),
    ]  # fmt: skip
    with pytest.raises(SoldOut):
        await order_again(stall, variant, 1)
    assert [await everything(stall, one, variant) for one in (unpaid, in_debit, last)] == before
    assert len(await stall.placed()) == 3


async def test_when_an_order_runs_out_its_pay_page_takes_no_more_money(stall: Stall) -> None:
    """As seen at FOSS United: our own time-out did not stop the provider's page. Stripe keeps a
    page open for half an hour at least, and its clock is not ours."""
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, hold_minutes=30)
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    stall.till.pass_time(minutes=31)
    assert stall.till.open_sessions() == [page]
    await stall.expire()
    assert await stands(stall, order, variant) == ("expired", (3, 0, 0))
    assert stall.till.open_sessions() == []
    await stall.till.buyer(page, "pay", 409)
    await stall.till.work()
    assert charged(stall.till) == []
    assert "not paid in time" in await come_back(stall, order)
    await stall.fan.send(f"{status_page(order)}/pay", 410)
    assert (await fresh(stall, order)).concerns == []
    assert await told(stall, order) == ["placed", "payment_expired", "expired"]
    assert answers(stall.till) == {200}
