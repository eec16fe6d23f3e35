"""A refund that failed is tried again, or paid by other means: either way the books come right."""

from datetime import timedelta

import pytest

from core.errors import NotFound
from core.money import Money
from payments.errors import DebitMayComeBack, NothingToRefund, RefundNotFailed
from payments.events import RefundMadeAtStripe, RefundPaidElsewhere
from payments.failed_refunds import list_failed, note_paid_elsewhere, retry_refund
from payments.ledger import paid
from payments.models import Refund
from payments.refunds import request_refund
from payments.warnings import confirm_debit, debit_until
from tests.payments.till import REFERENCE, Till


async def ask_back(till: Till, minor: int | None = None) -> Refund:
    async with till.db.transaction() as session:
        refund = await request_refund(
            session, till.shop.key, REFERENCE, None if minor is None else Money(minor, "EUR"),
            reason="", by="Anna", now=till.clock(),
        )  # fmt: skip
    await till.work()
    return refund


async def a_failed_one(till: Till, minor: int | None = None) -> Refund:
    """It went out, and came back days later: the buyer's card is closed."""
    await till.buyer(await till.begin(), "pay")
    await till.work()
    refund = await ask_back(till, minor)
    [made] = till.at_stripe("refund")
    await till.control(f"/refunds/{made['id']}/fail")
    await till.work()
    till.db.seen.clear()
    return refund


async def failed(till: Till) -> list[int]:
    async with till.db.reading() as session:
        return [one.refund.key for one in await list_failed(session, till.shop.key)]


async def pay_elsewhere(till: Till, refund_id: int, shop_id: int | None = None) -> None:
    async with till.db.transaction() as session:
        await note_paid_elsewhere(
            session, shop_id or till.shop.key, refund_id, by="Anna", now=till.clock()
        )


async def retry(till: Till, refund_id: int) -> Refund:
    async with till.db.transaction() as session:
        again = await retry_refund(session, till.shop.key, refund_id, by="Ben", now=till.clock())
    await till.work()
    return again


async def owed(till: Till) -> list[int]:
    async with till.db.reading() as session:
        return [one.owed.minor for one in await list_failed(session, till.shop.key)]


async def test_paid_back_by_other_means_it_counts_as_refunded(each_till: Till) -> None:
    till = each_till
    refund = await a_failed_one(till, 1000)
    assert await failed(till) == [refund.key]
    await pay_elsewhere(till, refund.key)
    assert till.db.seen == [
        RefundPaidElsewhere(till.shop.key, REFERENCE, refund.key, 1000, "EUR", "Anna")
    ]
    assert await failed(till) == []
    assert await till.ledger() == [
        ("capture", 2980), ("refund", -1000), ("refund_failed", 1000), ("refund_elsewhere", -1000),
    ]  # fmt: skip
    standing = await till.standing()
    assert (standing.word, standing.refunded.minor, standing.refundable.minor) == (
        "partly_refunded", 1000, 1980,
    )  # fmt: skip
    async with till.db.reading() as session:
        assert await paid(session, till.shop.key, REFERENCE, "EUR") == Money(1980, "EUR")
        row = await session.get_one(Refund, refund.key)
    assert (row.resolution, row.resolved_by, row.resolved_at) == ("elsewhere", "Anna", till.clock())


async def test_it_is_noted_once_and_only_by_its_own_shop(each_till: Till) -> None:
    till = each_till
    refund = await a_failed_one(till)
    with pytest.raises(NotFound):
        await pay_elsewhere(till, refund.key, till.shop.key + 1)
    await pay_elsewhere(till, refund.key)
    with pytest.raises(RefundNotFailed):
        await pay_elsewhere(till, refund.key)
    with pytest.raises(RefundNotFailed):
        await retry(till, refund.key)
    with pytest.raises(NothingToRefund):
        await ask_back(till)
    assert (await till.standing()).word == "refunded"


async def test_trying_again_makes_a_refund_of_its_own(till: Till) -> None:
    refund = await a_failed_one(till, 1000)
    again = await retry(till, refund.key)
    assert (again.key, again.amount_minor, again.requested_by) == (refund.key + 1, 1000, "Ben")
    assert till.told == ["RefundSucceeded"]
    assert [one.state for one in await till.refunds()] == ["failed", "succeeded"]
    assert (await till.standing()).refunded.minor == 1000
    assert await failed(till) == []


