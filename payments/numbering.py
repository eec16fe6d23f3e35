"""New attempts, numbered within their payable. Lock the payable before."""

from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.rows import write
from payments.models import Payable, PaymentAttempt
from payments.payables import without_attempts


async def new_attempt(
    session: AsyncSession,
    payable: Payable,
    *,
    number: int,
    tag: str,
    content: str,
    payers: list[str],
    expires_at: datetime,
    now: datetime,
) -> PaymentAttempt:
    """Its idempotency key is made of what it is, never of the time: a repeat meets itself."""
    attempt = PaymentAttempt(
        shop_id=payable.shop_id, payable_id=payable.key, number=number, content_hash=content,
        idempotency_key=f"{tag}:{payable.reference}:session:{number}:{content[:16]}",
        payers=payers, expires_at=expires_at, created_at=now,
    )  # fmt: skip
    without_attempts(session).discard(payable.key)
    return await write(session, attempt)


async def adopted_attempt(
    session: AsyncSession, payable: Payable, *, now: datetime
) -> PaymentAttempt:
    """For a session of ours that was found at Stripe and that no row stands for."""
    attempt = PaymentAttempt(
        shop_id=payable.shop_id, payable_id=payable.key, content_hash="", idempotency_key="",
        number=await _next_number(session, payable), state="open",
        expires_at=now + timedelta(hours=24), created_at=now, opened_at=now, check_at=now,
    )  # fmt: skip
    without_attempts(session).discard(payable.key)
    return await write(session, attempt)


async def _next_number(session: AsyncSession, payable: Payable) -> int:
    query = select(func.max(PaymentAttempt.number)).where(
        col(PaymentAttempt.payable_id) == payable.key
    )
    return ((await session.exec(query)).one() or 0) + 1
