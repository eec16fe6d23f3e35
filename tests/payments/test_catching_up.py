"""Events that got lost are fetched and counted; what only we know of is an alarm."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from core.errors import NotFound
from core.incoming import Incoming
from core.money import Money
from payments.accounts import get_account
from payments.events import MoneyMissingAtStripe
from payments.ledger import add_entry
from payments.missing_there import settle_missing
from payments.models import CatchUp, MissingMoney, StripeAccount
from payments.payables import lock_reference
from payments.reconciling import catch_up
from payments.webhooks import CONNECT_EVENTS
from tests.payments.till import REFERENCE, Till


async def runs(till: Till) -> list[CatchUp]:
    async with till.db.reading() as session:
        return list((await session.exec(select(CatchUp).order_by(col(CatchUp.id)))).all())


async def account_of(till: Till) -> StripeAccount:
    async with till.db.reading() as session:
        return await get_account(session, till.shop.key)


async def incoming(till: Till) -> list[tuple[str, str]]:
    async with till.db.reading() as session:
        query = select(Incoming.kind, Incoming.state).order_by(col(Incoming.id))
        return list((await session.exec(query)).all())


@pytest.fixture
async def quiet(till: Till) -> Till:
    """Stripe makes its events, but none of them arrives."""
    for endpoint in till.world.accounts["acct_flowers"].things["webhook_endpoint"].values():
        endpoint["status"] = "disabled"
    return till


async def test_lost_webhooks_are_fetched_once_counted_and_worked_on(quiet: Till) -> None:
    page = await quiet.begin()
    await quiet.buyer(page, "delay")
    quiet.pass_time(minutes=5)
    await quiet.run(catch_up)
    await quiet.work()
    assert quiet.told == ["PaymentProcessing"]
    await quiet.buyer(page, "settle")
    quiet.pass_time(hours=1)
    await quiet.run(catch_up)
    quiet.pass_time(hours=1)
    await quiet.run(catch_up)
    await quiet.work()
    assert quiet.told == ["PaymentSucceeded"]
    assert [one.events for one in await runs(quiet)] == [1, 1, 0]
    assert [kind for kind, _ in await incoming(quiet)] == [
        "checkout.session.completed", "checkout.session.async_payment_succeeded",
    ]  # fmt: skip
    assert {state for _, state in await incoming(quiet)} == {"done"}
    assert (await quiet.attempt()).delayed_at is not None


async def test_what_came_by_webhook_is_not_counted(till: Till) -> None:
    await till.buyer(await till.begin(), "pay")
    await till.work()
    till.pass_time(minutes=5)
    await till.run(catch_up)
    [run] = await runs(till)
    assert (run.events, run.sessions, run.refunds, run.disputes, run.missing, run.trouble) == (
        0, 0, 0, 0, 0, None,
    )  # fmt: skip


async def test_an_event_stripe_never_made_is_made_up_for_by_the_lists(till: Till) -> None:
    await till.control("/lost-events", type="checkout.session")
    page = await till.begin()
    await till.buyer(page, "pay")
    async with till.db.transaction() as session:
        attempt = await session.merge(await till.attempt())
        attempt.check_at = None
    till.pass_time(minutes=5)
    await till.run(catch_up)
    await till.work()
    assert till.told == ["PaymentSucceeded"]
    assert [(one.events, one.sessions) for one in await runs(till)] == [(0, 1)]


async def test_a_key_that_may_not_read_events_goes_by_the_lists_and_has_no_problem(
    quiet: Till,
) -> None:
    await quiet.buyer(await quiet.begin(), "pay")
    await quiet.fault("403", "/v1/events", times=5)
    quiet.pass_time(minutes=5)
    await quiet.run(catch_up)
    await quiet.work()
    assert quiet.told == ["PaymentSucceeded"]
    account = await account_of(quiet)
    assert (account.problem, account.events_until) == (None, None)


async def test_trouble_is_kept_with_the_run_and_the_next_begins_where_the_last_whole_one_ended(
    quiet: Till,
) -> None:
    await quiet.run(catch_up)
    before = (await account_of(quiet)).events_until
    await quiet.buyer(await quiet.begin(), "pay")
    await quiet.fault("503", "/v1/events", times=1)
    quiet.pass_time(hours=3)
    await quiet.run(catch_up)
    assert (await account_of(quiet)).events_until == before
    assert "cannot be reached" in ((await runs(quiet))[1].trouble or "")
    await quiet.run(catch_up)
    await quiet.work()
    assert quiet.told == ["PaymentSucceeded"]
    assert [one.events for one in await runs(quiet)] == [0, 0, 1]


async def test_money_that_stripe_does_not_know_is_an_alarm_once(till: Till) -> None:
    await till.expect()
    async with till.db.transaction() as session:
        payable = await lock_reference(session, till.shop.key, REFERENCE)
        await add_entry(
            session, payable, "capture", "pi_forged", Money(2980, "EUR"), intent_id="pi_forged",
            now=till.clock(),
        )  # fmt: skip
    for _ in range(2):
        await till.run(catch_up)
    assert till.db.seen == [
        MoneyMissingAtStripe(till.shop.key, REFERENCE, "pi_forged", 2980, "EUR")
    ]
    assert [one.missing for one in await runs(till)] == [1, 0]
    async with till.db.transaction() as session:
        [missing] = (await session.exec(select(MissingMoney))).all()
        with pytest.raises(NotFound):
            await settle_missing(
                session, till.shop.key + 1, missing.id or 0, by="Anna", now=till.clock()
            )
        await settle_missing(session, till.shop.key, missing.id or 0, by="Anna", now=till.clock())
        assert (missing.settled_by, missing.settled_at) == ("Anna", till.clock())


async def test_what_was_booked_under_a_former_account_is_not_missed_in_the_new_one(
    till: Till,
) -> None:
    await till.expect()
    async with till.db.transaction() as session:
        payable = await lock_reference(session, till.shop.key, REFERENCE)
        await add_entry(
            session, payable, "capture", "pi_old", Money(2980, "EUR"), intent_id="pi_old",
            now=till.clock() - timedelta(hours=2),
        )  # fmt: skip
    await till.run(catch_up)
    assert till.told == []


async def test_what_stands_at_stripe_is_found_there(till: Till) -> None:
    page = await till.begin()
    await till.buyer(page, "pay")
    await till.work()
    await till.buyer(page, "dispute")
    await till.work()
    till.db.seen.clear()
    await till.run(catch_up)
    assert till.told == []
    assert [one["path"].split("/")[2] for one in till.asked("GET", "/v1/payment_intents/")] == [
        "payment_intents"
    ]


def test_stripe_lists_at_most_twenty_types_at_once() -> None:
    assert len(CONNECT_EVENTS) <= 20
