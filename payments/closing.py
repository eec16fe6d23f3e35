"""Ending pay pages: Stripe decides whether one was still open, so it is asked and read again."""

from datetime import datetime

import stripe
from stripe.checkout import Session as StripeSession

from core.clock import Clock
from core.database import Database
from payments.asking import ask
from payments.clients import Stripes
from payments.errors import PaymentsRefused
from payments.models import Payable, PaymentAttempt
from payments.payables import find_payable, live_attempts
from payments.reading import read
from payments.settling import apply, lock_attempt, settle


async def close_attempt(
    db: Database, stripes: Stripes, clock: Clock, *, attempt_id: int, replaced: bool = False
) -> None:
    """Expire one session. If it turns out paid or under way, that is settled instead.

    `replaced`: another page takes its place, so nothing is told about its end.
    """
    async with db.reading() as session:
        attempt = await session.get_one(PaymentAttempt, attempt_id)
    if replaced or attempt.session_id is None:
        await _mark_replaced(db, attempt_id, clock())
    if attempt.session_id is None:
        return
    session_id = attempt.session_id

    async def expire(client: stripe.StripeClient) -> StripeSession:
        return await client.v1.checkout.sessions.expire_async(session_id)

    try:
        closed = await ask(db, stripes, clock, attempt.shop_id, expire)
    except PaymentsRefused:
        # It is not open any more, one way or the other.
        await settle(db, stripes, clock, attempt_id=attempt_id)
        return
    async with db.transaction() as session:
        await apply(session, attempt_id, read(closed), now=clock())


async def _mark_replaced(db: Database, attempt_id: int, now: datetime) -> None:
    """An open one counts as live until Stripe has closed it. Of one that is just being created
    nobody has the address yet; its creator sees the mark afterwards and closes it."""
    async with db.transaction() as session:
        _, attempt = await lock_attempt(session, attempt_id)
        attempt.replaced_at = attempt.replaced_at or now
        if attempt.state == "creating":
            attempt.state, attempt.ended_at = "superseded", now
        session.add(attempt)


async def close_checkouts(db: Database, stripes: Stripes, clock: Clock, *, payable_id: int) -> None:
    """Job. Ends all pay pages of a reference; what is under way at a bank cannot be stopped."""
    async with db.reading() as session:
        attempts = await live_attempts(session, payable_id)
    for attempt in attempts:
        if attempt.state == "processing":
            await settle(db, stripes, clock, attempt_id=attempt.key)
        else:
            await close_attempt(db, stripes, clock, attempt_id=attempt.key)


async def may_expire(
    db: Database, stripes: Stripes, clock: Clock, *, shop_id: int, reference: str
) -> bool:
    """Whether an unpaid order may end: open pay pages are closed first, and all is read again.

    False where money came or can still come. Then, in the transaction that ends the order, ask
    `payables.close`, which says so again under the lock. Raises PaymentsUnavailable: ask later.
    """
    payable = await _payable(db, shop_id, reference)
    if payable is None:
        return True
    await close_checkouts(db, stripes, clock, payable_id=payable.key)
    async with db.reading() as session:
        live = await live_attempts(session, payable.key)
    payable = await _payable(db, shop_id, reference)
    assert payable is not None  # noqa: S101 - rows of this table are never deleted
    return not live and payable.paid_at is None and payable.mismatched_at is None


async def _payable(db: Database, shop_id: int, reference: str) -> Payable | None:
    async with db.reading() as session:
        return await find_payable(session, shop_id, reference)
