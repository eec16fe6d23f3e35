"""Whatever Stripe says, in whatever order: the right state, told once, with the right money."""

import asyncio

import pytest

from core.money import Money
from payments.checkouts import expect
from payments.errors import AlreadyPaid, PaymentInQuestion, PaymentOnItsWay
from payments.events import PaymentMismatched, PaymentSucceeded
from payments.ledger import paid
from payments.payables import cancel, close
from payments.settling import settle
from tests.payments.till import REFERENCE, Till, an_order


async def test_a_payment_is_told_once_by_webhook_return_page_and_repetition(
    each_till: Till,
) -> None:
    session_id = await each_till.begin()
    await each_till.buyer(session_id, "pay")
    await asyncio.gather(each_till.settle(), each_till.settle(), each_till.work())
    await each_till.settle()
    assert each_till.db.seen == [PaymentSucceeded(each_till.shop.key, REFERENCE, 2980, "EUR")]
    assert await each_till.ledger() == [("capture", 2980)]
    assert await each_till.attempts() == ["paid"]
    standing = await each_till.standing()
    assert (standing.word, standing.captured, standing.refundable) == (
        "paid", Money(2980, "EUR"), Money(2980, "EUR"),
    )  # fmt: skip
    async with each_till.db.reading() as session:
        assert await paid(session, each_till.shop.key, REFERENCE, "EUR") == Money(2980, "EUR")
    with pytest.raises(AlreadyPaid):
        await each_till.open()


async def test_a_declined_card_is_no_end_of_the_order(till: Till) -> None:
    session_id = await till.begin()
    await till.buyer(session_id, "decline")
    await till.work()
    await till.settle()
    assert till.told == []
    assert await till.attempts() == ["open"]
    await till.buyer(session_id, "pay")
    await till.work()
    assert till.told == ["PaymentSucceeded"]


async def test_a_bank_debit_is_on_its_way_and_then_there(till: Till) -> None:
    session_id = await till.begin()
    await till.buyer(session_id, "delay")
    await till.work()
    await till.settle()
    assert till.told == ["PaymentProcessing"]
    assert (await till.standing()).word == "processing"
    with pytest.raises(PaymentOnItsWay):
        await till.open()
    await till.buyer(session_id, "settle")
    await till.work()
    assert till.told == ["PaymentSucceeded"]
    assert await till.ledger() == [("capture", 2980)]


async def test_a_bank_debit_that_bounces_fails_the_payment_and_a_new_one_may_begin(
    till: Till,
) -> None:
    session_id = await till.begin()
    await till.buyer(session_id, "delay")
    await till.work()
    await till.buyer(session_id, "fail")
    await till.work()
    await till.settle()
    assert till.told == ["PaymentProcessing", "PaymentFailed"]
    assert await till.attempts() == ["failed"]
    assert await till.ledger() == []
    await till.buyer(await till.open(), "pay")
    await till.work()
    assert till.told == ["PaymentSucceeded"]


async def test_an_abandoned_page_expires_and_is_told_once(till: Till) -> None:
    await till.begin()
    till.pass_time(minutes=45)
    await till.work()
    await till.settle()
    await till.settle()
    assert [event.reason for event in till.db.seen] == ["expired"]
    assert await till.attempts() == ["expired"]


@pytest.mark.parametrize("state", ["expired", "failed", "superseded"])
async def test_money_that_comes_after_the_end_is_never_dropped(till: Till, state: str) -> None:
    """From every state `paid` is a step forward."""
    session_id = await till.begin()
    attempt = await till.attempt()
    await till.buyer(session_id, "pay")
    async with till.db.transaction() as session:
        row = await session.get_one(type(attempt), attempt.key)
        row.state = state
        session.add(row)
    await till.run(settle, attempt_id=attempt.key)
    assert till.told == ["PaymentSucceeded"]
    assert await till.attempts() == ["paid"]


async def test_news_that_are_older_than_what_is_known_change_nothing(till: Till) -> None:
    session_id = await till.begin()
    await till.buyer(session_id, "delay")
    await till.work()
    await till.buyer(session_id, "settle")
    await till.work()
    assert till.told == ["PaymentProcessing", "PaymentSucceeded"]
    for delivery in till.sender.about("stripe:checkout.session.completed"):
        till.sender.repeat(delivery)
    await till.work()
    assert till.told == []
    assert await till.attempts() == ["paid"]


