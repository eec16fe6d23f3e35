"""Money back: the row first, then a job that asks Stripe, so that none is lost or doubled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.jobs import enqueue
from core.money import Money
from payments.amounts import to_stripe
from payments.errors import (
    DisputeOpen,
    NothingExpected,
    NothingToRefund,
    RefundTooLarge,
)
from payments.ledger import refundable
from payments.models import Dispute, Payable, Refund, RefundCause
from payments.payables import find_payable, lock_references

REFUND_PATIENCE = timedelta(minutes=10)


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
    refunds = await request_refunds(
        session, shop_id, [reference], amount, reason=reason, by=by, now=now
    )
    return refunds[0]


async def request_refunds(
    session: AsyncSession,
    shop_id: int,
    references: Sequence[str],
    amount: Money | None,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> list[Refund]:
    """The same over several references, the oldest money first. Raises as `request_refund`."""
    payables = await lock_references(session, shop_id, references)
    if not payables:
        raise NothingExpected()
    left: list[tuple[Payable, str, Money]] = []
    for payable in payables:
        await check_disputes(session, payable)
        left += [(payable, *one) for one in await refundable(session, payable)]
    if not left:
        raise NothingToRefund()
    parts = left if amount is None else _take(left, amount)
    return [
        await write_refund(
            session, payable, intent_id, part, cause="asked", reason=reason, by=by, now=now
        )
        for payable, intent_id, part in parts
    ]


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
        await write_refund(
            session, payable, intent_id, amount, cause=cause, reason="", by="automatic", now=now
        )


def _take(
    left: Sequence[tuple[Payable, str, Money]], amount: Money
) -> list[tuple[Payable, str, Money]]:
    fitting = [one for one in left if one[2].currency == amount.currency]
    whole = sum(rest.minor for _, _, rest in fitting)
    if amount.minor < 1 or not fitting:
        raise NothingToRefund()
    if amount.minor > whole:
        raise RefundTooLarge(rest=f"{Money(whole, amount.currency).amount} {amount.currency}")
    parts, missing = [], amount.minor
    for payable, intent, rest in fitting:
        part = min(missing, rest.minor)
        if part:
            parts.append((payable, intent, Money(part, amount.currency)))
        missing -= part
    return parts


async def check_disputes(session: AsyncSession, payable: Payable) -> None:
    """While a dispute is open Stripe holds the money; an inquiry (warning_…) holds nothing."""
    query = select(Dispute).where(
        col(Dispute.payable_id) == payable.key,
        col(Dispute.closed_at).is_(None),
        col(Dispute.status).not_like("warning%"),
    )
    if (await session.exec(query)).first() is not None:
        raise DisputeOpen()


async def write_refund(
    session: AsyncSession,
    payable: Payable,
    intent_id: str,
    amount: Money,
    *,
    cause: str,
    reason: str,
    by: str,
    now: datetime,
) -> Refund:
    to_stripe(amount)
    refund = Refund(
        shop_id=payable.shop_id, payable_id=payable.key, intent_id=intent_id,
        amount_minor=amount.minor, currency=amount.currency,
        cause=await cause_for(session, payable, intent_id, cause), reason=reason[:300],
        requested_by=by, requested_at=now, check_at=now + REFUND_PATIENCE,
    )  # fmt: skip
    session.add(refund)
    await session.flush()
    await send_later(session, refund.key)
    return refund


async def cause_for(session: AsyncSession, payable: Payable, intent_id: str, cause: str) -> str:
    """A payment that nobody wanted stays one, whoever gives it back in the end."""
    unwanted = select(Refund.cause).where(
        col(Refund.payable_id) == payable.key,
        col(Refund.intent_id) == intent_id,
        col(Refund.cause).in_(("second_payment", "order_cancelled")),
    )
    return (await session.exec(unwanted.limit(1))).first() or cause


async def send_later(session: AsyncSession, refund_id: int) -> None:
    name = f"payments:refund:{refund_id}"
    await enqueue(
        session, "payments.giving_back.send_refund", {"refund_id": refund_id}, key=name, lock=name
    )


async def list_refunds(session: AsyncSession, shop_id: int, reference: str) -> list[Refund]:
    payable = await find_payable(session, shop_id, reference)
    if payable is None:
        return []
    query = select(Refund).where(col(Refund.payable_id) == payable.key).order_by(col(Refund.id))
    return list((await session.exec(query)).all())
