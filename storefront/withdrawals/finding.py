"""Cases: found, listed with the most pressing first, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.orders.models import Order
from storefront.withdrawals.deadlines import Deadline, deadline, is_awaited
from storefront.withdrawals.errors import WithdrawalUnknown
from storefront.withdrawals.models import ReturnLabel, Withdrawal

SHOWN = ("open", "closed")
_MOST = 500
CaseWord = Literal["new", "waiting", "to_pay", "paid", "rejected", "closed"]


@dataclass(frozen=True, slots=True)
class Listed:
    case: Withdrawal
    order: Order | None
    deadline: Deadline
    word: CaseWord


def word_of(case: Withdrawal) -> CaseWord:
    """The one word that is shown, derived from all that is known."""
    if case.rejected_at is not None:
        return "rejected"
    if case.paid_back_at is not None:
        return "paid"
    if case.handled_at is not None:
        return "closed"
    if case.accepted_at is None:
        return "new"
    return "waiting" if is_awaited(case) else "to_pay"


async def get_case(session: AsyncSession, shop_id: int, case_id: int) -> Withdrawal:
    case = await session.get(Withdrawal, case_id)
    if case is None or case.shop_id != shop_id:
        raise WithdrawalUnknown()
    return case


async def lock_case(session: AsyncSession, shop_id: int, case_id: int) -> Withdrawal:
    """Read anew and locked until the transaction ends. A case is locked before its order."""
    query = select(Withdrawal).where(
        col(Withdrawal.id) == case_id, col(Withdrawal.shop_id) == shop_id
    )
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    case = (await session.exec(locked)).first()
    if case is None:
        raise WithdrawalUnknown()
    return case


async def cases_of(session: AsyncSession, order: Order) -> list[Withdrawal]:
    query = select(Withdrawal).where(col(Withdrawal.order_id) == order.key)
    return list((await session.exec(query.order_by(col(Withdrawal.id)))).all())


async def list_cases(
    session: AsyncSession, shop_id: int, zone: str, *, show: str = "open", now: datetime
) -> list[Listed]:
    """The open ones by their deadline, those overdue on top; the closed ones, the newest first."""
    query = (
        select(Withdrawal, Order)
        .outerjoin(Order, col(Order.id) == col(Withdrawal.order_id))
        .where(col(Withdrawal.shop_id) == shop_id, _shown(show))
        .order_by(col(Withdrawal.id) if show == "open" else col(Withdrawal.id).desc())
        .limit(_MOST)
    )
    found = [
        Listed(case, order, deadline(case, zone, now=now), word_of(case))
        for case, order in (await session.exec(query)).all()
    ]
    return sorted(found, key=_press) if show == "open" else found


def _press(one: Listed) -> tuple[int, int, int]:
    """Who waits for us before who waits for goods before what no law presses."""
    rank = {"held": 1, "agreed": 2, "done": 3}.get(one.deadline.word, 0)
    return (rank, one.deadline.days, one.case.key)


def _shown(show: str) -> ColumnElement[bool]:
    closed = col(Withdrawal.handled_at)
    return closed.is_not(None) if show == "closed" else closed.is_(None)


async def count_cases(session: AsyncSession, shop_id: int, show: str) -> int:
    query = select(func.count()).select_from(Withdrawal)
    return (await session.exec(query.where(col(Withdrawal.shop_id) == shop_id, _shown(show)))).one()


async def pressing(
    session: AsyncSession, shop_id: int, zone: str, *, now: datetime
) -> Sequence[Listed]:
    """Whose money must go back today, or should have: for the counter's first page."""
    return [one for one in await list_cases(session, shop_id, zone, now=now)
            if one.deadline.presses]  # fmt: skip


async def find_label(session: AsyncSession, case: Withdrawal) -> ReturnLabel | None:
    return await session.get(ReturnLabel, case.key)
