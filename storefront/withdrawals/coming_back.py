"""Goods on their way back: shown to be sent, arrived, looked over, put back on the shelf."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.live import announce
from core.money import Money
from storefront.events import ReturnArrived
from storefront.orders.finding import pieces_in
from storefront.orders.models import Order
from storefront.orders.states import lock_order, note
from storefront.stocktaking import adjust
from storefront.withdrawals.deadlines import is_awaited
from storefront.withdrawals.deciding import close, happened
from storefront.withdrawals.errors import (
    CaseUndecided,
    GoodsNotAwaited,
    LostTooMuch,
    NoGoodsChosen,
    ReasonMissing,
    TooManyPieces,
)
from storefront.withdrawals.finding import lock_case
from storefront.withdrawals.goods import CaseGoods, goods_of
from storefront.withdrawals.models import Withdrawal
from storefront.withdrawals.worth import worth_of_pieces


@dataclass(frozen=True, slots=True)
class Arrived:
    """Of one line: `pieces` came, `sellable` of them can be sold again."""

    pieces: int
    sellable: int
    lost_minor: int = 0
    reason: str = ""


async def note_proof(
    session: AsyncSession, shop_id: int, case_id: int, *, proof: str, by: str, now: datetime
) -> Withdrawal:
    """The customer has shown that the goods are on their way: the shop may wait no longer.

    Raises CaseUndecided, GoodsNotAwaited.
    """
    case = await _awaiting(session, shop_id, case_id)
    if not is_awaited(case):
        raise GoodsNotAwaited()
    case.proof_at, case.proof = now, proof
    await _tell(session, case, "proof", by=by, detail=proof, now=now)
    return case


async def receive_goods(
    session: AsyncSession,
    shop_id: int,
    case_id: int,
    arrived: Mapping[int, Arrived],
    *,
    by: str,
    now: datetime,
) -> Withdrawal:
    """By line of the order. Where the money has gone back already, what can be sold again goes
    back on the shelf now; else when the refund is made.

    Raises CaseUndecided, GoodsNotAwaited, NoGoodsChosen, TooManyPieces, LostTooMuch,
    ReasonMissing; then nothing has changed.
    """
    case = await _awaiting(session, shop_id, case_id)
    goods = await goods_of(session, case)
    currency = (await lock_order(session, shop_id, case.order_id or 0)).currency
    for one in goods:
        _write(session, one, arrived.get(one.line.key, Arrived(0, 0)), currency)
    if not any(one.row.received for one in goods):
        raise NoGoodsChosen()
    case.goods_at, case.goods_by = now, by
    order = await _tell(session, case, "arrived", by=by, now=now)
    if case.paid_back_at is not None:
        await _shelve(session, order, goods, by=by, now=now)
        close(case, by=by, now=now)
    record(session, ReturnArrived(shop_id, case.key, order.key))
    return case


async def _awaiting(session: AsyncSession, shop_id: int, case_id: int) -> Withdrawal:
    case = await lock_case(session, shop_id, case_id)
    if case.accepted_at is None:
        raise CaseUndecided()
    if case.return_way == "none" or case.goods_at is not None or case.handled_at is not None:
        raise GoodsNotAwaited()
    return case


def _write(session: AsyncSession, one: CaseGoods, came: Arrived, currency: str) -> None:
    row, line = one.row, one.line
    if not 0 <= came.sellable <= came.pieces <= row.quantity:
        raise TooManyPieces(left=row.quantity, name=line.name)
    most = worth_of_pieces(line, came.pieces, currency)
    if came.lost_minor > most:
        raise LostTooMuch(most=Money(most, currency))
    if came.lost_minor and not came.reason:
        raise ReasonMissing()
    row.received, row.restocked = came.pieces, came.sellable
    row.lost_minor, row.lost_reason = came.lost_minor, came.reason
    session.add(row)


async def _shelve(
    session: AsyncSession, order: Order, goods: list[CaseGoods], *, by: str, now: datetime
) -> None:
    for one in goods:
        for variant_id, pieces in sorted(pieces_in(one.line, one.row.restocked).items()):
            await adjust(
                session, order.shop_id, variant_id, pieces,
                reason=f"#{order.number}", by=by, now=now,
            )  # fmt: skip


async def _tell(
    session: AsyncSession, case: Withdrawal, what: str, *, by: str, detail: str = "", now: datetime
) -> Order:
    session.add(case)
    announce(session, case.shop_id, "orders", {"withdrawal": case.key}, now=now)
    order = await lock_order(session, case.shop_id, case.order_id or 0)
    note(session, order, happened(case, what), by=by, detail=detail, now=now)
    return order
