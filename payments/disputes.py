"""Disputes: told, booked, and in the way of refunds while the bank decides."""

from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.money import Money
from payments.amounts import from_stripe
from payments.events import DisputeClosed, PaymentDisputed
from payments.ledger import add_entry
from payments.models import Dispute, Payable
from payments.payables import find_payable


@dataclass(frozen=True, slots=True)
class SeenDispute:
    """`is_withdrawn` and `is_returned`: whether money moved, whatever the status is called."""

    stripe_id: str
    status: str
    reason: str
    amount: Money
    intent_id: str | None
    due_at: datetime | None
    opened_at: datetime
    is_withdrawn: bool
    is_returned: bool

    @property
    def is_open(self) -> bool:
        return self.status.endswith(("needs_response", "under_review"))


def read_dispute(found: stripe.Dispute) -> SeenDispute:
    intent = found.payment_intent
    due_by = found.evidence_details.due_by
    return SeenDispute(
        stripe_id=found.id,
        status=found.status,
        reason=found.reason,
        amount=from_stripe(found.amount, found.currency),
        intent_id=intent if isinstance(intent, str) or intent is None else intent.id,
        due_at=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        opened_at=datetime.fromtimestamp(found.created, UTC),
        is_withdrawn=any(one.amount < 0 for one in found.balance_transactions),
        is_returned=any(one.amount > 0 for one in found.balance_transactions),
    )


async def apply_dispute(
    session: AsyncSession, payable: Payable, seen: SeenDispute, *, now: datetime
) -> None:
    """Take over what was seen, with the payable locked. A closed dispute stays closed."""
    query = select(Dispute).where(
        col(Dispute.shop_id) == payable.shop_id, col(Dispute.stripe_id) == seen.stripe_id
    )
    dispute = (await session.exec(query)).first()
    await _book(session, payable, seen, now)
    if dispute is None:
        dispute = Dispute(
            shop_id=payable.shop_id, payable_id=payable.key, stripe_id=seen.stripe_id,
            amount_minor=seen.amount.minor, currency=seen.amount.currency, status=seen.status,
            reason=seen.reason, opened_at=seen.opened_at,
        )  # fmt: skip
        told = (seen.stripe_id, seen.amount.minor, seen.amount.currency)
        record(session, PaymentDisputed(payable.shop_id, payable.reference, *told))
    if dispute.closed_at is not None:
        return
    dispute.status, dispute.due_at = seen.status, seen.due_at
    if not seen.is_open:
        dispute.closed_at = now
        record(
            session,
            DisputeClosed(payable.shop_id, payable.reference, seen.stripe_id, seen.status),
        )
    session.add(dispute)


async def _book(session: AsyncSession, payable: Payable, seen: SeenDispute, now: datetime) -> None:
    if seen.is_withdrawn:
        await add_entry(
            session, payable, "dispute", f"{seen.stripe_id}:withdrawn", -seen.amount,
            intent_id=seen.intent_id, now=now,
        )  # fmt: skip
    if seen.is_returned:
        await add_entry(
            session, payable, "dispute_returned", f"{seen.stripe_id}:returned", seen.amount,
            intent_id=seen.intent_id, now=now,
        )  # fmt: skip


async def list_disputes(session: AsyncSession, shop_id: int, reference: str) -> list[Dispute]:
    payable = await find_payable(session, shop_id, reference)
    if payable is None:
        return []
    query = select(Dispute).where(col(Dispute.payable_id) == payable.key)
    return list((await session.exec(query.order_by(col(Dispute.id)))).all())
