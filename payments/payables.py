"""What is expected, and the lock that settling, paying and refunding share."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.jobs import enqueue
from core.money import Money
from core.rows import ask
from payments.errors import NothingExpected
from payments.models import Payable, PaymentAttempt

# Made once: to put a statement together costs as much as to run it.
_BY_REFERENCE = select(Payable).where(
    col(Payable.shop_id) == bindparam("shop_id"), col(Payable.reference) == bindparam("reference")
)
_LOCKING = _BY_REFERENCE.with_for_update(key_share=True).execution_options(populate_existing=True)
_ATTEMPTS = (
    select(PaymentAttempt)
    .where(col(PaymentAttempt.payable_id) == bindparam("payable_id"))
    .order_by(col(PaymentAttempt.number).desc())
    .execution_options(populate_existing=True)
)


async def expect(
    session: AsyncSession, shop_id: int, reference: str, amount: Money, *, now: datetime
) -> Payable:
    """Register what is to be paid, in the transaction that places the order.

    Again for the same reference: the amount is renewed and paying is open again.
    """
    if amount.minor <= 0:
        raise ValueError(f"only amounts above zero are paid through Stripe, not {amount}")
    told = {
        "shop_id": shop_id, "reference": reference, "created_at": now,
        "amount_minor": amount.minor, "currency": amount.currency,
    }  # fmt: skip
    rows = await ask(session, _expecting(session.get_bind().dialect.name), told)
    if not rows:
        payable = await _renew(session, shop_id, reference, amount)
    else:
        payable = Payable(**rows[0]._asdict())
        make_transient_to_detached(payable)
        session.add(payable)
        without_attempts(session).add(payable.key)
    _locked(session)[(shop_id, reference)] = payable
    return payable


@cache
def _expecting(dialect: str) -> Any:
    """Put together once for each kind of database: that costs as much as to run it."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    table: Any = inspect(Payable).local_table
    return insert(table).on_conflict_do_nothing().returning(table)


async def _renew(session: AsyncSession, shop_id: int, reference: str, amount: Money) -> Payable:
    renewed = (
        update(Payable)
        .where(col(Payable.shop_id) == shop_id, col(Payable.reference) == reference)
        .values(amount_minor=amount.minor, currency=amount.currency, closed_at=None,
                cancel_wanted_at=None)
        .returning(Payable)
        .execution_options(populate_existing=True, synchronize_session=False)
    )  # fmt: skip
    payable: Payable = (await session.exec(renewed)).scalar_one()
    return payable


def without_attempts(session: AsyncSession) -> set[int]:
    """Ids of payables that this transaction has registered, and to which it has added none yet."""
    ids: set[int] = session.info.setdefault("payables_without_attempts", set())
    return ids


async def find_payable(session: AsyncSession, shop_id: int, reference: str) -> Payable | None:
    return await _find(session, shop_id, reference, lock=False)


async def lock_reference(session: AsyncSession, shop_id: int, reference: str) -> Payable:
    """What this transaction holds already is not asked for again. Raises NothingExpected."""
    payable = _locked(session).get((shop_id, reference))
    if payable is None:
        payable = await _find(session, shop_id, reference, lock=True)
    if payable is None:
        raise NothingExpected()
    _locked(session)[(shop_id, reference)] = payable
    return payable


def _locked(session: AsyncSession) -> dict[tuple[int, str], Payable]:
    mine: dict[tuple[int, str], Payable] = session.info.setdefault("locked_payables", {})
    return mine


async def lock_references(
    session: AsyncSession, shop_id: int, references: Sequence[str]
) -> list[Payable]:
    """Those there are, always locked in the same order."""
    query = (
        select(Payable)
        .where(col(Payable.shop_id) == shop_id, col(Payable.reference).in_(references))
        .order_by(col(Payable.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list((await session.exec(query)).all())


async def lock_payable(session: AsyncSession, payable_id: int) -> Payable:
    query = select(Payable).where(col(Payable.id) == payable_id).with_for_update(key_share=True)
    return (await session.exec(query.execution_options(populate_existing=True))).one()


async def _find(
    session: AsyncSession, shop_id: int, reference: str, *, lock: bool
) -> Payable | None:
    which = {"shop_id": shop_id, "reference": reference}
    return (await session.exec(_LOCKING if lock else _BY_REFERENCE, params=which)).first()


async def live_attempts(session: AsyncSession, payable_id: int) -> list[PaymentAttempt]:
    """Those that can still bring money, the newest first. Lock the payable before."""
    return [one for one in await attempts_of(session, payable_id) if one.is_live]


async def attempts_of(session: AsyncSession, payable_id: int) -> list[PaymentAttempt]:
    """All there ever were, the newest first: an order has few, which the limits see to."""
    if payable_id in without_attempts(session):
        return []
    return list((await session.exec(_ATTEMPTS, params={"payable_id": payable_id})).all())


def end_if_unborn(attempt: PaymentAttempt, now: datetime) -> bool:
    """One whose session nobody has the address of (a crash, a lost answer) cannot bring money
    after the time that session would have ended."""
    if attempt.state != "creating" or attempt.expires_at > now:
        return False
    attempt.state, attempt.ended_at = "expired", now
    return True


async def close(session: AsyncSession, shop_id: int, reference: str, *, now: datetime) -> bool:
    """Let no new payment begin, in the transaction that ends the order unpaid.

    False, and nothing has changed, when money came or can still come: then the order must not
    end. Money that comes all the same (it cannot, but banks surprise) is told as PaymentSucceeded.
    """
    payable = await _find(session, shop_id, reference, lock=True)
    if payable is None:
        return True
    live = [
        attempt
        for attempt in await live_attempts(session, payable.key)
        if not end_if_unborn(attempt, now)
    ]
    if payable.paid_at or payable.mismatched_at or live:
        return False
    payable.closed_at = payable.closed_at or now
    session.add(payable)
    return True


async def cancel(session: AsyncSession, shop_id: int, reference: str, *, now: datetime) -> None:
    """Somebody cancelled: open pay pages are closed by a job, and money that is already under
    way (a SEPA debit cannot be stopped) goes back as soon as it has come."""
    payable = await _find(session, shop_id, reference, lock=True)
    if payable is None or payable.cancel_wanted_at is not None:
        return
    payable.cancel_wanted_at = now
    payable.closed_at = payable.closed_at or now
    session.add(payable)
    await enqueue(
        session, "payments.closing.close_checkouts", {"payable_id": payable.key},
        key=f"payments:close:{payable.key}",
    )  # fmt: skip
