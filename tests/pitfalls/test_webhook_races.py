"""Ways in which other shops counted the same event twice, or fell over one that came late."""

import asyncio
from datetime import timedelta

import pytest

from core.jobs import JobEngine
from core.money import Money
from payments.errors import PaymentsUnavailable
from payments.events import PaymentProcessing, PaymentSucceeded
from payments.giving_back import send_refund
from payments.reconciling import catch_up, reconcile
from payments.refunds import request_refund
from payments.settling import settle
from payments.webhooks import WANTED_EVENTS
from storefront.events import OrderPaid, OrderRefunded
from storefront.orders.ending import cancel
from storefront.orders.models import Order
from storefront.orders.refunding import refund_order
from storefront.orders.sending import mark_sent
from storefront.references import reference_of
from tests.pitfalls.books import (
    answers,
    books,
    charged,
    come_back,
    deliver_again,
    everything,
    given_back,
    letters,
    post_at_once,
    time_passes,
)
from tests.storefront.sales import an_order, pay_page, seen, stands
from tests.storefront.stall import Stall


async def test_what_is_told_in_several_ways_is_counted_once(each_stall: Stall) -> None:
    """As seen in Saleor: the captured amount was counted again with the next event. Here events
    of two kinds, the return page and both jobs that ask Stripe tell of the same debit."""
    stall = each_stall
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "delay")
    await stall.till.work()
    await stall.till.buyer(page, "settle")
    deliver_again(stall.till)
    await asyncio.gather(
        stall.till.work(), come_back(stall, order), stall.till.run(catch_up),
        stall.till.run(settle, attempt_id=1),
    )  # fmt: skip
    stall.till.pass_time(hours=7)
    await stall.till.run(reconcile)
    await stall.till.work()
    assert await stall.till.ledger() == [("capture", 4980)]
    standing = await books(stall, order)
    assert (standing.word, standing.captured) == ("paid", Money(4980, "EUR"))
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert len(seen(stall, PaymentProcessing)) == len(seen(stall, PaymentSucceeded)) == 1


async def test_deliveries_at_the_same_moment_settle_once(each_stall: Stall) -> None:
    """As seen in Pinelab's plugin: three in parallel found no payment yet, and made three."""
    stall = each_stall
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    stall.till.sender.weather.brew("hold", label="stripe")
    await stall.till.buyer(page, "pay")
    assert set(await post_at_once(stall.till, 5)) == {200}
    await asyncio.gather(
        stall.till.work(), *(stall.till.run(settle, attempt_id=1) for _ in range(3))
    )
    await stall.till.work()
    assert await stall.till.ledger() == [("capture", 4980)]
    assert len(seen(stall, PaymentSucceeded)) == len(seen(stall, OrderPaid)) == 1
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert await letters(stall, order) == ["received", "paid"]


async def test_while_stripe_is_slow_to_answer_nobody_is_thanked_twice(each_stall: Stall) -> None:
    """As seen in WooCommerce: the status was read before the slow call, the lock was let go
    during it, and notes and mails went out twice."""
    stall = each_stall
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "pay")
    await stall.till.fault("slow", "/v1/checkout/sessions", times=6, method="GET", seconds=0.15)
    await asyncio.gather(
        stall.till.work(), *(stall.till.settle(reference_of(order.key)) for _ in range(4))
    )
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert len(seen(stall, OrderPaid)) == 1
    assert await letters(stall, order) == ["received", "paid"]
    assert await stall.till.ledger() == [("capture", 4980)]
    assert (charged(stall.till), given_back(stall.till)) == ([4980], [])


async def _end(stall: Stall, order: Order, page: str, how: str) -> None:
    if how == "expired":
        stall.till.pass_time(minutes=46)
        await stall.expire()
        return
    async with stall.db.transaction() as session:
        if how == "cancelled":
            await cancel(session, stall.shop.key, order.key, by="customer", now=stall.clock())
            return
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    async with stall.db.transaction() as session:
        if how == "refunded":
            await refund_order(session, stall.shop.key, order.key, reason="", by="Anna",
                               now=stall.clock())  # fmt: skip
        else:
            await mark_sent(session, stall.shop.key, order.key, by="Anna", now=stall.clock())


@pytest.mark.parametrize("how", ["sent", "refunded", "cancelled", "expired"])
async def test_events_of_any_kind_about_an_order_that_is_done_change_nothing(
    stall: Stall, jobs: JobEngine, how: str
) -> None:
    """As seen in Vendure: an event arriving in a later state was answered with 500, so Stripe
    sent it again and again."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await _end(stall, order, page, how)
    await stall.till.work()
    before = await everything(stall, order, variant)
    assert before[0][0] == how
    assert len(stall.till.sender.deliveries) >= 1
    deliver_again(stall.till)
    for kind in (*WANTED_EVENTS, "payment_intent.payment_failed"):
        deliver_again(stall.till, type=kind)
    await stall.till.work()
    assert answers(stall.till) == {200}
    assert await everything(stall, order, variant) == before
    async with stall.db.reading() as session:
        assert await jobs.dead(session) == []


async def test_a_job_running_twice_at_once_makes_one_refund(each_stall: Stall) -> None:
    """As pretix does it right: the same idempotency key turns the race into an error that does
    no harm. What the loser hears is that Stripe could not be asked just now."""
    stall = each_stall
    order, _ = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    async with stall.db.transaction() as session:
        refund = await request_refund(
            session, stall.shop.key, reference_of(order.key), Money(980, "EUR"), reason="",
            by="Anna", now=stall.clock(),
        )  # fmt: skip
    await stall.till.fault("slow", "/v1/refunds", times=2, seconds=0.1)
    ends = await asyncio.gather(
        *(stall.till.run(send_refund, refund_id=refund.key) for _ in range(4)),
        return_exceptions=True,
    )
    assert {type(end) for end in ends} <= {type(None), PaymentsUnavailable}
    stall.clock.advance(timedelta(minutes=11))
    await time_passes(stall, minutes=0)
    assert given_back(stall.till) == [980]
    assert await stall.till.ledger() == [("capture", 4980), ("refund", -980)]
    assert charged(stall.till) == [4980]
    assert [one.amount_minor for one in seen(stall, OrderRefunded)] == [980]  # type: ignore[attr-defined]
