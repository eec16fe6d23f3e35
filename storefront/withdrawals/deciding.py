"""Accepted or rejected: staff decides, the customer is told why and what to do now."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.live import announce
from storefront.events import WithdrawalAccepted, WithdrawalRejected
from storefront.orders.models import Order
from storefront.orders.states import lock_order, note
from storefront.storefronts import find_storefront
from storefront.withdrawals.errors import (
    CaseDecided,
    CaseUnmatched,
    NotALabel,
    ReasonMissing,
    ReturnAddressMissing,
)
from storefront.withdrawals.finding import cases_of, find_label, lock_case
from storefront.withdrawals.goods import CaseGoods, Pieces, choose, goods_of
from storefront.withdrawals.models import ReturnLabel, ReturnWay, Withdrawal

_LARGEST_LABEL = 2 * 2**20


@dataclass(frozen=True, slots=True)
class SendingBack:
    """How the goods come back. A label is a link or a PDF."""

    way: ReturnWay
    link: str = ""
    pdf: bytes | None = None


async def accept(
    session: AsyncSession,
    shop_id: int,
    case_id: int,
    pieces: Pieces,
    back: SendingBack,
    *,
    by: str,
    now: datetime,
) -> Withdrawal:
    """Raises CaseUnmatched, CaseDecided, NoGoodsChosen, TooManyPieces, ReturnAddressMissing,
    NotALabel; then nothing has changed."""
    case = await _undecided(session, shop_id, case_id)
    if case.order_id is None:
        raise CaseUnmatched()
    order = await lock_order(session, shop_id, case.order_id)
    await choose(session, case, order, pieces)
    goods = await goods_of(session, case)
    case.return_way = back.way if are_with_customer(goods) else "none"
    if case.return_way != "none":
        await _check_way(session, case, back)
    case.accepted_at, case.decided_by = now, by
    await _decide(session, case, order, "accepted", by=by, now=now)
    record(session, WithdrawalAccepted(shop_id, case.key, order.key))
    return case


def are_with_customer(goods: list[CaseGoods]) -> bool:
    """Pieces that were never sent need not come back: those are taken off first."""
    return any(one.row.quantity > one.line.to_ship for one in goods)


async def _check_way(session: AsyncSession, case: Withdrawal, back: SendingBack) -> None:
    if back.way == "address":
        window = await find_storefront(session, case.shop_id)
        if not window.return_address.strip():
            raise ReturnAddressMissing()
    elif back.way == "label":
        await set_label(session, case, back)


async def set_label(session: AsyncSession, case: Withdrawal, back: SendingBack) -> None:
    """Raises NotALabel."""
    if back.pdf is not None:
        if not back.pdf.startswith(b"%PDF-") or len(back.pdf) > _LARGEST_LABEL:
            raise NotALabel()
        label = await find_label(session, case)
        label = label or ReturnLabel(withdrawal_id=case.key, shop_id=case.shop_id, pdf=b"")
        label.pdf = back.pdf
        session.add(label)
    elif not back.link.startswith("https://"):
        raise NotALabel()
    case.label_link = back.link if back.link.startswith("https://") else ""


async def reject(
    session: AsyncSession, shop_id: int, case_id: int, *, reason: str, by: str, now: datetime
) -> Withdrawal:
    """Also what fits no order. Raises ReasonMissing, CaseDecided."""
    if not reason.strip():
        raise ReasonMissing()
    case = await _undecided(session, shop_id, case_id)
    order = await lock_order(session, shop_id, case.order_id) if case.order_id else None
    case.rejected_at, case.decided_by, case.reason = now, by, reason
    close(case, by=by, now=now)
    await _decide(session, case, order, "rejected", by=by, now=now, detail=reason)
    record(session, WithdrawalRejected(shop_id, case.key, case.order_id))
    return case


async def _undecided(session: AsyncSession, shop_id: int, case_id: int) -> Withdrawal:
    case = await lock_case(session, shop_id, case_id)
    if not case.is_undecided:
        raise CaseDecided()
    return case


async def _decide(
    session: AsyncSession,
    case: Withdrawal,
    order: Order | None,
    what: str,
    *,
    by: str,
    detail: str = "",
    now: datetime,
) -> None:
    session.add(case)
    announce(session, case.shop_id, "orders", {"withdrawal": case.key}, now=now)
    if order is not None:
        if not any(one.is_undecided and one.is_lawful for one in await cases_of(session, order)):
            order.calm("withdrawal")
        note(session, order, happened(case, what), by=by, detail=detail, now=now)


def happened(case: Withdrawal, what: str) -> str:
    """As the order's history calls it: `withdrawal_accepted`, `return_accepted`."""
    return f"{'withdrawal' if case.is_lawful else 'return'}_{what}"


def close(case: Withdrawal, *, by: str, now: datetime) -> None:
    """Nothing more is to be done; the same may be declared anew."""
    case.handled_at, case.handled_by, case.open_mark = now, by, None
