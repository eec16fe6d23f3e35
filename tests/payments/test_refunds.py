"""Money back: never twice, never too much, never forgotten."""

import asyncio
from datetime import timedelta

import pytest

from core.money import Money
from payments.errors import (
    DisputeOpen,
    NothingExpected,
    NothingToRefund,
    PaymentsUnavailable,
    RefundTooLarge,
)
from payments.events import RefundFailed, RefundMadeAtStripe, RefundPending, RefundSucceeded
from payments.giving_back import send_refund
from payments.models import Refund
from payments.reconciling import reconcile
from payments.refunds import request_refund
from tests.payments.till import REFERENCE, Till

CREATE = "/v1/refunds"
LATE_CARD, FAILING_CARD = "4000000000007726", "4000000000005126"


async def a_paid_order(till: Till, **how: str) -> str:
    page = await till.begin()
    await till.buyer(page, "pay", **how)
    await till.work()
    till.db.seen.clear()
    return page


async def ask(till: Till, minor: int | None = None) -> Refund:
    amount = None if minor is None else Money(minor, "EUR")
    async with till.db.transaction() as session:
        return await request_refund(
            session, till.shop.key, REFERENCE, amount, reason="Vase zerbrochen", by="Mia",
            now=till.clock(),
        )  # fmt: skip


async def test_all_of_it_goes_back_and_the_buyer_is_told_once(till: Till) -> None:
    await a_paid_order(till)
    refund = await ask(till)
    await till.work()
    await till.run(send_refund, refund_id=refund.key)
    assert till.db.seen == [RefundSucceeded(till.shop.key, REFERENCE, refund.key, 2980, "EUR")]
    assert await till.ledger() == [("capture", 2980), ("refund", -2980)]
    standing = await till.standing()
    assert (standing.word, standing.refundable) == ("refunded", Money(0, "EUR"))
    [made] = till.at_stripe("refund")
    assert (made["amount"], made["reason"]) == (2980, "requested_by_customer")
    assert made["metadata"]["tresen_refund"] == str(refund.key)
    assert "Vase" not in str(made["metadata"])


async def test_parts_go_back_up_to_the_whole_and_not_a_cent_more(till: Till) -> None:
    await a_paid_order(till)
    await ask(till, 1000)
    with pytest.raises(RefundTooLarge) as large:
        await ask(till, 1981)
    assert large.value.details == {"rest": "19.80 EUR"}
    await ask(till, 1980)
    for minor in (None, 1, 0, -5):
        with pytest.raises(NothingToRefund):
            await ask(till, minor)
    await till.work()
    assert sum(one["amount"] for one in till.at_stripe("refund")) == 2980
    assert await till.ledger() == [("capture", 2980), ("refund", -1000), ("refund", -1980)]


async def test_many_at_once_never_exceed_what_was_paid(each_till: Till) -> None:
    await a_paid_order(each_till)

    async def one() -> bool:
        try:
            await ask(each_till, 500)
        except (RefundTooLarge, NothingToRefund):
            return False
        return True

    granted = await asyncio.gather(*(one() for _ in range(12)))
    assert granted.count(True) == 5
    await each_till.work()
    assert sum(one["amount"] for one in each_till.at_stripe("refund")) == 2500
    assert (await each_till.standing()).refunded == Money(2500, "EUR")


async def test_what_was_never_paid_cannot_go_back(till: Till) -> None:
    with pytest.raises(NothingExpected):
        await ask(till)
    await till.begin()
    with pytest.raises(NothingToRefund):
        await ask(till)
    assert till.at_stripe("refund") == []


async def test_another_currency_cannot_go_back(till: Till) -> None:
    await a_paid_order(till)
    with pytest.raises(NothingToRefund):
        async with till.db.transaction() as session:
            await request_refund(
                session, till.shop.key, REFERENCE, Money(100, "CHF"), reason="", by="Mia",
                now=till.clock(),
            )  # fmt: skip


async def test_a_refund_that_waits_is_told_as_waiting_and_then_as_done(till: Till) -> None:
    await a_paid_order(till, card=LATE_CARD)
    refund = await ask(till)
    await till.work()
    assert till.db.seen == [
        RefundPending(till.shop.key, REFERENCE, refund.key, 2980, "EUR", "processing")
    ]
    assert (await till.standing()).word == "refunded"
    till.db.seen.clear()
    till.pass_time(seconds=60)
    await till.work()
    assert till.told == ["RefundSucceeded"]
    assert await till.ledger() == [("capture", 2980), ("refund", -2980)]


