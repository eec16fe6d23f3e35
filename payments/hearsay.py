"""Refunds and disputes heard of by their Stripe id alone: whose are they, what is their state?"""

from datetime import datetime

import stripe
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from stripe.checkout import Session as StripeSession

from core.clock import Clock
from core.database import Database
from core.logs import log
from payments.adopting import adopt_refund
from payments.asking import ask
from payments.clients import Stripes
from payments.disputes import apply_dispute, read_dispute
from payments.errors import PaymentsRefused
from payments.ledger import find_capture
from payments.models import PaymentAttempt
from payments.numbering import adopted_attempt
from payments.outcomes import apply_refund, read_refund
from payments.payables import find_payable, lock_payable
from payments.reading import read
from payments.settling import apply
from payments.tags import ATTEMPT_TAG, REFERENCE_TAG, id_in, tag_of


async def look_at_refund(
    db: Database, stripes: Stripes, clock: Clock, *, shop_id: int, refund_id: str
) -> None:
    """Job. `refund_id` is Stripe's."""

    async def retrieve(client: stripe.StripeClient) -> stripe.Refund:
        return await client.v1.refunds.retrieve_async(refund_id)

    try:
        seen = read_refund(await ask(db, stripes, clock, shop_id, retrieve))
    except PaymentsRefused as refused:
        _ignore_missing(refused, refund_id)
        return
    payable_id = await _payable_of(db, stripes, clock, shop_id, seen.intent_id)
    if payable_id is None:
        return
    async with db.transaction() as session:
        payable = await lock_payable(session, payable_id)
        row_id = await adopt_refund(
            session, payable, seen, await tag_of(session, shop_id), now=clock()
        )
        await apply_refund(session, payable, seen, row_id, now=clock())


async def look_at_dispute(
    db: Database, stripes: Stripes, clock: Clock, *, shop_id: int, dispute_id: str
) -> None:
    """Job. `dispute_id` is Stripe's."""

    async def retrieve(client: stripe.StripeClient) -> stripe.Dispute:
        return await client.v1.disputes.retrieve_async(dispute_id)

    try:
        seen = read_dispute(await ask(db, stripes, clock, shop_id, retrieve))
    except PaymentsRefused as refused:
        _ignore_missing(refused, dispute_id)
        return
    payable_id = await _payable_of(db, stripes, clock, shop_id, seen.intent_id)
    if payable_id is None:
        return
    async with db.transaction() as session:
        payable = await lock_payable(session, payable_id)
        await apply_dispute(session, payable, seen, now=clock())


def _ignore_missing(refused: PaymentsRefused, stripe_id: str) -> None:
    if refused.stripe_code != "resource_missing":
        raise refused
    log(__name__).warning("not_at_stripe", stripe_id=stripe_id)


async def _payable_of(
    db: Database, stripes: Stripes, clock: Clock, shop_id: int, intent_id: str | None
) -> int | None:
    """Whose money that is. Its capture may not have been heard of yet: then it is fetched first.

    None for payments that are not ours: the merchant sells elsewhere with this account too.
    """
    if intent_id is None:
        return None
    async with db.reading() as session:
        capture = await find_capture(session, shop_id, intent_id)
    if capture is not None:
        return capture.payable_id

    async def search(client: stripe.StripeClient) -> StripeSession | None:
        found = await client.v1.checkout.sessions.list_async(
            {"payment_intent": intent_id, "limit": 1, "expand": ["data.payment_intent"]}
        )
        return next(iter(found.data), None)

    found = await ask(db, stripes, clock, shop_id, search)
    return None if found is None else await take_session(db, clock, shop_id, found)


async def take_session(
    db: Database, clock: Clock, shop_id: int, found: StripeSession
) -> int | None:
    """Settle a session found at Stripe (with its intent expanded), if it is one of ours."""
    seen = read(found)
    async with db.transaction() as session:
        attempt = await find_attempt(session, shop_id, seen.session_id, seen.metadata, now=clock())
        if attempt is None:
            return None
        await apply(session, attempt.key, seen, now=clock())
    return attempt.payable_id


async def find_attempt(
    session: AsyncSession, shop_id: int, session_id: str, metadata: dict[str, str], *, now: datetime
) -> PaymentAttempt | None:
    """By the session's id; else by our marks on it, where our row had no time to learn the id.

    A session with our marks that no row stands for (Stripe forgets idempotency keys after a day,
    backups are restored) gets a row: its money must not go unnoticed. None if it is not ours.
    """
    query = select(PaymentAttempt).where(
        col(PaymentAttempt.shop_id) == shop_id, col(PaymentAttempt.session_id) == session_id
    )
    attempt = (await session.exec(query)).first()
    if attempt is not None or metadata.get("tresen") != await tag_of(session, shop_id):
        return attempt
    payable = await find_payable(session, shop_id, str(metadata.get(REFERENCE_TAG, "")))
    if payable is None:
        return None
    await lock_payable(session, payable.key)
    if (attempt := (await session.exec(query)).first()) is not None:
        return attempt
    number = id_in(str(metadata.get(ATTEMPT_TAG, "")))
    marked = await session.get(PaymentAttempt, number) if number is not None else None
    if marked is None or marked.payable_id != payable.key or marked.session_id is not None:
        marked = await adopted_attempt(session, payable, now=now)
    marked.session_id = session_id
    session.add(marked)
    await session.flush()
    return marked
