"""Is the money right? Read for the page that says so, and for the notices of the start page."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from payments.accounts import find_account
from payments.failed_refunds import FailedRefund, list_failed
from payments.models import (
    CatchUp,
    Dispute,
    LedgerEntry,
    MissingMoney,
    Payable,
    PaymentAttempt,
    Refund,
    StripeAccount,
)
from payments.webhooks import last_webhook_at

LOOKS_BACK = timedelta(days=7)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Fetched:
    """What reconciling had to bring in because nobody had told."""

    events: int = 0
    sessions: int = 0
    refunds: int = 0
    disputes: int = 0

    @property
    def all(self) -> int:
        return self.events + self.sessions + self.refunds + self.disputes


@dataclass(frozen=True, slots=True)
class Health:
    """Rows come with the reference of what they were for. `last` may have ended in trouble."""

    account: StripeAccount | None
    heard_at: datetime | None
    last: CatchUp | None
    fetched: Fetched
    open_pages: int
    processing: int
    waiting_refunds: Sequence[tuple[Refund, str]]
    failed_refunds: Sequence[FailedRefund]
    mismatched: Sequence[Payable]
    disputes: Sequence[tuple[Dispute, str]]
    missing: Sequence[tuple[MissingMoney, LedgerEntry, str]]


async def look(session: AsyncSession, shop_id: int, *, now: datetime) -> Health:
    return Health(
        account=await find_account(session, shop_id),
        heard_at=await last_webhook_at(session, shop_id),
        last=await _last_run(session, shop_id),
        fetched=await _fetched(session, shop_id, now - LOOKS_BACK),
        open_pages=await _count(session, shop_id, "open"),
        processing=await _count(session, shop_id, "processing"),
        waiting_refunds=await _waiting_refunds(session, shop_id),
        failed_refunds=await list_failed(session, shop_id),
        mismatched=await _mismatched(session, shop_id),
        disputes=await open_disputes(session, shop_id),
        missing=await _missing(session, shop_id),
    )


def days_left(dispute: Dispute, now: datetime) -> int | None:
    """Whole days, the begun one counted; 0 when the time is over; None where there is none."""
    if dispute.due_at is None:
        return None
    return max(0, math.ceil((dispute.due_at - now) / timedelta(days=1)))


async def _last_run(session: AsyncSession, shop_id: int) -> CatchUp | None:
    query = select(CatchUp).where(col(CatchUp.shop_id) == shop_id)
    return (await session.exec(query.order_by(col(CatchUp.id).desc()).limit(1))).first()


async def _fetched(session: AsyncSession, shop_id: int, since: datetime) -> Fetched:
    names = (CatchUp.events, CatchUp.sessions, CatchUp.refunds, CatchUp.disputes)
    sums = [func.coalesce(func.sum(col(name)), 0) for name in names]
    query = select(*sums).where(col(CatchUp.shop_id) == shop_id, col(CatchUp.at) > since)
    row: Any = (await session.exec(query)).one()
    return Fetched(*[int(number) for number in row])


async def _count(session: AsyncSession, shop_id: int, state: str) -> int:
    query = select(func.count()).where(
        col(PaymentAttempt.shop_id) == shop_id, col(PaymentAttempt.state) == state
    )
    return (await session.exec(query)).one()


async def _waiting_refunds(session: AsyncSession, shop_id: int) -> list[tuple[Refund, str]]:
    query = (
        select(Refund, Payable.reference)
        .join(Payable, col(Payable.id) == col(Refund.payable_id))
        .where(
            col(Refund.shop_id) == shop_id,
            col(Refund.state).in_(("requested", "pending", "requires_action")),
        )
        .order_by(col(Refund.id))
        .limit(MOST_SHOWN)
    )
    return list((await session.exec(query)).all())


async def _mismatched(session: AsyncSession, shop_id: int) -> Sequence[Payable]:
    """Those whose money is still there: given back, the question is answered."""
    kept = (
        select(LedgerEntry.payable_id)
        .where(col(LedgerEntry.shop_id) == shop_id)
        .group_by(col(LedgerEntry.payable_id))
        .having(func.sum(LedgerEntry.amount_minor) > 0)
    )
    query = (
        select(Payable)
        .where(
            col(Payable.shop_id) == shop_id,
            col(Payable.mismatched_at).is_not(None),
            col(Payable.paid_at).is_(None),
            col(Payable.id).in_(kept),
        )
        .order_by(col(Payable.id).desc())
        .limit(MOST_SHOWN)
    )
    return (await session.exec(query)).all()


async def open_disputes(session: AsyncSession, shop_id: int) -> list[tuple[Dispute, str]]:
    """The most pressing first."""
    query = (
        select(Dispute, Payable.reference)
        .join(Payable, col(Payable.id) == col(Dispute.payable_id))
        .where(col(Dispute.shop_id) == shop_id, col(Dispute.closed_at).is_(None))
        .order_by(col(Dispute.due_at).is_(None), col(Dispute.due_at), col(Dispute.id))
        .limit(MOST_SHOWN)
    )
    return list((await session.exec(query)).all())


async def _missing(
    session: AsyncSession, shop_id: int
) -> list[tuple[MissingMoney, LedgerEntry, str]]:
    query = (
        select(MissingMoney, LedgerEntry, Payable.reference)
        .join(LedgerEntry, col(LedgerEntry.id) == col(MissingMoney.entry_id))
        .join(Payable, col(Payable.id) == col(LedgerEntry.payable_id))
        .where(col(MissingMoney.shop_id) == shop_id, col(MissingMoney.settled_at).is_(None))
        .order_by(col(MissingMoney.id).desc())
        .limit(MOST_SHOWN)
    )
    return list((await session.exec(query)).all())
