"""Refunds that failed: tried again, or paid back by other means and noted. The money is owed."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import NotFound
from core.events import record
from payments.errors import RefundNotFailed
from payments.events import RefundPaidElsewhere
from payments.ledger import add_entry
from payments.models import DEAD_REFUNDS, Payable, Refund
from payments.payables import lock_payable
from payments.refunds import check_disputes, write_refund


async def list_failed(session: AsyncSession, shop_id: int) -> Sequence[Refund]:
    """Those whose money is still owed, the oldest first."""
    query = (
        select(Refund)
        .where(
            col(Refund.shop_id) == shop_id,
            col(Refund.state).in_(DEAD_REFUNDS),
            col(Refund.resolution).is_(None),
        )
        .order_by(col(Refund.id))
    )
    return (await session.exec(query)).all()


async def are_any_failed(session: AsyncSession, shop_id: int, references: Sequence[str]) -> bool:
    """Whether money of any of these is still owed."""
    query = select(Refund.id).join(Payable, col(Payable.id) == col(Refund.payable_id))
    failed = query.where(
        col(Payable.shop_id) == shop_id,
        col(Payable.reference).in_(references),
        col(Refund.state).in_(DEAD_REFUNDS),
        col(Refund.resolution).is_(None),
    )
    return (await session.exec(failed.limit(1))).first() is not None


async def retry_refund(
    session: AsyncSession, shop_id: int, refund_id: int, *, by: str, now: datetime
) -> Refund:
    """A new refund in place of the failed one, which stays as it ended.

    Raises NotFound, RefundNotFailed, DisputeOpen.
    """
    payable, failed = await _lock_failed(session, shop_id, refund_id)
    await check_disputes(session, payable)
    _resolve(failed, "again", by, now)
    session.add(failed)
    return await write_refund(
        session, payable, failed.intent_id, failed.amount, cause=failed.cause,
        reason=failed.reason, by=by, now=now,
    )  # fmt: skip


async def note_paid_elsewhere(
    session: AsyncSession, shop_id: int, refund_id: int, *, by: str, now: datetime
) -> Refund:
    """The shop has paid it back itself, by bank transfer say: booked, so that the books come right.

    Raises NotFound, RefundNotFailed.
    """
    payable, failed = await _lock_failed(session, shop_id, refund_id)
    _resolve(failed, "elsewhere", by, now)
    session.add(failed)
    await add_entry(
        session, payable, "refund_elsewhere", f"refund-{failed.key}:elsewhere", -failed.amount,
        intent_id=failed.intent_id, now=now,
    )  # fmt: skip
    record(
        session,
        RefundPaidElsewhere(
            shop_id, payable.reference, failed.key, failed.amount_minor, failed.currency, by,
            failed.cause,
        ),
    )  # fmt: skip
    return failed


async def _lock_failed(
    session: AsyncSession, shop_id: int, refund_id: int
) -> tuple[Payable, Refund]:
    refund = await session.get(Refund, refund_id)
    if refund is None or refund.shop_id != shop_id:
        raise NotFound()
    payable = await lock_payable(session, refund.payable_id)
    await session.refresh(refund)
    if refund.state not in DEAD_REFUNDS or refund.resolution is not None:
        raise RefundNotFailed()
    return payable, refund


def _resolve(failed: Refund, how: str, by: str, now: datetime) -> None:
    failed.resolution, failed.resolved_at, failed.resolved_by = how, now, by[:120]
