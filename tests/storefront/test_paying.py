"""Money for orders: in time, slow, late, twice, back. All through the small Stripe."""

import asyncio

from sqlmodel import select

from core.events import record
from payments.checkouts import open_checkout
from payments.events import PaymentSucceeded
from payments.models import PaymentAttempt
from promotions.codes import count_uses, create_code
from promotions.deals import create_deal
from storefront.baskets import use_code
from storefront.events import OrderExpired, OrderNeedsAttention, OrderPaid, OrderRefunded
from storefront.models import Basket, Variant
from storefront.orders.ending import cancel
from storefront.orders.finding import events_of, get_order, lines_of
from storefront.orders.models import Order
from storefront.orders.placing import place
from storefront.orders.refunding import refund_order
from storefront.orders.sending import mark_sent
from storefront.orders.states import status_of
from storefront.pay_links import checkout_order
from storefront.references import reference_of
from storefront.stock import recount
from tests.storefront.goods import a_basket, a_form, a_product, counters
from tests.storefront.stall import Stall


async def an_order(stall: Stall, *, pieces: int = 3, quantity: int = 2) -> tuple[Order, Variant]:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=pieces, now=stall.clock())
        basket = await a_basket(session, stall.shop, variant, quantity, now=stall.clock())
        order = await place(session, stall.shop, basket, a_form(basket), now=stall.clock())
    return order, variant


async def pay_page(stall: Stall, order: Order) -> str:
    """The id of the Checkout Session the buyer is sent to."""
    async with stall.db.reading() as session:
        lines = await lines_of(session, order)
        fresh = await get_order(session, stall.shop.key, order.key)
    url = await open_checkout(
        stall.db, stall.till.stripes, shop_id=stall.shop.key, reference=reference_of(order.key),
        order=checkout_order("http://shop.example", stall.shop, fresh, lines), clock=stall.clock,
    )  # fmt: skip
    return url.rsplit("/", 1)[1]


async def stands(stall: Stall, order: Order, variant: Variant) -> tuple[str, tuple[int, int, int]]:
    async with stall.db.reading() as session:
        fresh = await get_order(session, stall.shop.key, order.key)
        assert await recount(session, stall.shop.key) == []
        return status_of(fresh).name, await counters(session, variant)


async def told(stall: Stall, order: Order) -> list[str]:
    async with stall.db.reading() as session:
        return [event.what for event in await events_of(session, order)]


def seen(stall: Stall, kind: type) -> list[object]:
    return [event for event in stall.db.seen if isinstance(event, kind)]


async def test_a_paid_order_is_thanked_for_once_however_often_stripe_says_so(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "pay")
    await asyncio.gather(*(stall.till.settle(reference_of(order.key)) for _ in range(4)))
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert len(seen(stall, OrderPaid)) == 1
    assert [mail.about.split(":")[2] for mail in await stall.mails()] == ["received", "paid"]


async def test_nobody_who_is_paying_is_cut_off_by_the_clock(stall: Stall) -> None:
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    stall.till.pass_time(minutes=44)
    await stall.expire()
    assert await stands(stall, order, variant) == ("unpaid", (3, 2, 0))
    await stall.till.buyer(page, "pay")
    stall.till.pass_time(minutes=5)
    await stall.expire()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))


async def test_what_nobody_pays_for_is_free_again(each_stall: Stall) -> None:
    stall = each_stall
    order, variant = await an_order(stall)
    await pay_page(stall, order)
    stall.till.pass_time(minutes=46)
    await stall.expire()
    assert await stands(stall, order, variant) == ("expired", (3, 0, 0))
    assert seen(stall, OrderExpired) == [OrderExpired(stall.shop.key, order.key, None)]
    await stall.expire()
    assert await told(stall, order) == ["placed", "payment_expired", "expired"]


async def test_an_order_whose_buyer_never_came_to_the_pay_page_expires_too(stall: Stall) -> None:
    order, variant = await an_order(stall)
    stall.till.pass_time(minutes=46)
    await stall.expire()
    assert await stands(stall, order, variant) == ("expired", (3, 0, 0))


async def test_while_stripe_cannot_be_asked_nothing_expires(stall: Stall) -> None:
    order, variant = await an_order(stall)
    await pay_page(stall, order)
    stall.till.pass_time(minutes=46)
    await stall.till.fault("503")
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "unpaid"
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "expired"


async def debit(stall: Stall) -> tuple[Order, Variant, str]:
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "delay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("processing", (3, 2, 0))
    stall.till.pass_time(days=2)
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "processing"
    return order, variant, page


async def test_a_direct_debit_stops_the_clock_until_it_arrives(stall: Stall) -> None:
    order, variant, page = await debit(stall)
    await stall.till.buyer(page, "settle")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))


