"""Refunds that failed: tried again, or paid back by other means and noted. The money is owed, as
far as it has not left with another refund of the same payment meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import NotFound
from core.events import record
from core.money import Money
from payments.errors import RefundNotFailed
from payments.events import RefundPaidElsewhere
from payments.ledger import add_entry, refundable
from payments.models import DEAD_REFUNDS, Payable, Refund
from payments.payables import lock_payable
from payments.refunds import check_disputes, write_refund


@dataclass(frozen=True, slots=True)
class FailedRefund:
    """`owed` is less than the refund's amount where not so much is left of the payment."""

    refund: Refund
    reference: str
    owed: Money


async def list_failed(
    session: AsyncSession, shop_id: int, references: Sequence[str] | None = None
) -> list[FailedRefund]:
    """Those whose money is still owed, the oldest first; `references`: only what was for these."""
    query = (
        select(Refund, Payable)
        .join(Payable, col(Payable.id) == col(Refund.payable_id))
        .where(
            col(Refund.shop_id) == shop_id,
            col(Refund.state).in_(DEAD_REFUNDS),
            col(Refund.resolution).is_(None),
        )
        .order_by(col(Refund.id))
    )
    if references is not None:
        query = query.where(col(Payable.reference).in_(references))
    failed = []
    for refund, payable in (await session.exec(query)).all():
        owed = await _owed(session, payable, refund)
        if owed.minor:
            failed.append(FailedRefund(refund, payable.reference, owed))
    return failed


def is_unsettled(refund: Refund) -> bool:
    """It failed, and nobody has found another way yet."""
    return refund.state in DEAD_REFUNDS and refund.resolution is None


async def _owed(session: AsyncSession, payable: Payable, refund: Refund) -> Money:
    left = dict(await refundable(session, payable)).get(refund.intent_id)
    return Money(min(refund.amount_minor, left.minor if left else 0), refund.currency)


async def retry_refund(
    session: AsyncSession, shop_id: int, refund_id: int, *, by: str, now: datetime
) -> Refund:
    """A new refund in place of the failed one, which stays as it ended.

    Raises NotFound, RefundNotFailed, DisputeOpen.
    """
    payable, failed, owed = await _lock_failed(session, shop_id, refund_id)
    await check_disputes(session, payable)
    resolve(failed, "again", by, now)
    session.add(failed)
    return await write_refund(
        session, payable, failed.intent_id, owed, cause=failed.cause, reason=failed.reason,
        by=by, now=now,
    )  # fmt: skip


async def note_paid_elsewhere(
    session: AsyncSession, shop_id: int, refund_id: int, *, by: str, now: datetime
) -> Refund:
    """The shop has paid it back itself, by bank transfer say: booked, so that the books come right.

    Raises NotFound, RefundNotFailed.
    """
    payable, failed, owed = await _lock_failed(session, shop_id, refund_id)
    resolve(failed, "elsewhere", by, now)
    session.add(failed)
    await add_entry(
        session, payable, "refund_elsewhere", f"refund-{failed.key}:elsewhere", -owed,
        intent_id=failed.intent_id, now=now,
    )  # fmt: skip
    record(
        session,
        RefundPaidElsewhere(
            shop_id, payable.reference, failed.key, owed.minor, owed.currency, by, failed.cause
        ),
    )
    return failed


async def _lock_failed(
    session: AsyncSession, shop_id: int, refund_id: int
) -> tuple[Payable, Refund, Money]:
    refund = await session.get(Refund, refund_id)
    if refund is None or refund.shop_id != shop_id:
        raise NotFound()
    payable = await lock_payable(session, refund.payable_id)
    await session.refresh(refund)
    owed = await _owed(session, payable, refund)
    if not (is_unsettled(refund) and owed.minor):
        raise RefundNotFailed()
    return payable, refund, owed


def resolve(failed: Refund, how: str, by: str, now: datetime) -> None:
    failed.resolution, failed.resolved_at, failed.resolved_by = how, now, by[:120]
