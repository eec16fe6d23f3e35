"""The money of a case goes back, the way it came: one change of the order."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.live import announce
from core.shops import Shop
from storefront.changes.confirming import confirm
from storefront.changes.proposing import propose
from storefront.orders.ending import cancel
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import Order
from storefront.orders.states import lock_order, note
from storefront.withdrawals.deciding import close, happened
from storefront.withdrawals.errors import CaseClosed, CaseUndecided, PaidBackAlready
from storefront.withdrawals.finding import lock_case
from storefront.withdrawals.goods import CaseGoods, goods_of, is_whole_order
from storefront.withdrawals.models import Withdrawal, kind_of
from storefront.withdrawals.worth import actions_of


async def pay_back(
    session: AsyncSession, shop: Shop, case_id: int, *, by: str, now: datetime
) -> Withdrawal:
    """Before the goods are here it is the shop's free choice. An unpaid order withdrawn from is
    cancelled, in part changed.

    Raises CaseUndecided, PaidBackAlready, CaseClosed, and what a change, a cancellation or a
    refund can raise; then nothing has changed.
    """
    case = await lock_case(session, shop.key, case_id)
    _check(case)
    order = await get_order(session, shop.key, case.order_id or 0)
    if order.state not in ("cancelled", "expired"):
        await _change(session, shop, case, order, by=by, now=now)
    case.paid_back_at = now
    if case.return_way == "none" or case.goods_at is not None:
        close(case, by=by, now=now)
    session.add(case)
    announce(session, shop.key, "orders", {"withdrawal": case.key}, now=now)
    locked = await lock_order(session, shop.key, order.key)
    note(session, locked, happened(case, "settled"), by=by, now=now)
    return case


def _check(case: Withdrawal) -> None:
    if case.paid_back_at is not None:
        raise PaidBackAlready()
    if case.handled_at is not None:
        raise CaseClosed()
    if case.accepted_at is None:
        raise CaseUndecided()


async def _change(
    session: AsyncSession, shop: Shop, case: Withdrawal, order: Order, *, by: str, now: datetime
) -> None:
    actions, reason = await actions_of(session, order, case), case.scope[:300]
    if order.paid_at is None and await _is_whole(session, order, case):
        await cancel(session, shop.key, order.key, by=by, reason=reason, now=now)
        return
    draft = await propose(
        session, shop, order.key, kind_of(case), actions, reason=reason, by=by, now=now
    )  # fmt: skip
    settled = await confirm(session, shop, draft.key, by=by, now=now)
    case.change_id, case.paid_back_minor = settled.key, settled.to_refund_minor


async def _is_whole(session: AsyncSession, order: Order, case: Withdrawal) -> bool:
    pieces = {one.line.key: one.row.quantity for one in await goods_of(session, case)}
    return is_whole_order(await lines_of(session, order), pieces)


def is_settled_at_once(case: Withdrawal, goods: list[CaseGoods]) -> bool:
    """Accepted, and nothing of it was ever sent: the money need not wait for anything."""
    if case.accepted_at is None or case.paid_back_at is not None or case.handled_at is not None:
        return False
    return all(one.row.quantity <= one.line.to_ship for one in goods)


async def close_case(
    session: AsyncSession, shop_id: int, case_id: int, *, by: str, now: datetime
) -> Withdrawal:
    """Done without money: exchanged, repaired, or agreed otherwise. An accepted withdrawal ends
    with its money only. Raises CaseClosed, CaseUndecided."""
    case = await lock_case(session, shop_id, case_id)
    if case.handled_at is not None:
        raise CaseClosed()
    if case.is_lawful and case.paid_back_at is None:
        raise CaseUndecided()
    close(case, by=by, now=now)
    session.add(case)
    announce(session, shop_id, "orders", {"withdrawal": case.key}, now=now)
    return case
