"""The way to Stripe's pay page: one payable session for each reference, never two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from payments.accounts import check_takes_money, get_account
from payments.amounts import check_payable
from payments.clients import Stripes
from payments.closing import close_attempt
from payments.errors import (
    AlreadyPaid,
    CheckoutClosed,
    PaymentInQuestion,
    PaymentOnItsWay,
    PaymentsUnavailable,
)
from payments.limits import NOBODY, Payer, spend_page
from payments.models import Payable, PaymentAttempt, StripeAccount
from payments.numbering import new_attempt
from payments.opening import create_session
from payments.pay_page import CheckoutOrder, content_hash
from payments.payables import attempts_of, expect, lock_reference
from payments.settling import settle

__all__ = ["CheckoutOrder", "Payer", "expect", "open_checkout"]

# Stripe docs: expires_at lies between 30 minutes and 24 hours after creation. Five minutes are left
# for clocks that differ.
SHORTEST = timedelta(minutes=35)
LONGEST = timedelta(hours=23, minutes=55)
# A page that closes under the buyer's hands is worse than a new one.
WORTH_REUSING = timedelta(minutes=5)
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """Either `use` an attempt that shows the right content, or close others first."""

    account: StripeAccount
    payable: Payable
    use: PaymentAttempt | None = None
    close: Sequence[PaymentAttempt] = ()


async def open_checkout(
    db: Database,
    stripes: Stripes,
    *,
    shop_id: int,
    reference: str,
    order: CheckoutOrder,
    clock: Clock,
    payer: Payer = NOBODY,
    plan: Plan | None = None,
) -> str:
    """The address of a pay page for this order, never inside a transaction. `plan`: if one has
    just been committed.

    Raises AlreadyPaid, PaymentOnItsWay, PaymentInQuestion, CheckoutClosed, NothingExpected,
    AmountTooSmall, AmountNotPayable, TooManyPayPages, TooManyTries, PaymentsNotSetUp,
    PaymentsPaused, PaymentsRefused, PaymentsUnavailable.
    """
    for _ in range(_ROUNDS):
        if plan is None:
            async with db.transaction() as session:
                plan = await plan_checkout(session, shop_id, reference, order, payer, now=clock())
        url = await _follow(db, stripes, clock, plan, order)
        if url is not None:
            return url
        plan = None
    raise PaymentsUnavailable(reason="the order's payments kept changing")


async def _follow(
    db: Database, stripes: Stripes, clock: Clock, plan: Plan, order: CheckoutOrder
) -> str | None:
    """None where it has to be planned anew."""
    for attempt in plan.close:
        await close_attempt(db, stripes, clock, attempt_id=attempt.key, replaced=True)
    if plan.use is None:
        return None
    if plan.use.state == "open":
        await settle(db, stripes, clock, attempt_id=plan.use.key)
        return await _still_open(db, plan.use.key)
    return await create_session(
        db, stripes, clock, plan.use, order, account=plan.account, payable=plan.payable
    )  # fmt: skip


async def plan_checkout(
    session: AsyncSession,
    shop_id: int,
    reference: str,
    order: CheckoutOrder,
    payer: Payer,
    *,
    now: datetime,
) -> Plan:
    """What `open_checkout` is going to do; for the transaction that places the order, which then
    is not followed by another. Raises what that raises of limits, state and account, and then
    has written nothing but tries that are counted."""
    payable = await lock_reference(session, shop_id, reference)
    # First of all: what was paid may have changed since.
    _check_open(payable)
    if order.total_minor != payable.amount_minor:
        raise ValueError(f"{reference}: lines and shipping do not add up to what is expected")
    check_payable(payable.amount, order.locale)
    account = await get_account(session, shop_id)
    check_takes_money(account)
    former = await attempts_of(session, payable.key)
    live = [attempt for attempt in former if attempt.is_live]
    if any(attempt.state == "processing" for attempt in live):
        raise PaymentOnItsWay()
    content = content_hash(order, payable.amount)
    fitting = [attempt for attempt in live if _can_use(attempt, content, now)]
    others = [attempt for attempt in live if attempt not in fitting[:1]]
    if others:
        return Plan(account, payable, close=others)
    if fitting:
        return Plan(account, payable, use=fitting[0])
    made = await new_attempt(
        session, payable, number=former[0].number + 1 if former else 1, tag=account.tag,
        content=content, now=now,
        payers=await spend_page(session, account, reference, payer, now=now),
        expires_at=min(max(order.expires_at, now + SHORTEST), now + LONGEST),
    )  # fmt: skip
    return Plan(account, payable, use=made)


def _check_open(payable: Payable) -> None:
    if payable.paid_at is not None:
        raise AlreadyPaid()
    if payable.mismatched_at is not None:
        raise PaymentInQuestion()
    if payable.closed_at is not None or payable.cancel_wanted_at is not None:
        raise CheckoutClosed()


def _can_use(attempt: PaymentAttempt, content: str, now: datetime) -> bool:
    """One that is being created may have been left behind by a crash: its key leads to the same
    session again, as long as Stripe still takes its end."""
    needed = WORTH_REUSING if attempt.state == "open" else timedelta(minutes=30, seconds=10)
    is_same = attempt.content_hash == content and attempt.replaced_at is None
    return is_same and attempt.expires_at - now >= needed


async def _still_open(db: Database, attempt_id: int) -> str | None:
    async with db.reading() as session:
        attempt = await session.get_one(PaymentAttempt, attempt_id)
    return attempt.url if attempt.state == "open" else None
