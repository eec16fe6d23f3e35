"""Money back: the row first, then a job that asks Stripe, so that none is lost or doubled."""

from collections.abc import Sequence
from datetime import datetime

import stripe
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from stripe.params import RefundCreateParams

from core.clock import Clock
from core.database import Database
from core.jobs import enqueue
from core.money import Money
from payments.amounts import to_stripe
from payments.asking import ask
from payments.clients import Stripes
from payments.errors import (
    DisputeOpen,
    NothingToRefund,
    PaymentsRefused,
    PaymentsUnavailable,
    RefundTooLarge,
)
from payments.ledger import refundable
from payments.models import Dispute, Payable, Refund, RefundCause
from payments.outcomes import apply_refund, read_refund, refuse_refund
from payments.payables import find_payable, lock_payable, lock_reference
from payments.tags import REFUND_TAG, tag_of, tags_for


async def request_refund(
    session: AsyncSession,
    shop_id: int,
    reference: str,
    amount: Money | None,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> Refund:
    """Ask for money back; `amount` None is all that is left. Stripe is asked by a job.

    What was paid in several parts goes back in several refunds; the first is returned.
    Raises NothingExpected, NothingToRefund, RefundTooLarge, DisputeOpen.
    """
    payable = await lock_reference(session, shop_id, reference)
    await _check_disputes(session, payable)
    left = await refundable(session, payable)
    if not left:
        raise NothingToRefund()
    parts = left if amount is None else _take(left, amount)
    refunds = [
        await _write(
            session, payable, intent_id, part, cause="asked", reason=reason, by=by, now=now
        )
        for intent_id, part in parts
    ]
    return refunds[0]


async def refund_automatically(
    session: AsyncSession,
    payable: Payable,
    intent_id: str | None,
    amount: Money,
    *,
    cause: RefundCause,
    now: datetime,
) -> None:
    """Inside settling, under the lock: this capture is not wanted."""
    if intent_id is not None:
        await _write(
            session, payable, intent_id, amount, cause=cause, reason="", by="automatic", now=now
        )


def _take(left: Sequence[tuple[str, Money]], amount: Money) -> list[tuple[str, Money]]:
    fitting = [(intent, rest) for intent, rest in left if rest.currency == amount.currency]
    whole = sum(rest.minor for _, rest in fitting)
    if amount.minor < 1 or not fitting:
        raise NothingToRefund()
    if amount.minor > whole:
        raise RefundTooLarge(rest=Money(whole, amount.currency).text("de"))
    parts, missing = [], amount.minor
    for intent, rest in fitting:
        part = min(missing, rest.minor)
        if part:
            parts.append((intent, Money(part, amount.currency)))
        missing -= part
    return parts


async def _check_disputes(session: AsyncSession, payable: Payable) -> None:
    """While a dispute is open Stripe holds the money; an inquiry (warning_…) holds nothing."""
    query = select(Dispute).where(
        col(Dispute.payable_id) == payable.key,
        col(Dispute.closed_at).is_(None),
        col(Dispute.status).not_like("warning%"),
    )
    if (await session.exec(query)).first() is not None:
        raise DisputeOpen()


async def _write(
    session: AsyncSession,
    payable: Payable,
    intent_id: str,
    amount: Money,
    *,
    cause: RefundCause,
    reason: str,
    by: str,
    now: datetime,
) -> Refund:
    to_stripe(amount)
    refund = Refund(
        shop_id=payable.shop_id, payable_id=payable.key, intent_id=intent_id,
        amount_minor=amount.minor, currency=amount.currency, cause=cause, reason=reason[:300],
        requested_by=by, requested_at=now,
    )  # fmt: skip
    session.add(refund)
    await session.flush()
    await send_later(session, refund.key)
    return refund


async def send_later(session: AsyncSession, refund_id: int) -> None:
    name = f"payments:refund:{refund_id}"
    await enqueue(session, send_refund, {"refund_id": refund_id}, key=name, lock=name)


async def list_refunds(session: AsyncSession, shop_id: int, reference: str) -> list[Refund]:
    payable = await find_payable(session, shop_id, reference)
    if payable is None:
        return []
    query = select(Refund).where(col(Refund.payable_id) == payable.key).order_by(col(Refund.id))
    return list((await session.exec(query)).all())


async def send_refund(db: Database, stripes: Stripes, clock: Clock, *, refund_id: int) -> None:
    """Job. Asks Stripe once; after an unclear end it looks first whether the refund was made."""
    async with db.reading() as session:
        refund = await session.get(Refund, refund_id)
    if refund is None or refund.state in ("succeeded", "failed", "canceled"):
        return
    found = None if refund.sent_at is None else await _find_made(db, stripes, clock, refund)
    if found is None and refund.stripe_id is None:
        found = await _create(db, stripes, clock, refund)
    if found is not None:
        async with db.transaction() as session:
            payable = await lock_payable(session, refund.payable_id)
            await apply_refund(session, payable, read_refund(found), refund_id, now=clock())


async def _find_made(
    db: Database, stripes: Stripes, clock: Clock, refund: Refund
) -> stripe.Refund | None:
    async with db.reading() as session:
        tag = await tag_of(session, refund.shop_id)

    async def search(client: stripe.StripeClient) -> stripe.Refund | None:
        if refund.stripe_id is not None:
            return await client.v1.refunds.retrieve_async(refund.stripe_id)
        made = await client.v1.refunds.list_async(
            {"payment_intent": refund.intent_id, "limit": 100}
        )
        async for one in made.auto_paging_iter():
            marks = one.metadata.to_dict() if one.metadata else {}
            if marks.get(REFUND_TAG) == str(refund.key) and marks.get("tresen") == tag:
                return one
        return None

    return await ask(db, stripes, clock, refund.shop_id, search)


async def _create(
    db: Database, stripes: Stripes, clock: Clock, refund: Refund
) -> stripe.Refund | None:
    async with db.transaction() as session:
        row = await session.get_one(Refund, refund.key)
        row.sent_at = clock()
        session.add(row)
        tag, tries = await tag_of(session, refund.shop_id), row.tries
    params: RefundCreateParams = {
        "payment_intent": refund.intent_id,
        "amount": to_stripe(refund.amount),
        "reason": "duplicate" if refund.cause == "second_payment" else "requested_by_customer",
        "metadata": tags_for(tag) | {REFUND_TAG: str(refund.key)},
    }
    key = f"{tag}:refund:{refund.key}:{tries}"

    async def create(client: stripe.StripeClient) -> stripe.Refund:
        return await client.v1.refunds.create_async(params, {"idempotency_key": key})

    try:
        return await ask(db, stripes, clock, refund.shop_id, create)
    except PaymentsRefused as refused:
        await _note_refusal(db, clock, refund, refused)
    except PaymentsUnavailable as trouble:
        if trouble.is_stored:
            await _move_on(db, refund, tries)
        raise
    return None


async def _note_refusal(
    db: Database, clock: Clock, refund: Refund, refused: PaymentsRefused
) -> None:
    async with db.transaction() as session:
        payable = await lock_payable(session, refund.payable_id)
        await refuse_refund(
            session, payable, refund.key, refused.stripe_code or refused.reason, now=clock()
        )


async def _move_on(db: Database, refund: Refund, tries: int) -> None:
    """The next try looks for the refund first, and only then asks under a new key."""
    async with db.transaction() as session:
        row = await session.get_one(Refund, refund.key, with_for_update=True)
        row.tries = max(row.tries, tries + 1)
        session.add(row)
