"""The one place where what Stripe says becomes what we know.

Webhook, return page, reconciliation and counter all call `settle`. The session is read from Stripe
before the lock is taken, so what was read may be stale: only steps forward are taken, and `paid`
is a step forward from everywhere.
"""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.events import record
from core.jobs import enqueue
from core.logs import log
from payments.clients import Stripes
from payments.errors import PaymentsRefused
from payments.events import (
    PaymentFailed,
    PaymentMismatched,
    PaymentProcessing,
    PaymentSucceeded,
)
from payments.ledger import add_entry
from payments.limits import count_failure, forgive
from payments.models import Payable, PaymentAttempt
from payments.payables import find_payable, live_attempts
from payments.reading import Seen, look
from payments.refunds import refund_automatically

FIRST_CHECK = timedelta(minutes=5)
LAST_CHECK = timedelta(hours=6)

_LOCKING = (
    select(Payable, PaymentAttempt)
    .join(PaymentAttempt)
    .where(col(PaymentAttempt.id) == bindparam("attempt_id"))
    # Whoever has waited for the lock is given both as they are then: PostgreSQL reads locked rows
    # anew, and only those.
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


async def settle(db: Database, stripes: Stripes, clock: Clock, *, attempt_id: int) -> None:
    """Job. Bring one attempt up to date. Harmless to repeat, in any order, from many places."""
    async with db.reading() as session:
        attempt = await session.get(PaymentAttempt, attempt_id)
    if attempt is None or attempt.session_id is None or attempt.state == "paid":
        return
    try:
        seen = await look(db, stripes, clock, attempt.shop_id, attempt.session_id)
    except PaymentsRefused as refused:
        if refused.stripe_code != "resource_missing":
            raise
        await _give_up(db, attempt, clock())
        return
    async with db.transaction() as session:
        await apply(session, attempt_id, seen, now=clock())


async def settle_reference(
    db: Database, stripes: Stripes, clock: Clock, *, shop_id: int, reference: str
) -> None:
    """For the return page: all attempts of a reference that can still bring money."""
    async with db.reading() as session:
        payable = await find_payable(session, shop_id, reference)
        attempts = await live_attempts(session, payable.key) if payable else []
    for attempt in attempts:
        await settle(db, stripes, clock, attempt_id=attempt.key)


async def settle_later(session: AsyncSession, attempt_id: int) -> None:
    name = f"payments:settle:{attempt_id}"
    await enqueue(session, settle, {"attempt_id": attempt_id}, key=name, lock=name)


async def lock_attempt(session: AsyncSession, attempt_id: int) -> tuple[Payable, PaymentAttempt]:
    """The payable's row is the lock; the attempt is as it is when that is held."""
    payable, attempt = (await session.exec(_LOCKING, params={"attempt_id": attempt_id})).one()
    return payable, attempt


async def apply(session: AsyncSession, attempt_id: int, seen: Seen, *, now: datetime) -> None:
    """Take over what was seen, under the lock."""
    payable, attempt = await lock_attempt(session, attempt_id)
    attempt.intent_id = attempt.intent_id or seen.intent_id
    attempt.checks += 1
    attempt.check_at = next_check(attempt, now) if attempt.is_live else None
    session.add(attempt)
    match seen.verdict:
        case "open" if attempt.state == "creating":
            attempt.state, attempt.opened_at, attempt.url = "open", now, seen.url
        case "paid":
            await _pay(session, payable, attempt, seen, now)
        case "processing" if attempt.state != "processing":
            _process(session, payable, attempt, now)
        case "failed" | "expired" if attempt.is_live:
            await _end(session, payable, attempt, seen, now)


def next_check(attempt: PaymentAttempt, now: datetime) -> datetime:
    """Ask again at growing distances, but soon after an open session should have expired."""
    pause = pause_after(attempt.checks)
    if attempt.state == "open" and now < attempt.expires_at:
        return min(now + pause, attempt.expires_at + timedelta(minutes=1))
    return now + pause


def pause_after(checks: int) -> timedelta:
    return min(FIRST_CHECK * int(2 ** min(checks, 10)), LAST_CHECK)


async def _pay(
    session: AsyncSession, payable: Payable, attempt: PaymentAttempt, seen: Seen, now: datetime
) -> None:
    if attempt.state == "paid":
        return
    attempt.state, attempt.ended_at, attempt.check_at = "paid", now, None
    await forgive(session, attempt)
    is_new = await add_entry(
        session, payable, "capture", seen.intent_id or seen.session_id, seen.amount,
        intent_id=seen.intent_id, now=now,
    )  # fmt: skip
    if is_new:
        await _tell_payment(session, payable, seen, now)
    for other in await live_attempts(session, payable.key):
        await enqueue(
            session, "payments.closing.close_checkouts", {"payable_id": other.payable_id},
            key=f"payments:close:{other.payable_id}",
        )  # fmt: skip
        break


async def _tell_payment(session: AsyncSession, payable: Payable, seen: Seen, now: datetime) -> None:
    shop_id, reference, amount = payable.shop_id, payable.reference, seen.amount
    if payable.paid_at is not None:
        await refund_automatically(session, payable, seen.intent_id, amount, cause="second_payment", now=now)  # fmt: skip
    elif payable.cancel_wanted_at is not None:
        await refund_automatically(session, payable, seen.intent_id, amount, cause="order_cancelled", now=now)  # fmt: skip
    elif amount != payable.amount:
        payable.mismatched_at = now
        record(session, PaymentMismatched(shop_id, reference, amount.minor, amount.currency, payable.amount_minor, payable.currency))  # fmt: skip
    else:
        payable.paid_at = now
        record(session, PaymentSucceeded(shop_id, reference, amount.minor, amount.currency))
    session.add(payable)


def _process(
    session: AsyncSession, payable: Payable, attempt: PaymentAttempt, now: datetime
) -> None:
    if attempt.state not in ("creating", "open", "superseded", "expired"):
        return
    attempt.state, attempt.ended_at = "processing", None
    attempt.delayed_at = attempt.delayed_at or now
    attempt.check_at = next_check(attempt, now)
    if payable.paid_at is None:
        record(session, PaymentProcessing(payable.shop_id, payable.reference))


async def _end(
    session: AsyncSession, payable: Payable, attempt: PaymentAttempt, seen: Seen, now: datetime
) -> None:
    reason: Literal["failed", "expired"] = "failed" if seen.verdict == "failed" else "expired"
    is_replaced = attempt.replaced_at is not None and reason == "expired"
    attempt.state = "superseded" if is_replaced else reason
    attempt.ended_at, attempt.check_at = now, None
    if not is_replaced:
        await count_failure(session, attempt, now=now)
        await _tell_end(session, payable, reason)


async def _tell_end(
    session: AsyncSession, payable: Payable, reason: Literal["failed", "expired"]
) -> None:
    """Told only when nothing came, nothing else can come, and nobody has ended it already."""
    await session.flush()
    if payable.paid_at or payable.mismatched_at or payable.cancel_wanted_at or payable.closed_at:
        return
    if not await live_attempts(session, payable.key):
        record(session, PaymentFailed(payable.shop_id, payable.reference, reason))


async def _give_up(db: Database, attempt: PaymentAttempt, now: datetime) -> None:
    """The present Stripe account does not know the session: the key belongs to another one."""
    log(__name__).warning("session_unknown", attempt_id=attempt.id, shop_id=attempt.shop_id)
    async with db.transaction() as session:
        payable, fresh = await lock_attempt(session, attempt.key)
        if not fresh.is_live:
            return
        fresh.state, fresh.ended_at, fresh.check_at = "expired", now, None
        fresh.problem = "Stripe does not know this session under the shop's present key."
        session.add(fresh)
        await _tell_end(session, payable, "expired")