async def test_made_again_in_the_dashboard_it_is_settled_and_not_a_second_refund(
    each_till: Till,
) -> None:
    till = each_till
    refund = await a_failed_one(till, 1000)
    await till.refund_in_the_dashboard(1000)
    await till.work()
    assert till.told == ["RefundSucceeded"]
    assert await owed(till) == []
    with pytest.raises(RefundNotFailed):
        await retry(till, refund.key)
    first, second = await till.refunds()
    assert (first.resolution, first.resolved_by) == ("again", "Stripe")
    assert (second.cause, second.requested_by) == ("asked", "Stripe")
    assert (await till.standing()).refunded.minor == 1000


async def test_what_is_left_of_the_payment_is_owed_and_no_more(each_till: Till) -> None:
    """Ours waits while Stripe is busy, and somebody is faster in the dashboard."""
    till = each_till
    await till.buyer(await till.begin(), "pay")
    await till.work()
    await till.fault("429", "/v1/refunds", times=1)
    refund = await ask_back(till)
    await till.refund_in_the_dashboard(1780)
    await till.work()
    till.pass_time(minutes=11)
    await till.work()
    assert till.told == ["PaymentSucceeded", "RefundSucceeded", "RefundFailed"]
    assert await owed(till) == [1200]
    again = await retry(till, refund.key)
    assert (again.amount_minor, till.told) == (1200, ["RefundSucceeded"])
    assert await owed(till) == []
    assert (await till.standing()).word == "refunded"


async def test_another_sum_from_the_dashboard_counts_beside_it_as_far_as_it_fits(
    till: Till,
) -> None:
    refund = await a_failed_one(till, 1000)
    await till.refund_in_the_dashboard(2500)
    await till.work()
    made = (await till.refunds())[1]
    assert till.db.seen[0] == RefundMadeAtStripe(till.shop.key, REFERENCE, made.key, 1980, "EUR")
    assert await owed(till) == [480]
    await pay_elsewhere(till, refund.key)
    assert await owed(till) == []
    assert (await till.ledger())[-1] == ("refund_elsewhere", -480)
    assert (await till.standing()).refunded.minor == 2980


async def test_what_has_gone_back_otherwise_is_owed_no_more(till: Till) -> None:
    refund = await a_failed_one(till, 1000)
    await till.refund_in_the_dashboard()
    await till.work()
    assert await owed(till) == []
    for verb in (pay_elsewhere, retry):
        with pytest.raises(RefundNotFailed):
            await verb(till, refund.key)
    await till.control(f"/refunds/{till.at_stripe('refund')[1]['id']}/fail")
    await till.work()
    assert await owed(till) == [1000, 2980]
    assert (await till.standing()).refunded.minor == 0


async def test_a_refund_that_did_not_fail_is_left_alone(till: Till) -> None:
    await till.buyer(await till.begin(), "pay")
    await till.work()
    refund = await ask_back(till)
    with pytest.raises(RefundNotFailed):
        await pay_elsewhere(till, refund.key)
    assert await till.ledger() == [("capture", 2980), ("refund", -2980)]


async def until(till: Till, *, is_sure: bool = False) -> object:
    async with till.db.reading() as session:
        await confirm_debit(session, till.shop.key, REFERENCE, is_sure=is_sure, now=till.clock())
        return await debit_until(session, till.shop.key, REFERENCE, now=till.clock())


async def test_a_debit_warns_for_eight_weeks(till: Till) -> None:
    page = await till.begin()
    await till.buyer(page, "delay")
    await till.work()
    await till.buyer(page, "settle")
    await till.work()
    with pytest.raises(DebitMayComeBack):
        await until(till)
    assert await until(till, is_sure=True) == till.clock() + timedelta(weeks=8)
    till.clock.advance(weeks=8, seconds=1)
    assert await until(till) is None


async def test_a_card_does_not_warn(till: Till) -> None:
    await till.buyer(await till.begin(), "pay")
    await till.work()
    assert await until(till) is None
