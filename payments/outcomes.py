"""What became of refunds, ours and others."""

from dataclasses import dataclass
from datetime import datetime

import stripe
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.money import Money
from payments.amounts import from_stripe
from payments.events import (
    CancelledPaymentRefunded,
    OverpaymentRefunded,
    RefundFailed,
    RefundPending,
    RefundSucceeded,
)
from payments.ledger import add_entry
from payments.models import DEAD_REFUNDS, Payable, Refund
from payments.tags import REFUND_TAG, id_in

# A step back is stale news; succeeded refunds can still fail (a closed card, days later).
_RANK = {
    "requested": 0, "pending": 1, "requires_action": 1, "succeeded": 2, "failed": 3, "canceled": 3,
}  # fmt: skip
FINAL = ("succeeded", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class SeenRefund:
    """`refund_id` and `tag` are the marks we put on our own."""

    stripe_id: str
    state: str
    amount: Money
    intent_id: str | None
    reason: str
    refund_id: int | None
    tag: str | None


def read_refund(found: stripe.Refund) -> SeenRefund:
    intent = found.payment_intent
    marks = found.metadata.to_dict() if found.metadata else {}
    ours = str(marks.get(REFUND_TAG, ""))
    return SeenRefund(
        stripe_id=found.id,
        state=found.status if found.status in _RANK else "pending",
        amount=from_stripe(found.amount, found.currency),
        intent_id=intent if isinstance(intent, str) or intent is None else intent.id,
        reason=_reason(found),
        refund_id=id_in(ours),
        tag=marks.get("tresen"),
    )


def _reason(found: stripe.Refund) -> str:
    """`failure_reason` and `pending_reason` are there only in some states."""
    for name in ("failure_reason", "pending_reason"):
        word = getattr(found, name, None)
        if word:
            return str(word)
    return ""


async def apply_refund(
    session: AsyncSession, payable: Payable, seen: SeenRefund, refund_id: int, *, now: datetime
) -> None:
    """Take over what was seen, with the payable locked. Repeats and stale news do nothing."""
    refund = await session.get_one(Refund, refund_id, populate_existing=True)
    if refund.stripe_id not in (None, seen.stripe_id):
        return
    refund.stripe_id = seen.stripe_id
    session.add(refund)
    if _RANK[seen.state] <= _RANK[refund.state]:
        return
    await _book(session, payable, refund, seen, now)
    refund.state = seen.state
    if seen.state in FINAL:
        refund.settled_at, refund.check_at = now, None
    refund.failure = seen.reason or None if seen.state in DEAD_REFUNDS else None
    session.add(refund)
    _tell(session, payable, refund, seen.reason)


async def _book(
    session: AsyncSession, payable: Payable, refund: Refund, seen: SeenRefund, now: datetime
) -> None:
    """Down when Stripe takes it on, up again if it fails afterwards."""
    was_taken_on = refund.state != "requested"
    if seen.state not in DEAD_REFUNDS:
        await add_entry(
            session, payable, "refund", seen.stripe_id, -seen.amount,
            intent_id=refund.intent_id, now=now,
        )  # fmt: skip
    elif was_taken_on:
        await add_entry(
            session, payable, "refund_failed", f"{seen.stripe_id}:failed", seen.amount,
            intent_id=refund.intent_id, now=now,
        )  # fmt: skip


async def refuse_refund(
    session: AsyncSession, payable: Payable, refund_id: int, reason: str, *, now: datetime
) -> None:
    """Stripe made none at all."""
    refund = await session.get_one(Refund, refund_id, populate_existing=True)
    if refund.state != "requested" or refund.stripe_id is not None:
        return
    refund.state, refund.failure = "failed", reason[:300]
    refund.settled_at, refund.check_at = now, None
    session.add(refund)
    _tell(session, payable, refund, reason)


def _tell(session: AsyncSession, payable: Payable, refund: Refund, reason: str) -> None:
    where = (payable.shop_id, payable.reference, refund.key, refund.amount_minor, refund.currency)
    if refund.state == "succeeded" and refund.cause == "second_payment":
        record(session, OverpaymentRefunded(*where))
    elif refund.state == "succeeded" and refund.cause == "order_cancelled":
        record(session, CancelledPaymentRefunded(*where))
    elif refund.state == "succeeded":
        record(session, RefundSucceeded(*where))
    elif refund.state in DEAD_REFUNDS:
        record(session, RefundFailed(*where, reason=reason))
    else:
        record(session, RefundPending(*where, reason=reason))
