"""Without a single webhook everything still comes right."""

import pytest

from core.money import Money
from payments.accounts import get_account
from payments.disputes import list_disputes
from payments.errors import PaymentsUnavailable
from payments.reconciling import catch_up, reconcile
from payments.settling import settle
from tests.payments.till import REFERENCE, Till


@pytest.fixture
async def deaf(till: Till) -> Till:
    """A shop at home: Stripe's webhooks do not get through."""
    async with till.db.transaction() as session:
        account = await get_account(session, till.shop.key)
        account.sealed_webhook_secrets = []
        session.add(account)
    till.sender.retry_delays_s = ()
    return till


async def tick(till: Till, **later: float) -> None:
    till.pass_time(**later)
    await till.run(reconcile)
    await till.work()


async def test_a_payment_is_noticed_within_minutes(deaf: Till) -> None:
    await deaf.buyer(await deaf.begin(), "pay")
    await tick(deaf, minutes=4)
    assert deaf.told == []
    await tick(deaf, minutes=2)
    assert deaf.told == ["PaymentSucceeded"]


async def test_a_debit_is_asked_for_again_and_again_at_growing_distances(deaf: Till) -> None:
    page = await deaf.begin()
    await deaf.buyer(page, "delay")
    for _ in range(24):
        await tick(deaf, hours=1)
    asked = len(deaf.asked("GET", f"/v1/checkout/sessions/{page}"))
    assert 5 <= asked <= 14
    await deaf.buyer(page, "settle")
    for _ in range(7):
        await tick(deaf, hours=1)
    assert deaf.told == ["PaymentProcessing", "PaymentSucceeded"]


async def test_an_abandoned_page_is_noticed_right_after_its_end(deaf: Till) -> None:
    await deaf.begin()
    await tick(deaf, minutes=30)
    assert deaf.told == []
    await tick(deaf, minutes=12)
    assert deaf.told == ["PaymentFailed"]
    asked = len(deaf.asked("GET", "/v1/checkout/sessions"))
    await tick(deaf, hours=12)
    assert len(deaf.asked("GET", "/v1/checkout/sessions")) == asked


async def test_trouble_at_stripe_only_delays(deaf: Till) -> None:
    await deaf.buyer(await deaf.begin(), "pay")
    await deaf.fault("503", times=4)
    for _ in range(8):
        await tick(deaf, minutes=6)
    assert deaf.told == ["PaymentSucceeded"]


async def test_lists_bring_in_what_no_row_stands_for(deaf: Till) -> None:
    """A refund and a dispute made elsewhere, and a session whose attempt was given up too early."""
    page = await deaf.begin()
    await deaf.buyer(page, "pay")
    attempt = await deaf.attempt()
    async with deaf.db.transaction() as session:
        row = await session.get_one(type(attempt), attempt.key)
        row.state, row.session_id = "expired", None
        session.add(row)
    await deaf.run(settle, attempt_id=attempt.key)
    assert deaf.told == []
    await deaf.run(catch_up)
    assert deaf.told == ["PaymentSucceeded"]
    await deaf.buyer(page, "dispute", reason="inquiry")
    await deaf.refund_in_the_dashboard(980)
    await deaf.run(catch_up)
    await deaf.work()
    assert sorted(deaf.told) == ["PaymentDisputed", "RefundMadeAtStripe", "RefundSucceeded"]
    assert (await deaf.standing()).refunded == Money(980, "EUR")
    async with deaf.db.reading() as session:
        assert len(await list_disputes(session, deaf.shop.key, REFERENCE)) == 1


async def account_of(till: Till):  # type: ignore[no-untyped-def]
    async with till.db.reading() as session:
        return await get_account(session, till.shop.key)


async def test_what_is_known_is_not_brought_in_again(deaf: Till) -> None:
    await deaf.buyer(await deaf.begin(), "pay")
    await deaf.settle()
    assert deaf.told == ["PaymentSucceeded"]
    for _ in range(2):
        await deaf.run(catch_up)
        await deaf.work()
    assert deaf.told == []
    assert await deaf.ledger() == [("capture", 2980)]


async def test_what_the_merchant_sells_elsewhere_with_the_account_is_left_alone(
    deaf: Till,
) -> None:
    from tests.sandbox.stripe_kit import order as foreign

    client = deaf.stripes.client_of(await account_of(deaf))
    made = await client.v1.checkout.sessions.create_async(foreign())
    await deaf.buyer(made.id, "pay")
    intent = deaf.at_stripe("payment_intent")[0]["id"]
    await client.v1.refunds.create_async({"payment_intent": intent})
    await deaf.buyer(made.id, "dispute", 200)
    await deaf.run(catch_up)
    await deaf.work()
    assert deaf.told == []
    assert await deaf.ledger() == []


async def test_one_shops_dead_key_does_not_stop_the_others(deaf: Till) -> None:
    await deaf.fault("401", times=1)
    await deaf.run(catch_up)
    assert deaf.told == ["StripeKeyRejected"]
    await deaf.run(catch_up)


async def test_a_page_left_half_made_is_not_kept_open_for_ever(deaf: Till) -> None:
    await deaf.expect()
    await deaf.fault("cut", "/v1/checkout/sessions", method="POST")
    with pytest.raises(PaymentsUnavailable):
        await deaf.open()
    await tick(deaf, minutes=30)
    assert await deaf.attempts() == ["creating"]
    await tick(deaf, minutes=12)
    assert await deaf.attempts() == ["expired"]
    assert deaf.told == []
