"""A case as its pages show it, to the buyer and at the counter."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop
from storefront.models import Storefront
from storefront.orders.finding import get_order
from storefront.orders.models import Order
from storefront.withdrawals.deadlines import Deadline, deadline, send_back_until
from storefront.withdrawals.finding import CaseWord, cases_of, find_label, word_of
from storefront.withdrawals.goods import CaseGoods, choosable, goods_of
from storefront.withdrawals.models import Withdrawal
from storefront.withdrawals.period import (
    Offer,
    arrival_of,
    is_in_time,
    offer_of,
    withdrawable_until,
)
from storefront.withdrawals.worth import Worth, worth_of


@dataclass(frozen=True, slots=True)
class CaseView:
    """`until` is the last day on which the contract could be withdrawn from, `in_time` whether it
    was; both None where no order is matched, `until` also while pieces are still to come."""

    case: Withdrawal
    word: CaseWord
    deadline: Deadline
    send_until: date
    order: Order | None = None
    goods: tuple[CaseGoods, ...] = ()
    worth: Worth | None = None
    has_label: bool = False
    until: date | None = None
    in_time: bool | None = None


async def view_of(
    session: AsyncSession, shop: Shop, window: Storefront, case: Withdrawal, *, now: datetime
) -> CaseView:
    order = await get_order(session, shop.key, case.order_id) if case.order_id else None
    arrived = await arrival_of(session, order, window) if order else None
    until = withdrawable_until(shop, window, arrived)
    return CaseView(
        case=case,
        word=word_of(case),
        deadline=deadline(case, shop.timezone, now=now),
        send_until=send_back_until(case, shop.timezone),
        order=order,
        goods=tuple(await goods_of(session, case)),
        worth=await worth_of(session, order, case, now=now) if order else None,
        has_label=await find_label(session, case) is not None,
        until=until,
        in_time=is_in_time(until, case.received_at, shop.timezone) if order else None,
    )


async def views_of(
    session: AsyncSession, shop: Shop, window: Storefront, order: Order, *, now: datetime
) -> list[CaseView]:
    """All of an order's cases."""
    return [
        await view_of(session, shop, window, case, now=now)
        for case in await cases_of(session, order)
    ]


async def offer_for(
    session: AsyncSession, shop: Shop, window: Storefront, order: Order, *, now: datetime
) -> Offer | None:
    """How the order's page offers to withdraw."""
    left = [one for one in await choosable(session, order) if one.left]
    until = withdrawable_until(shop, window, await arrival_of(session, order, window))
    return offer_of(shop, order, until, left, now=now)
