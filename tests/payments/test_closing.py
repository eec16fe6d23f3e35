"""Before an order ends unpaid, Stripe is asked; and what can still bring money keeps it alive."""

import asyncio

import pytest

from payments.closing import may_expire
from payments.errors import CheckoutClosed, PaymentsUnavailable
from payments.payables import cancel, close
from tests.payments.till import REFERENCE, Till


async def may(till: Till) -> bool:
    return await may_expire(
        till.db, till.stripes, till.clock, shop_id=till.shop.key, reference=REFERENCE
    )


async def end(till: Till) -> bool:
    async with till.db.transaction() as session:
        return await close(session, till.shop.key, REFERENCE, now=till.clock())


async def test_an_abandoned_page_is_closed_and_the_order_may_end(till: Till) -> None:
    await till.begin()
    assert not await end(till)
    assert await may(till)
    assert till.open_sessions() == []
    assert await end(till)
    with pytest.raises(CheckoutClosed):
        await till.open()


async def test_a_payment_nobody_has_heard_of_keeps_the_order_alive(till: Till) -> None:
    page = await till.begin()
    await till.control("/lost-events", type="", times=50)
    await till.buyer(page, "pay")
    assert not await may(till)
    assert till.told == ["PaymentSucceeded"]
    assert not await end(till)


async def test_a_debit_under_way_keeps_the_order_alive(till: Till) -> None:
    page = await till.begin()
    await till.buyer(page, "delay")
    assert not await may(till)
    assert not await end(till)
    await till.buyer(page, "fail")
    assert await may(till)
    assert await end(till)


async def test_while_stripe_cannot_be_asked_nothing_ends(till: Till) -> None:
    await till.begin()
    await till.fault("503")
    with pytest.raises(PaymentsUnavailable):
        await may(till)
    assert not await end(till)


async def test_an_order_that_never_went_to_stripe_may_end(till: Till) -> None:
    assert await may(till)
    assert await end(till)
    await till.expect()
    assert await may(till)
    assert await end(till)


async def test_a_page_that_was_only_begun_does_not_keep_an_order_alive(till: Till) -> None:
    await till.expect()
    await till.fault("cut_after_success", "/v1/checkout/sessions", method="POST")
    with pytest.raises(PaymentsUnavailable):
        await till.open()
    assert not await end(till)
    assert await may(till)
    assert await end(till)


async def test_ending_and_paying_at_once_never_both_happen(each_till: Till) -> None:
    """Whoever comes first; a page that was handed out is never left open on a dead order."""
    await each_till.expect()

    async def buy() -> str | None:
        try:
            return await each_till.open()
        except (CheckoutClosed, PaymentsUnavailable):
            return None

    page, _ = await asyncio.gather(buy(), may(each_till))
    has_ended = await end(each_till)
    if has_ended:
        assert each_till.open_sessions() == []
    else:
        assert each_till.open_sessions() == [page]


async def test_a_cancelled_order_closes_its_page(till: Till) -> None:
    await till.begin()
    async with till.db.transaction() as session:
        await cancel(session, till.shop.key, REFERENCE, now=till.clock())
        await cancel(session, till.shop.key, REFERENCE, now=till.clock())
        await cancel(session, till.shop.key, "order-99", now=till.clock())
    await till.work()
    assert till.open_sessions() == []
    assert await till.attempts() == ["expired"]
    assert till.told == []


async def test_paid_and_cancelled_at_the_same_moment_pays_back(till: Till) -> None:
    page = await till.begin()
    async with till.db.transaction() as session:
        await cancel(session, till.shop.key, REFERENCE, now=till.clock())
    await till.buyer(page, "pay")
    await till.work()
    assert till.told == ["CancelledPaymentRefunded"]
    assert await till.ledger() == [("capture", 2980), ("refund", -2980)]


async def test_a_page_left_half_made_keeps_the_order_only_as_long_as_it_could_have_lived(
    till: Till,
) -> None:
    await till.expect()
    await till.fault("cut", "/v1/checkout/sessions", method="POST")
    with pytest.raises(PaymentsUnavailable):
        await till.open()
    till.pass_time(minutes=30)
    assert not await end(till)
    till.pass_time(minutes=11)
    assert await end(till)
    assert await till.attempts() == ["expired"]
