"""Whose is a refund that Stripe tells about? Ours by its mark, or made in Stripe's dashboard."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from payments.events import RefundMadeAtStripe
from payments.failed_refunds import is_unsettled, resolve
from payments.ledger import find_capture
from payments.models import Payable, Refund
from payments.outcomes import SeenRefund
from payments.refunds import cause_for


async def adopt_refund(
    session: AsyncSession, payable: Payable, seen: SeenRefund, tag: str, *, now: datetime
) -> int:
    """The id of its row, with the payable locked; one made elsewhere gets a row of its own."""
    known = await _find(session, payable, seen, tag)
    return (known or await _take_in(session, payable, seen, now=now)).key


async def _find(
    session: AsyncSession, payable: Payable, seen: SeenRefund, tag: str
) -> Refund | None:
    query = select(Refund).where(
        col(Refund.payable_id) == payable.key, col(Refund.stripe_id) == seen.stripe_id
    )
    known = (await session.exec(query)).first()
    if known is None and seen.tag == tag and seen.refund_id is not None:
        marked = await session.get(Refund, seen.refund_id, populate_existing=True)
        if marked is not None and marked.payable_id == payable.key and marked.stripe_id is None:
            known = marked
    return known


async def _take_in(
    session: AsyncSession, payable: Payable, seen: SeenRefund, *, now: datetime
) -> Refund:
    """Made in Stripe's dashboard: where one of the same payment and amount had failed, in its
    place."""
    intent_id = seen.intent_id or ""
    others = await _refunds_of(session, payable, intent_id)
    failed = next((one for one in others if is_unsettled(one) and one.amount == seen.amount), None)
    cause = failed.cause if failed else await cause_for(session, payable, intent_id, "at_stripe")
    refund = Refund(
        shop_id=payable.shop_id, payable_id=payable.key, intent_id=intent_id,
        amount_minor=seen.amount.minor, currency=seen.amount.currency, cause=cause,
        requested_by="Stripe", requested_at=now, stripe_id=seen.stripe_id, sent_at=now,
    )  # fmt: skip
    session.add(refund)
    await session.flush()
    if failed is not None:
        resolve(failed, "again", "Stripe", now)
        session.add(failed)
    elif cause == "at_stripe":
        await _tell(session, payable, refund, others)
    return refund


async def _refunds_of(session: AsyncSession, payable: Payable, intent_id: str) -> Sequence[Refund]:
    query = select(Refund).where(
        col(Refund.payable_id) == payable.key, col(Refund.intent_id) == intent_id
    )
    return (await session.exec(query.order_by(col(Refund.id)))).all()


async def _tell(
    session: AsyncSession, payable: Payable, refund: Refund, others: Sequence[Refund]
) -> None:
    """Whatever of it does not fit beside what had been decided here takes the place of that: Stripe
    will refuse ours, or has already."""
    capture = await find_capture(session, payable.shop_id, refund.intent_id)
    came = capture.amount_minor if capture is not None else 0
    decided = sum(one.amount_minor for one in others if one.resolution != "again")
    new = min(refund.amount_minor, max(0, came - decided))
    if new:
        record(
            session,
            RefundMadeAtStripe(
                payable.shop_id, payable.reference, refund.key, new, refund.currency
            ),
        )
