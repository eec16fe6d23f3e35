"""The job that asks Stripe for a refund: once, however often it has to try."""

import stripe
from stripe.params import RefundCreateParams

from core.clock import Clock
from core.database import Database
from payments.amounts import to_stripe
from payments.asking import ask
from payments.clients import Stripes
from payments.errors import PaymentsRefused, PaymentsUnavailable
from payments.models import Refund
from payments.outcomes import FINAL, apply_refund, read_refund, refuse_refund
from payments.payables import lock_payable
from payments.tags import REFUND_TAG, tag_of, tags_for


async def send_refund(db: Database, stripes: Stripes, clock: Clock, *, refund_id: int) -> None:
    """Job. Asks Stripe once; after an unclear end it looks first whether the refund was made."""
    async with db.reading() as session:
        refund = await session.get(Refund, refund_id)
    if refund is None or refund.state in FINAL:
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
        row = await session.get_one(Refund, refund.key, with_for_update={"key_share": True})
        row.tries = max(row.tries, tries + 1)
        session.add(row)
