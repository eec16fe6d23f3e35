"""Letters to the owners about disputes and standstills: each once, in their language, in time."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select

from core.jobs import Handler, name_of
from core.mail import Mail
from core.money import Money
from payments.alarms import (
    on_money_missing,
    on_payment_disputed,
    on_payments_stopped,
    watch_deadlines,
    write_alarm,
)
from payments.events import MoneyMissingAtStripe, PaymentDisputed, PaymentsStopped
from payments.models import Dispute
from staff.members import hire
from staff.passwords import Passwords
from tests.payments.test_disputes import a_dispute
from tests.payments.till import Till
from tests.staff.conftest import PASSWORD, QUICK, all_pages

ORIGIN = "https://shop.example"


@pytest.fixture
async def owned(till: Till) -> Till:
    """Two owners and somebody who only helps."""
    async with till.db.transaction() as session:
        for name, role, locale in (("Anna Beet", "owner", "de"), ("Bob Ash", "owner", "en"),
                                   ("Ben Ast", "agent", "de")):  # fmt: skip
            await hire(
                session, till.shop.key, name, f"{name[:3].lower()}@blumen.example", role,  # type: ignore[arg-type]
                password=PASSWORD, passwords=Passwords(QUICK), locale=locale, now=till.clock(),
            )  # fmt: skip
    pages = all_pages()[1]
    handler = partial(write_alarm, till.db, pages, till.clock, ORIGIN)
    till.jobs.handlers[name_of(write_alarm)] = Handler(handler)
    till.jobs.handlers["core.mail.send_mail"] = Handler(_stay)
    return till


async def _stay(mail_id: int) -> None:
    """Letters wait in the outbox."""


async def mails(till: Till) -> list[Mail]:
    await till.work()
    async with till.db.reading() as session:
        return list((await session.exec(select(Mail).order_by(col(Mail.id)))).all())


async def react(till: Till, reaction: Any, event: object) -> None:
    async with till.db.transaction() as session:
        await reaction(session, event)


async def disputed(till: Till, **how: object) -> Dispute:
    await a_dispute(till, **how)
    [event] = [one for one in till.db.seen if isinstance(one, PaymentDisputed)]
    await react(till, on_payment_disputed, event)
    async with till.db.reading() as session:
        return (await session.exec(select(Dispute))).one()


async def test_owners_are_told_of_a_dispute_when_it_opens(owned: Till) -> None:
    dispute = await disputed(owned)
    written = await mails(owned)
    assert [one.recipient for one in written] == ["ann@blumen.example", "bob@blumen.example"]
    english = written[1]
    assert english.subject == "A payment is disputed: please answer within 9 days"
    assert f"https://dashboard.stripe.com/test/disputes/{dispute.stripe_id}" in english.text
    assert f"{ORIGIN}/counter/health/payments" in english.html
    assert Money(2980, "EUR").text("en") in english.text
    assert "ordered from" not in english.text


async def test_reminders_come_three_days_and_one_day_before(owned: Till) -> None:
    dispute = await disputed(owned)
    await mails(owned)
    assert dispute.due_at is not None
    for left, count in ((timedelta(days=3, hours=1), 2), (timedelta(days=2, hours=23), 4),
                        (timedelta(days=2), 4), (timedelta(hours=23), 6), (timedelta(hours=1), 6),
                        (timedelta(hours=-1), 6)):  # fmt: skip
        owned.clock.now = dispute.due_at - left
        await watch_deadlines(owned.db, owned.clock)
        assert len(await mails(owned)) == count, left
    subjects = [one.subject for one in await mails(owned)][3::2]
    assert subjects == [
        "Only 3 days left to answer a disputed payment", "Last day to answer a disputed payment",
    ]  # fmt: skip


async def test_who_was_away_gets_one_reminder_not_two(owned: Till) -> None:
    dispute = await disputed(owned)
    await mails(owned)
    assert dispute.due_at is not None
    owned.clock.now = dispute.due_at - timedelta(hours=5)
    for _ in range(2):
        await watch_deadlines(owned.db, owned.clock)
    assert len(await mails(owned)) == 4


async def test_an_answered_dispute_is_left_in_peace(owned: Till) -> None:
    dispute = await disputed(owned)
    await mails(owned)
    await owned.control(f"/disputes/{dispute.stripe_id}/review")
    await mails(owned)
    assert dispute.due_at is not None
    owned.clock.now = dispute.due_at - timedelta(hours=5)
    await watch_deadlines(owned.db, owned.clock)
    assert len(await mails(owned)) == 2


async def test_an_inquiry_is_called_a_question(owned: Till) -> None:
    await disputed(owned, reason="inquiry")
    assert (await mails(owned))[1].subject == "A buyer's bank has a question about a payment"


async def test_standstills_and_missing_money_are_told(owned: Till) -> None:
    shop_id = owned.shop.key
    await react(owned, on_payments_stopped, PaymentsStopped(shop_id, "disconnected"))
    missing = MoneyMissingAtStripe(shop_id, "order-1", "pi_1", 2980, "EUR")
    for _ in range(2):
        await react(owned, on_money_missing, missing)
        await mails(owned)
    assert [one.subject for one in await mails(owned)][1::2] == [
        "Your shop cannot take payments at the moment",
        "A payment in your shop is not known to Stripe",
    ]
