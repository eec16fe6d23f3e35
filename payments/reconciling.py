"""What Stripe did not tell: webhooks get lost, so what is open is asked for, and lists compared.

Without a public address (a shop at home) these two jobs alone keep the shop right.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import stripe
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from stripe.checkout import Session as StripeSession

from core.clock import Clock
from core.database import Database
from core.jobs import enqueue
from core.logs import log
from payments.asking import ask
from payments.clients import Stripes
from payments.disputes import read_dispute
from payments.errors import PaymentsRefused, PaymentsUnavailable
from payments.hearsay import look_at_dispute, look_at_refund, take_session
from payments.models import Dispute, LedgerEntry, PaymentAttempt, Refund, StripeAccount
from payments.outcomes import read_refund
from payments.payables import end_if_unborn
from payments.refunds import send_later
from payments.settling import next_check, pause_after, settle_later
from payments.tags import tag_of

BATCH = 200
LOOK_BACK = timedelta(days=4)
DISPUTES_LOOK_BACK = timedelta(days=60)
# Another request for a list is cheap, but a shop cannot have had so many in four days.
MOST_LISTED = 5000

Thing = TypeVar("Thing", bound=stripe.StripeObject)


async def reconcile(db: Database, stripes: Stripes, clock: Clock) -> None:
    """Periodic, every few minutes: attempts and refunds whose time to be asked for has come."""
    now = clock()
    async with db.transaction() as session:
        unborn = select(PaymentAttempt).where(
            col(PaymentAttempt.state) == "creating", col(PaymentAttempt.expires_at) <= now
        )
        for attempt in (await session.exec(unborn.limit(BATCH))).all():
            end_if_unborn(attempt, now)
            session.add(attempt)
        due = select(PaymentAttempt).where(
            col(PaymentAttempt.state).in_(("open", "processing")),
            col(PaymentAttempt.check_at) <= now,
        )
        for attempt in (await session.exec(due.limit(BATCH))).all():
            attempt.checks += 1
            attempt.check_at = next_check(attempt, now)
            session.add(attempt)
            await settle_later(session, attempt.key)
        waiting = select(Refund).where(col(Refund.check_at) <= now)
        for refund in (await session.exec(waiting.limit(BATCH))).all():
            refund.checks += 1
            refund.check_at = now + pause_after(refund.checks)
            session.add(refund)
            await send_later(session, refund.key)


async def catch_up(db: Database, stripes: Stripes, clock: Clock) -> None:
    """Periodic, every hour: Stripe's lists against our rows, in both directions of forgetting."""
    async with db.reading() as session:
        shop_ids = (await session.exec(select(StripeAccount.shop_id))).all()
    for shop_id in shop_ids:
        try:
            sessions = await _catch_up_sessions(db, stripes, clock, shop_id)
            refunds = await _catch_up_refunds(db, stripes, clock, shop_id)
            disputes = await _catch_up_disputes(db, stripes, clock, shop_id)
        except (PaymentsRefused, PaymentsUnavailable):
            continue  # Logged where it was asked; the other shops go on.
        if sessions or refunds or disputes:
            log(__name__).warning(
                "caught_up", shop_id=shop_id, sessions=sessions, refunds=refunds, disputes=disputes
            )


async def _catch_up_sessions(db: Database, stripes: Stripes, clock: Clock, shop_id: int) -> int:
    since = _seconds(clock() - LOOK_BACK)

    async def complete(client: stripe.StripeClient) -> list[StripeSession]:
        page = await client.v1.checkout.sessions.list_async(
            {
                "status": "complete",
                "created": {"gte": since},
                "limit": 100,
                "expand": ["data.payment_intent"],
            }
        )
        return [one async for one in _all_of(page)]

    found = await ask(db, stripes, clock, shop_id, complete)
    async with db.reading() as session:
        tag = await tag_of(session, shop_id)
        query = select(PaymentAttempt.session_id).where(
            col(PaymentAttempt.session_id).in_([one.id for one in found]),
            col(PaymentAttempt.state).in_(("paid", "processing", "failed")),
        )
        known = set((await session.exec(query)).all())
    missed = [one for one in found if one.id not in known and _is_ours(one, tag)]
    for one in missed:
        await take_session(db, clock, shop_id, one)
    return len(missed)


def _is_ours(found: StripeSession, tag: str) -> bool:
    return found.metadata is not None and found.metadata.to_dict().get("tresen") == tag


async def _catch_up_refunds(db: Database, stripes: Stripes, clock: Clock, shop_id: int) -> int:
    since = _seconds(clock() - LOOK_BACK)

    async def latest(client: stripe.StripeClient) -> list[stripe.Refund]:
        page = await client.v1.refunds.list_async({"created": {"gte": since}, "limit": 100})
        return [one async for one in _all_of(page)]

    found = [read_refund(one) for one in await ask(db, stripes, clock, shop_id, latest)]
    async with db.transaction() as session:
        query = select(Refund.stripe_id, Refund.state).where(
            col(Refund.stripe_id).in_([one.stripe_id for one in found])
        )
        known = set((await session.exec(query)).all())
        ours = await _our_intents(session, shop_id, [one.intent_id for one in found])
        missed = [
            one.stripe_id
            for one in found
            if one.intent_id in ours and (one.stripe_id, one.state) not in known
        ]
        for stripe_id in missed:
            await enqueue(session, look_at_refund, {"shop_id": shop_id, "refund_id": stripe_id})
    return len(missed)


async def _catch_up_disputes(db: Database, stripes: Stripes, clock: Clock, shop_id: int) -> int:
    since = _seconds(clock() - DISPUTES_LOOK_BACK)

    async def latest(client: stripe.StripeClient) -> list[stripe.Dispute]:
        page = await client.v1.disputes.list_async({"created": {"gte": since}, "limit": 100})
        return [one async for one in _all_of(page)]

    found = [read_dispute(one) for one in await ask(db, stripes, clock, shop_id, latest)]
    async with db.transaction() as session:
        query = select(Dispute.stripe_id, Dispute.status).where(
            col(Dispute.stripe_id).in_([one.stripe_id for one in found])
        )
        known = set((await session.exec(query)).all())
        ours = await _our_intents(session, shop_id, [one.intent_id for one in found])
        missed = [
            one.stripe_id
            for one in found
            if one.intent_id in ours and (one.stripe_id, one.status) not in known
        ]
        for stripe_id in missed:
            await enqueue(session, look_at_dispute, {"shop_id": shop_id, "dispute_id": stripe_id})
    return len(missed)


async def _our_intents(
    session: AsyncSession, shop_id: int, intent_ids: Sequence[str | None]
) -> set[str | None]:
    """The merchant may sell elsewhere with the same account."""
    query = select(LedgerEntry.intent_id).where(
        col(LedgerEntry.shop_id) == shop_id, col(LedgerEntry.intent_id).in_(set(intent_ids))
    )
    return set((await session.exec(query)).all())


async def _all_of(page: stripe.ListObject[Thing]) -> AsyncIterator[Thing]:
    number = 0
    async for one in page.auto_paging_iter():
        yield one
        number += 1
        if number >= MOST_LISTED:
            return


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
