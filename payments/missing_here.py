"""What Stripe's lists hold and our rows do not: sessions, refunds and disputes we were not told of.

In very rare cases Stripe makes no event at all (Stripe docs: handle irrecoverable events), so the
objects themselves are compared.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import stripe
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from stripe.checkout import Session as StripeSession

from core.clock import Clock
from core.database import Database
from core.jobs import enqueue
from payments.asking import ask
from payments.clients import Stripes
from payments.disputes import read_dispute
from payments.hearsay import look_at_dispute, look_at_refund, take_session
from payments.models import Dispute, LedgerEntry, PaymentAttempt, Refund
from payments.outcomes import read_refund
from payments.tags import tag_of

LOOK_BACK = timedelta(days=4)
DISPUTES_LOOK_BACK = timedelta(days=60)
# Another request for a list is cheap, but a shop cannot have had so many in four days.
MOST_LISTED = 5000

Thing = TypeVar("Thing", bound=stripe.StripeObject)


async def bring_in_sessions(db: Database, stripes: Stripes, clock: Clock, shop_id: int) -> int:
    since = seconds(clock() - LOOK_BACK)

    async def complete(client: stripe.StripeClient) -> list[StripeSession]:
        page = await client.v1.checkout.sessions.list_async(
            {
                "status": "complete",
                "created": {"gte": since},
                "limit": 100,
                "expand": ["data.payment_intent"],
            }
        )
        return [one async for one in all_of(page)]

    found = await ask(db, stripes, clock, shop_id, complete)
    async with db.reading() as session:
        tag = await tag_of(session, shop_id)
        query = select(PaymentAttempt.session_id).where(
            col(PaymentAttempt.shop_id) == shop_id,
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


@dataclass(frozen=True, slots=True)
class _Told:
    """What Stripe's list says of a refund or a dispute."""

    stripe_id: str
    state: str
    intent_id: str | None


async def bring_in_refunds(db: Database, stripes: Stripes, clock: Clock, shop_id: int) -> int:
    since = seconds(clock() - LOOK_BACK)

    async def latest(client: stripe.StripeClient) -> list[stripe.Refund]:
        page = await client.v1.refunds.list_async({"created": {"gte": since}, "limit": 100})
        return [one async for one in all_of(page)]

    found = [read_refund(one) for one in await ask(db, stripes, clock, shop_id, latest)]
    told = [_Told(one.stripe_id, one.state, one.intent_id) for one in found]
    known = select(Refund.stripe_id, Refund.state).where(
        col(Refund.shop_id) == shop_id, col(Refund.stripe_id).in_(_ids(told))
    )
    async with db.transaction() as session:
        here = (await session.exec(known)).all()
        missed = await _missed(session, shop_id, told, here)
        for stripe_id in missed:
            await enqueue(session, look_at_refund, {"shop_id": shop_id, "refund_id": stripe_id})
    return len(missed)


async def bring_in_disputes(db: Database, stripes: Stripes, clock: Clock, shop_id: int) -> int:
    since = seconds(clock() - DISPUTES_LOOK_BACK)

    async def latest(client: stripe.StripeClient) -> list[stripe.Dispute]:
        page = await client.v1.disputes.list_async({"created": {"gte": since}, "limit": 100})
        return [one async for one in all_of(page)]

    found = [read_dispute(one) for one in await ask(db, stripes, clock, shop_id, latest)]
    told = [_Told(one.stripe_id, one.status, one.intent_id) for one in found]
    known = select(Dispute.stripe_id, Dispute.status).where(
        col(Dispute.shop_id) == shop_id, col(Dispute.stripe_id).in_(_ids(told))
    )
    async with db.transaction() as session:
        here = (await session.exec(known)).all()
        missed = await _missed(session, shop_id, told, here)
        for stripe_id in missed:
            await enqueue(session, look_at_dispute, {"shop_id": shop_id, "dispute_id": stripe_id})
    return len(missed)


def _ids(told: Sequence[_Told]) -> list[str]:
    return [one.stripe_id for one in told]


async def _missed(
    session: AsyncSession,
    shop_id: int,
    told: Sequence[_Told],
    here: Iterable[tuple[str | None, str]],
) -> list[str]:
    """Of payments that were taken here, what is not `here` (id and state) as Stripe tells it."""
    known = set(here)
    ours = await _our_intents(session, shop_id, [one.intent_id for one in told])
    return [
        one.stripe_id
        for one in told
        if one.intent_id in ours and (one.stripe_id, one.state) not in known
    ]


async def _our_intents(
    session: AsyncSession, shop_id: int, intent_ids: Sequence[str | None]
) -> set[str | None]:
    """The merchant may sell elsewhere with the same account."""
    query = select(LedgerEntry.intent_id).where(
        col(LedgerEntry.shop_id) == shop_id, col(LedgerEntry.intent_id).in_(set(intent_ids))
    )
    return set((await session.exec(query)).all())


async def all_of(page: stripe.ListObject[Thing]) -> AsyncIterator[Thing]:
    number = 0
    async for one in page.auto_paging_iter():
        yield one
        number += 1
        if number >= MOST_LISTED:
            return


def seconds(at: datetime) -> int:
    return int(at.timestamp())
