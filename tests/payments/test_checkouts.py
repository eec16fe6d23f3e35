"""One payable session for each order, whoever clicks how often, and whatever breaks."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.money import Money
from payments.errors import (
    AmountTooSmall,
    CheckoutClosed,
    KeyRejected,
    NothingExpected,
    PaymentsNotSetUp,
    PaymentsRefused,
    PaymentsUnavailable,
)
from payments.models import StripeAccount
from payments.payables import cancel, close, expect
from tests.payments.till import REFERENCE, Till, an_order

CREATE = "/v1/checkout/sessions"


async def test_the_buyer_sees_what_was_promised(till: Till) -> None:
    await till.expect(5467)
    order = an_order(("Rosenstrauß", 2, 3980), ("Vase „Köln“", 3, 997))
    await till.open(order)
    [session] = till.at_stripe()
    assert (session["amount_total"], session["currency"]) == (5467, "eur")
    assert [
        (item["description"], item["quantity"], item["amount_total"]) for item in session["_items"]
    ] == [("Rosenstrauß", 2, 3980), ("3 × Vase „Köln“", 1, 997), ("Versand", 1, 490)]
    assert session["client_reference_id"] == REFERENCE
    assert session["adaptive_pricing"]["enabled"] is False
    assert (session["customer_email"], session["locale"]) == ("anna@example.org", "de")
    assert session["metadata"]["tresen_reference"] == REFERENCE
    [call] = till.asked("POST", CREATE)
    assert "anna" not in str(session["metadata"])
    assert call["headers"]["idempotency-key"].split(":")[1:4] == [REFERENCE, "session", "1"]
    assert "x-stripe-client-telemetry" not in call["headers"]


async def test_clicking_again_leads_to_the_same_page(till: Till) -> None:
    first = await till.begin()
    assert await till.open() == first
    assert len(till.at_stripe()) == 1


async def test_pages_for_changing_orders_at_once_leave_one_open(each_till: Till) -> None:
    await each_till.expect()
    orders = [an_order(email=f"anna{number}@example.org") for number in range(4)]
    await asyncio.gather(*(each_till.open(order) for order in orders), return_exceptions=True)
    last = await each_till.open(orders[0])
    await each_till.work()
    assert each_till.open_sessions() == [last]
    assert sorted(set(await each_till.attempts())) == ["open", "superseded"]
    assert each_till.told == []


async def test_a_page_that_turns_out_paid_is_not_replaced_but_settled(till: Till) -> None:
    first = await till.begin()
    await till.buyer(first, "pay")
    with pytest.raises(Exception, match="already paid"):
        await till.open(an_order(email="other@example.org"))
    assert len(till.at_stripe()) == 1
    assert till.told == ["PaymentSucceeded"]


async def test_while_the_old_page_cannot_be_closed_no_new_one_is_opened(till: Till) -> None:
    first = await till.begin()
    await till.fault("503", f"{CREATE}/{first}/expire")
    with pytest.raises(PaymentsUnavailable):
        await till.open(an_order(email="other@example.org"))
    assert till.open_sessions() == [first]
    assert await till.attempts() == ["open"]
    second = await till.open(an_order(email="other@example.org"))
    assert till.open_sessions() == [second]
    assert till.told == []


async def test_a_failure_stored_under_the_key_costs_only_that_key(till: Till) -> None:
    """Stripe repeats a stored 500 for a day; the session behind it has no address anybody knows."""
    await till.expect()
    await till.fault("500_after_success", CREATE, method="POST")
    with pytest.raises(PaymentsUnavailable):
        await till.open()
    page = await till.open()
    assert page in till.open_sessions()
    assert await till.attempts() == ["failed", "open"]
    assert till.told == []


@pytest.mark.parametrize("kind", ["429", "lock_timeout", "503", "409"])
async def test_trouble_at_stripe_is_told_as_such_and_nothing_is_lost(till: Till, kind: str) -> None:
    await till.expect()
    await till.fault(kind, CREATE, method="POST")
    with pytest.raises(PaymentsUnavailable):
        await till.open()
    await till.open()
    assert len(till.at_stripe()) == 1


async def test_a_slow_stripe_is_not_waited_for_forever(till: Till) -> None:
    await till.expect()
    await till.fault("timeout", CREATE, method="POST", seconds=3)
    with pytest.raises(PaymentsUnavailable):
        await till.open()
    assert till.at_stripe() == []


@pytest.mark.parametrize(
    ("kind", "problem"), [("401", "key_rejected"), ("403", "key_lacks_rights")]
)
async def test_a_dead_key_is_remembered_told_once_and_forgiven(
    till: Till, kind: str, problem: str
) -> None:
    await till.expect()
    await till.fault(kind, CREATE, times=2)
    for _ in range(2):
        with pytest.raises(KeyRejected):
            await till.open()
    assert [event.problem for event in till.db.seen] == [problem]
    assert await account_problem(till) == problem
    await till.open()
    assert await account_problem(till) is None


async def account_problem(till: Till) -> str | None:
    async with till.db.reading() as session:
        return (await session.get_one(StripeAccount, 1)).problem


async def test_an_address_stripe_does_not_take_does_not_cost_the_sale(till: Till) -> None:
    await till.expect()
    await till.open(an_order(email="anna@localhost"))
    [session] = till.at_stripe()
    assert session["customer_email"] is None


async def test_below_the_minimum_nobody_is_sent_anywhere(till: Till) -> None:
    await till.expect(49)
    with pytest.raises(AmountTooSmall) as small:
        await till.open(an_order(("Karte", 1, 49), shipping=0))
    assert small.value.details == {"minimum": "0,50\xa0€"}
    assert till.asked("POST", CREATE) == []
    assert await till.attempts() == []


async def test_stripes_refusal_ends_the_attempt_with_its_reason(till: Till) -> None:
    await till.expect()
    with pytest.raises(PaymentsRefused) as refused:
        await till.open(an_order(success_url="not an address"))
    assert refused.value.param == "success_url"
    attempt = await till.attempt()
    assert attempt.state == "failed"
    assert attempt.problem == refused.value.reason
    assert till.told == []


async def test_the_page_lives_as_long_as_the_hold_within_stripes_limits(till: Till) -> None:
    for number, (hold, expected) in enumerate(
        [(5, 35), (45, 45), (60 * 48, 23 * 60 + 55)], start=1
    ):
        reference = f"order-{number}"
        await till.expect(reference=reference)
        ends_at = till.clock() + timedelta(minutes=hold)
        await till.open(an_order(expires_at=ends_at), reference)
        made = till.at_stripe()[-1]["expires_at"]
        wanted = till.clock() + timedelta(minutes=expected)
        assert datetime.fromtimestamp(made, UTC) == wanted


async def test_a_page_about_to_close_is_not_handed_out_again(till: Till) -> None:
    first = await till.begin()
    till.pass_time(minutes=37)
    second = await till.open()
    assert first != second
    assert till.open_sessions() == [second]


async def test_the_same_content_later_is_the_same_page(till: Till) -> None:
    first = await till.begin()
    till.pass_time(minutes=10)
    later = an_order(expires_at=till.clock() + timedelta(minutes=40))
    assert await till.open(later) == first


async def test_an_expired_page_is_followed_by_a_new_one(till: Till) -> None:
    first = await till.begin()
    till.pass_time(minutes=50)
    second = await till.open()
    assert till.open_sessions() == [second]
    assert first != second


async def test_what_is_closed_cancelled_or_unknown_cannot_be_paid(till: Till) -> None:
    with pytest.raises(NothingExpected):
        await till.open()
    await till.expect()
    async with till.db.transaction() as session:
        assert await close(session, till.shop.key, REFERENCE, now=till.clock())
    with pytest.raises(CheckoutClosed):
        await till.open()
    await till.expect(reference="order-2")
    async with till.db.transaction() as session:
        await cancel(session, till.shop.key, "order-2", now=till.clock())
    with pytest.raises(CheckoutClosed):
        await till.open(reference="order-2")
    assert till.at_stripe() == []
    await till.expect()
    await till.open()


async def test_lines_that_do_not_add_up_are_a_mistake_not_a_price(till: Till) -> None:
    await till.expect(3000)
    with pytest.raises(ValueError, match="do not add up"):
        await till.open()
    assert till.at_stripe() == []


async def test_nothing_is_expected_for_nothing(till: Till) -> None:
    with pytest.raises(ValueError, match="above zero"):
        await till.expect(0)


async def test_without_an_account_there_is_a_clear_answer(till: Till) -> None:
    await till.expect()
    async with till.db.transaction() as session:
        await session.delete(await session.get_one(StripeAccount, 1))
    with pytest.raises(PaymentsNotSetUp):
        await till.open()


async def test_an_order_of_many_lines_is_shown_as_one(till: Till) -> None:
    await till.expect(101 * 10 + 490)
    await till.open(an_order(*[(f"Blume {n}", 1, 10) for n in range(101)], number="B-17"))
    [session] = till.at_stripe()
    assert [item["description"] for item in session["_items"]] == ["Bestellung B-17"]


async def test_expecting_again_opens_what_was_closed(till: Till) -> None:
    await till.expect()
    async with till.db.transaction() as session:
        await close(session, till.shop.key, REFERENCE, now=till.clock())
        payable = await expect(
            session, till.shop.key, REFERENCE, Money(2980, "EUR"), now=till.clock()
        )
    assert payable.closed_at is None
