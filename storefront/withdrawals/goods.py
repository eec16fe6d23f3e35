"""Which lines and pieces a case is about, and which can still be named in one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.changes.errors import LineUnknown
from storefront.orders.finding import lines_of
from storefront.orders.models import Order, OrderLine
from storefront.withdrawals.errors import NoGoodsChosen, TooManyPieces
from storefront.withdrawals.exemptions import WITHOUT_RIGHT
from storefront.withdrawals.models import Withdrawal, WithdrawalLine

Pieces = Mapping[int, int]
"""How many pieces of which line of the order."""


@dataclass(frozen=True, slots=True)
class Choosable:
    """A line of the order with the pieces that are in no other case."""

    line: OrderLine
    left: int

    @property
    def has_right(self) -> bool:
        return self.line.no_withdrawal not in WITHOUT_RIGHT


@dataclass(frozen=True, slots=True)
class CaseGoods:
    """A line of the order as a case has it."""

    line: OrderLine
    row: WithdrawalLine


async def choosable(
    session: AsyncSession, order: Order, *, besides: int | None = None
) -> list[Choosable]:
    """`besides` is the case being edited: its own pieces are free for it."""
    elsewhere = await _in_open_cases(session, order, besides)
    return [
        Choosable(line, max(0, line.quantity - elsewhere.get(line.key, 0)))
        for line in await lines_of(session, order)
        if line.quantity
    ]


async def _in_open_cases(session: AsyncSession, order: Order, besides: int | None) -> Pieces:
    """What is paid back has left the order's lines already; what was rejected is free again."""
    query = (
        select(col(WithdrawalLine.order_line_id), func.sum(WithdrawalLine.quantity))
        .join(Withdrawal, col(Withdrawal.id) == col(WithdrawalLine.withdrawal_id))
        .where(
            col(Withdrawal.order_id) == order.key,
            col(Withdrawal.handled_at).is_(None),
            col(Withdrawal.paid_back_at).is_(None),
        )
        .group_by(col(WithdrawalLine.order_line_id))
    )
    if besides is not None:
        query = query.where(col(Withdrawal.id) != besides)
    return {line_id: int(pieces) for line_id, pieces in (await session.exec(query)).all()}


async def choose(
    session: AsyncSession, case: Withdrawal, order: Order, pieces: Pieces
) -> list[WithdrawalLine]:
    """The case is about these from now on. Raises NoGoodsChosen, LineUnknown,
    TooManyPieces."""
    wanted = {line_id: number for line_id, number in pieces.items() if number}
    free = {one.line.key: one for one in await choosable(session, order, besides=case.id)}
    if not wanted or min(wanted.values()) < 0:
        raise NoGoodsChosen()
    if not wanted.keys() <= free.keys():
        raise LineUnknown()
    for line_id, number in wanted.items():
        if number > free[line_id].left:
            raise TooManyPieces(left=free[line_id].left, name=free[line_id].line.name)
    await session.exec(
        delete(WithdrawalLine)
        .where(col(WithdrawalLine.withdrawal_id) == case.key)
        .execution_options(synchronize_session=False)
    )
    rows = [
        WithdrawalLine(
            shop_id=case.shop_id, withdrawal_id=case.key, order_line_id=line_id, quantity=number
        )
        for line_id, number in sorted(wanted.items())
    ]
    session.add_all(rows)
    await session.flush()
    return rows


async def goods_of(session: AsyncSession, case: Withdrawal) -> list[CaseGoods]:
    query = (
        select(OrderLine, WithdrawalLine)
        .join(WithdrawalLine, col(WithdrawalLine.order_line_id) == col(OrderLine.id))
        .where(col(WithdrawalLine.withdrawal_id) == case.key)
        .order_by(col(OrderLine.id))
    )
    return [CaseGoods(line, row) for line, row in (await session.exec(query)).all()]


def is_whole_order(lines: Sequence[OrderLine], pieces: Pieces) -> bool:
    """Nothing is left that the customer keeps: then the shipping goes back too (§357 Abs. 2)."""
    return all(line.quantity <= pieces.get(line.key, 0) for line in lines)


def summary(goods: Sequence[CaseGoods]) -> str:
    """`2 × Vase, 1 × Rote Rosen`: as the receipt and the counter's list say it."""
    return ", ".join(f"{one.row.quantity} × {one.line.name}" for one in goods)