async def test_a_second_payment_of_the_same_order_goes_back_by_itself(each_till: Till) -> None:
    session_id = await each_till.begin()
    await each_till.buyer(session_id, "pay_twice")
    await each_till.work()
    assert each_till.told == ["PaymentSucceeded", "OverpaymentRefunded"]
    assert await each_till.attempts() == ["paid", "paid"]
    assert sorted(await each_till.ledger()) == [
        ("capture", 2980),
        ("capture", 2980),
        ("refund", -2980),
    ]
    [refund] = await each_till.refunds()
    assert (refund.cause, refund.state, refund.amount_minor) == (
        "second_payment",
        "succeeded",
        2980,
    )
    assert (await each_till.standing()).captured == Money(5960, "EUR")
    [made] = each_till.at_stripe("refund")
    assert (made["reason"], made["amount"]) == ("duplicate", 2980)
    intents = {one["id"]: one for one in each_till.at_stripe("payment_intent")}
    assert set(intents) > {made["payment_intent"]}


async def test_another_amount_than_expected_needs_a_person(till: Till) -> None:
    """The order changed while the buyer stood on the old page."""
    session_id = await till.begin()
    async with till.db.transaction() as session:
        await expect(session, till.shop.key, REFERENCE, Money(3500, "EUR"), now=till.clock())
    await till.buyer(session_id, "pay")
    await till.work()
    assert till.db.seen == [PaymentMismatched(till.shop.key, REFERENCE, 2980, "EUR", 3500, "EUR")]
    assert (await till.standing()).word == "partly"
    with pytest.raises(PaymentInQuestion):
        await till.open(an_order(("Rosenstrauß", 1, 3010)))


async def test_another_currency_than_expected_needs_a_person(till: Till) -> None:
    session_id = await till.begin()
    async with till.db.transaction() as session:
        await expect(session, till.shop.key, REFERENCE, Money(2980, "CHF"), now=till.clock())
    await till.buyer(session_id, "pay")
    await till.work()
    assert till.told == ["PaymentMismatched"]
    async with till.db.reading() as session:
        assert await paid(session, till.shop.key, REFERENCE, "CHF") == Money(0, "CHF")
        assert await paid(session, till.shop.key, REFERENCE, "EUR") == Money(2980, "EUR")


async def test_a_debit_that_arrives_after_the_cancellation_goes_back(each_till: Till) -> None:
    session_id = await each_till.begin()
    await each_till.buyer(session_id, "delay")
    await each_till.work()
    async with each_till.db.transaction() as session:
        await cancel(session, each_till.shop.key, REFERENCE, now=each_till.clock())
    await each_till.work()
    assert await each_till.attempts() == ["processing"]
    await each_till.buyer(session_id, "settle")
    await each_till.work()
    [refund] = await each_till.refunds()
    assert (refund.cause, refund.state) == ("order_cancelled", "pending")
    [made] = each_till.at_stripe("refund")
    await each_till.control(f"/refunds/{made['id']}/succeed")
    await each_till.work()
    assert each_till.told == ["PaymentProcessing", "RefundPending", "CancelledPaymentRefunded"]
    assert await each_till.ledger() == [("capture", 2980), ("refund", -2980)]


async def test_a_debit_that_fails_after_the_cancellation_is_nobodys_news(till: Till) -> None:
    session_id = await till.begin()
    await till.buyer(session_id, "delay")
    await till.work()
    async with till.db.transaction() as session:
        await cancel(session, till.shop.key, REFERENCE, now=till.clock())
    await till.buyer(session_id, "fail")
    await till.work()
    assert till.told == ["PaymentProcessing"]
    assert await till.attempts() == ["failed"]


async def test_late_money_for_an_order_that_has_ended_is_told(till: Till) -> None:
    """The shop decides whether the goods are still there; payments only says what happened."""
    session_id = await till.begin()
    attempt = await till.attempt()
    await till.buyer(session_id, "expire")
    await till.work()
    async with till.db.transaction() as session:
        assert await close(session, till.shop.key, REFERENCE, now=till.clock())
    assert till.told == ["PaymentFailed"]
    [kept] = list(till.world.accounts["acct_flowers"].things["checkout.session"].values())
    kept |= {"status": "open"}
    await till.buyer(session_id, "pay")
    await till.run(settle, attempt_id=attempt.key)
    assert till.told == ["PaymentSucceeded"]


async def test_a_session_the_present_account_does_not_know_is_given_up(till: Till) -> None:
    """The owner has put in the key of another Stripe account."""
    await till.begin()
    till.world.accounts["acct_flowers"].things["checkout.session"].clear()
    await till.settle()
    assert till.told == ["PaymentFailed"]
    attempt = await till.attempt()
    assert attempt.state == "expired"
    assert attempt.problem is not None


async def test_settling_what_does_not_exist_does_nothing(till: Till) -> None:
    await till.run(settle, attempt_id=12345)
    await till.settle("order-99")
    assert till.told == []