async def test_a_direct_debit_that_fails_leaves_time_to_pay_otherwise(stall: Stall) -> None:
    order, variant, page = await debit(stall)
    await stall.till.buyer(page, "fail")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("unpaid", (3, 2, 0))
    assert (await stall.mails())[-1].about == f"order:{order.key}:failed:1"
    again = await pay_page(stall, order)
    assert again != page
    await stall.till.buyer(again, "pay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))


async def lapsed(stall: Stall) -> tuple[Order, Variant]:
    order, variant = await an_order(stall)
    stall.till.pass_time(minutes=46)
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "expired"
    return order, variant


async def late_money(stall: Stall, order: Order) -> None:
    """Banks surprise: told about an order that has ended."""
    async with stall.db.transaction() as session:
        record(session, PaymentSucceeded(stall.shop.key, reference_of(order.key),
                                         order.total_minor, "EUR"))  # fmt: skip


async def test_late_money_brings_an_expired_order_back_while_the_goods_are_there(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, variant = await lapsed(stall)
    await late_money(stall, order)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert await told(stall, order) == ["placed", "expired", "paid_late", "confirmed"]


async def test_late_money_for_goods_that_are_gone_goes_back_by_itself(each_stall: Stall) -> None:
    """The pay page stays open a little longer than the goods are kept, and somebody else buys
    them in between."""
    stall = each_stall
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    async with stall.db.transaction() as session:
        attempt = (await session.exec(select(PaymentAttempt))).one()
        attempt.state = "expired"
        session.add(attempt)
    stall.clock.advance(minutes=46)
    await stall.expire()
    async with stall.db.transaction() as session:
        rival = await a_basket(session, stall.shop, variant, 2, now=stall.clock())
        await place(session, stall.shop, rival, a_form(rival), now=stall.clock())
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    stall.till.pass_time(seconds=30)
    await stall.till.work()
    state, pieces = await stands(stall, order, variant)
    assert pieces == (3, 2, 0)
    assert state == "refunded"
    abouts = [
        mail.about for mail in await stall.mails() if mail.about.startswith(f"order:{order.key}:")
    ]
    assert [about.split(":")[2] for about in abouts] == ["received", "cancelled", "refunded"]
    assert seen(stall, OrderNeedsAttention) == [
        OrderNeedsAttention(stall.shop.key, order.key, "paid_too_late")
    ]
    assert [one["amount"] for one in stall.till.at_stripe("refund")] == [4980]


async def test_a_cancelled_order_gives_everything_back(each_stall: Stall) -> None:
    stall = each_stall
    now = stall.clock()
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=3, now=now)
        deal = await create_deal(session, stall.shop.key, title="10 %", kind="percent",
                                 currency="EUR", percent=10, needs_code=True, now=now)  # fmt: skip
        code = await create_code(session, stall.shop.key, deal.key, code="ROSEN10", now=now)
        basket: Basket = await a_basket(session, stall.shop, variant, 2, now=now)
        await use_code(session, basket, "rosen 10", now=now)
        order = await place(session, stall.shop, basket, a_form(basket), now=now)
        assert await count_uses(session, stall.shop.key, [code.key]) == {
            code.key: {"reserved": 1, "kept": 0}
        }
    assert (order.discount_minor, order.total_minor, order.code) == (498, 4482, "ROSEN10")
    page = await pay_page(stall, order)
    async with stall.db.transaction() as session:
        await cancel(session, stall.shop.key, order.key, by="customer", now=stall.clock())
        assert await count_uses(session, stall.shop.key, [code.key]) == {
            code.key: {"reserved": 0, "kept": 0}
        }
    assert await stands(stall, order, variant) == ("cancelled", (3, 0, 0))
    await stall.till.work()
    assert stall.till.open_sessions() == []
    assert page in [one["id"] for one in stall.till.at_stripe()]


async def test_a_refund_before_sending_cancels_and_tells_the_buyer(each_stall: Stall) -> None:
    stall = each_stall
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    async with stall.db.transaction() as session:
        await refund_order(session, stall.shop.key, order.key, reason="verwelkt", by="Anna",
                           now=stall.clock())  # fmt: skip
    assert (await stands(stall, order, variant))[1] == (3, 0, 0)
    await stall.till.work()
    stall.till.pass_time(seconds=30)
    await stall.till.work()
    assert (await stands(stall, order, variant))[0] == "refunded"
    [told_once] = seen(stall, OrderRefunded)
    assert told_once == OrderRefunded(stall.shop.key, order.key, None, 4980, "EUR", True)
    assert (await stall.mails())[-1].about == f"order:{order.key}:refunded:4980"


async def test_what_was_sent_stays_sent_when_it_is_refunded(stall: Stall) -> None:
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Anna", now=stall.clock())
    assert await stands(stall, order, variant) == ("sent", (1, 0, 0))
    async with stall.db.transaction() as session:
        await refund_order(session, stall.shop.key, order.key, reason="", by="Anna",
                           now=stall.clock())  # fmt: skip
    stall.till.pass_time(seconds=30)
    await stall.till.work()
    assert await stands(stall, order, variant) == ("refunded", (1, 0, 0))
