"""The money that moved, and what follows from it: payment states are computed, never stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money
from payments.models import (
    DEAD_REFUNDS,
    EntryKind,
    LedgerEntry,
    Payable,
    PaymentAttempt,
    Refund,
)
from payments.payables import find_payable

StandingWord = Literal[
    "unpaid", "processing", "paid", "partly", "over", "partly_refunded", "refunded", "disputed"
]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reference stands. `refunded` counts what Stripe has taken on and not failed at."""

    word: StandingWord
    expected: Money
    captured: Money
    refunded: Money
    disputed: Money
    refundable: Money


async def add_entry(
    session: AsyncSession,
    payable: Payable,
    kind: EntryKind,
    stripe_id: str,
    amount: Money,
    *,
    intent_id: str | None,
    now: datetime,
) -> bool:
    """False if this movement stands there already: the unique Stripe id decides."""
    insert: Any = (
        postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    )
    statement = (
        insert(LedgerEntry)
        .values(
            shop_id=payable.shop_id, payable_id=payable.key, kind=kind, stripe_id=stripe_id,
            intent_id=intent_id, amount_minor=amount.minor, currency=amount.currency,
            recorded_at=now,
        )
        .on_conflict_do_nothing(index_elements=["shop_id", "stripe_id"])
        .returning(col(LedgerEntry.id))
    )  # fmt: skip
    return (await session.exec(statement)).first() is not None


async def paid(session: AsyncSession, shop_id: int, reference: str, currency: str) -> Money:
    """What came in and has not gone back. Disputed money is still counted: see `standing`."""
    payable = await find_payable(session, shop_id, reference)
    if payable is None:
        return Money(0, currency)
    sums = await _sums(session, payable.key, currency)
    return Money(sums["capture"] - _refunded(sums), currency)


async def standing(session: AsyncSession, shop_id: int, reference: str) -> Standing | None:
    """None where nothing was ever expected (an order of zero, for one)."""
    payable = await find_payable(session, shop_id, reference)
    if payable is None:
        return None
    currency = payable.currency
    sums = await _sums(session, payable.key, currency)
    captured = sums["capture"]
    refunded = _refunded(sums)
    disputed = -(sums["dispute"] + sums["dispute_returned"])
    rest = sum(
        amount.minor
        for _, amount in await refundable(session, payable)
        if amount.currency == currency
    )
    return Standing(
        word=_word(
            payable.amount_minor, captured, refunded, disputed,
            is_processing=await _is_processing(session, payable.key),
        ),
        expected=payable.amount,
        captured=Money(captured, currency),
        refunded=Money(refunded, currency),
        disputed=Money(disputed, currency),
        refundable=Money(rest, currency),
    )  # fmt: skip


def _word(
    expected: int, captured: int, refunded: int, disputed: int, *, is_processing: bool
) -> StandingWord:
    if captured == 0:
        return "processing" if is_processing else "unpaid"
    if disputed > 0:
        return "disputed"
    if refunded > 0:
        return "refunded" if refunded >= captured else "partly_refunded"
    if captured == expected:
        return "paid"
    return "over" if captured > expected else "partly"


async def _sums(session: AsyncSession, payable_id: int, currency: str) -> dict[str, int]:
    query = (
        select(LedgerEntry.kind, func.sum(LedgerEntry.amount_minor))
        .where(col(LedgerEntry.payable_id) == payable_id, col(LedgerEntry.currency) == currency)
        .group_by(col(LedgerEntry.kind))
    )
    sums = dict.fromkeys(get_args(EntryKind), 0)
    return sums | {kind: int(amount) for kind, amount in (await session.exec(query)).all()}


def _refunded(sums: dict[str, int]) -> int:
    """What a failed refund had taken out came back; what the shop paid itself did not."""
    return -(sums["refund"] + sums["refund_failed"] + sums["refund_elsewhere"])


async def _is_processing(session: AsyncSession, payable_id: int) -> bool:
    query = select(PaymentAttempt.id).where(
        col(PaymentAttempt.payable_id) == payable_id, col(PaymentAttempt.state) == "processing"
    )
    return (await session.exec(query.limit(1))).first() is not None


async def captures(session: AsyncSession, payable_id: int) -> list[LedgerEntry]:
    query = select(LedgerEntry).where(
        col(LedgerEntry.payable_id) == payable_id, col(LedgerEntry.kind) == "capture"
    )
    return list((await session.exec(query.order_by(col(LedgerEntry.id)))).all())


async def find_capture(session: AsyncSession, shop_id: int, intent_id: str) -> LedgerEntry | None:
    query = select(LedgerEntry).where(
        col(LedgerEntry.shop_id) == shop_id,
        col(LedgerEntry.intent_id) == intent_id,
        col(LedgerEntry.kind) == "capture",
    )
    return (await session.exec(query)).first()


async def refundable(session: AsyncSession, payable: Payable) -> list[tuple[str, Money]]:
    """What is left of each capture (by its intent): refunds count from their request on, and
    what the shop has paid back itself where they failed."""
    alive = select(Refund.intent_id, Refund.amount_minor).where(
        col(Refund.payable_id) == payable.key, col(Refund.state).not_in(DEAD_REFUNDS)
    )
    elsewhere = select(LedgerEntry.intent_id, -col(LedgerEntry.amount_minor)).where(
        col(LedgerEntry.payable_id) == payable.key, col(LedgerEntry.kind) == "refund_elsewhere"
    )
    back = [*(await session.exec(alive)).all(), *(await session.exec(elsewhere)).all()]
    left = []
    for capture in await captures(session, payable.key):
        if capture.intent_id is None:
            continue
        gone = sum(amount for intent_id, amount in back if intent_id == capture.intent_id)
        rest = capture.amount_minor - gone
        if rest > 0:
            left.append((capture.intent_id, Money(rest, capture.currency)))
    return left