async def test_a_refund_that_fails_later_brings_the_money_back_into_the_books(till: Till) -> None:
    await a_paid_order(till, card=FAILING_CARD)
    refund = await ask(till)
    await till.work()
    assert till.told == ["RefundSucceeded"]
    till.pass_time(seconds=60)
    till.world.run_due()
    await till.work()
    assert till.db.seen == [
        RefundFailed(till.shop.key, REFERENCE, refund.key, 2980, "EUR", "expired_or_canceled_card")
    ]
    assert await till.ledger() == [("capture", 2980), ("refund", -2980), ("refund_failed", 2980)]
    standing = await till.standing()
    assert (standing.word, standing.refundable) == ("paid", Money(2980, "EUR"))


async def test_without_money_in_the_balance_a_card_refund_waits(till: Till) -> None:
    await a_paid_order(till)
    await till.control("/balances", account="acct_flowers", currency="eur", amount_minor=0)
    await ask(till)
    await till.work()
    assert [(type(event).__name__, event.reason) for event in till.db.seen] == [
        ("RefundPending", "insufficient_funds")
    ]
    await till.control("/balances", account="acct_flowers", currency="eur", amount_minor=9000)
    await till.work()
    assert till.told == ["RefundPending", "RefundSucceeded"]


@pytest.mark.parametrize("kind", ["cut_after_success", "500_after_success", "500", "cut", "429"])
async def test_whatever_breaks_on_the_way_exactly_one_refund_is_made(till: Till, kind: str) -> None:
    await a_paid_order(till)
    refund = await ask(till)
    await till.fault(kind, CREATE, method="POST")
    with pytest.raises(PaymentsUnavailable):
        await till.run(send_refund, refund_id=refund.key)
    await till.run(send_refund, refund_id=refund.key)
    await till.work()
    assert [one["amount"] for one in till.at_stripe("refund")] == [2980]
    assert till.told == ["RefundSucceeded"]
    assert await till.ledger() == [("capture", 2980), ("refund", -2980)]


async def test_a_refund_made_at_stripe_is_adopted(till: Till) -> None:
    await a_paid_order(till)
    await till.refund_in_the_dashboard(980)
    await till.work()
    [row] = await till.refunds()
    assert (row.cause, row.requested_by, row.amount_minor) == ("at_stripe", "Stripe", 980)
    assert till.db.seen == [
        RefundMadeAtStripe(till.shop.key, REFERENCE, row.key, 980, "EUR"),
        RefundSucceeded(till.shop.key, REFERENCE, row.key, 980, "EUR"),
    ]
    assert (await till.standing()).refundable == Money(2000, "EUR")


async def test_what_was_refunded_at_stripe_unheard_is_refused_with_its_reason(till: Till) -> None:
    await a_paid_order(till)
    await till.control("/lost-events", type="refund", times=5)
    await till.refund_in_the_dashboard()
    refund = await ask(till)
    await till.run(send_refund, refund_id=refund.key)
    assert till.db.seen == [
        RefundFailed(till.shop.key, REFERENCE, refund.key, 2980, "EUR", "charge_already_refunded")
    ]
    assert await till.ledger() == [("capture", 2980)]


async def test_a_refund_nobody_hears_of_again_is_asked_for(till: Till) -> None:
    await a_paid_order(till, card=LATE_CARD)
    await till.control("/lost-events", type="", times=50)
    await ask(till)
    await till.work()
    till.pass_time(minutes=11)
    await till.run(reconcile)
    await till.work()
    assert till.told == ["RefundPending", "RefundSucceeded"]
    [row] = await till.refunds()
    assert row.check_at is None


async def test_a_dead_key_does_not_lose_a_refund(till: Till) -> None:
    await a_paid_order(till)
    await till.fault("401", CREATE)
    await ask(till)
    await till.work()
    assert till.told == ["StripeKeyRejected"]
    till.clock.advance(timedelta(minutes=11))
    await till.work()
    assert till.told == ["PaymentsResumed", "RefundSucceeded"]


async def test_while_the_bank_holds_the_money_nothing_is_refunded(till: Till) -> None:
    page = await a_paid_order(till)
    await till.buyer(page, "dispute")
    await till.work()
    with pytest.raises(DisputeOpen):
        await ask(till)
    assert await till.refunds() == []


async def test_a_question_of_the_bank_does_not_stop_a_refund(till: Till) -> None:
    page = await a_paid_order(till)
    await till.buyer(page, "dispute", reason="inquiry")
    await till.work()
    await ask(till)
    await till.work()
    assert "RefundSucceeded" in till.told
