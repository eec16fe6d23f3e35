"""What should make somebody hesitate before money goes back."""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from payments.errors import DebitMayComeBack
from payments.models import LedgerEntry, PaymentAttempt
from payments.payables import find_payable

# SEPA core direct debit: eight weeks in which the payer's bank returns a debit without a reason.
NO_QUESTIONS_ASKED = timedelta(weeks=8)


async def debit_until(
    session: AsyncSession, shop_id: int, reference: str, *, now: datetime
) -> datetime | None:
    """Until when the buyer's bank can call a debit back that has paid this; None: it cannot.

    A bank debit is known by having been under way: by its delay, never by a method's name.
    """
    payable = await find_payable(session, shop_id, reference)
    if payable is None:
        return None
    query = (
        select(LedgerEntry.recorded_at)
        .join(PaymentAttempt, col(PaymentAttempt.intent_id) == col(LedgerEntry.intent_id))
        .where(
            col(LedgerEntry.payable_id) == payable.key,
            col(LedgerEntry.kind) == "capture",
            col(PaymentAttempt.payable_id) == payable.key,
            col(PaymentAttempt.delayed_at).is_not(None),
            col(LedgerEntry.recorded_at) > now - NO_QUESTIONS_ASKED,
        )
        .order_by(col(LedgerEntry.recorded_at).desc())
    )
    paid_at = (await session.exec(query.limit(1))).first()
    return paid_at + NO_QUESTIONS_ASKED if paid_at is not None else None


async def confirm_debit(
    session: AsyncSession, shop_id: int, reference: str, *, is_sure: bool, now: datetime
) -> None:
    """For forms that give money back. Raises DebitMayComeBack unless somebody is sure."""
    if not is_sure and await debit_until(session, shop_id, reference, now=now) is not None:
        raise DebitMayComeBack()
