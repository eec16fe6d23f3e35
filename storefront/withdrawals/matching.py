"""Which order a declaration is about: found by number and e-mail, or said by staff."""

import re
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.jobs import enqueue
from storefront.events import WithdrawalReceived
from storefront.orders.finding import list_orders
from storefront.orders.models import Order
from storefront.orders.states import lock_order
from storefront.withdrawals.errors import CaseDecided
from storefront.withdrawals.finding import lock_case
from storefront.withdrawals.models import Withdrawal
from storefront.withdrawals.receiving import file_under


async def on_withdrawal_received(session: AsyncSession, event: WithdrawalReceived) -> None:
    if event.order_id is None:
        await enqueue(
            session, file_declaration,
            {"shop_id": event.shop_id, "withdrawal_id": event.withdrawal_id},
            key=f"withdrawal:{event.withdrawal_id}:file",
        )  # fmt: skip


async def file_declaration(db: Database, clock: Clock, *, shop_id: int, withdrawal_id: int) -> None:
    """Job. What fits no order stays for a person to assign."""
    async with db.transaction() as session:
        case = await lock_case(session, shop_id, withdrawal_id)
        order = await _order_meant(session, case) if case.order_id is None else None
        if order is not None:
            locked = await lock_order(session, shop_id, order.key)
            file_under(session, case, locked, now=clock())


async def _order_meant(session: AsyncSession, case: Withdrawal) -> Order | None:
    """By a number in what was written, but only together with the e-mail it was ordered with."""
    for number in re.findall(r"\d{1,9}", case.contract, re.ASCII)[:5]:
        query = select(Order).where(
            col(Order.shop_id) == case.shop_id,
            col(Order.number) == int(number),
            func.lower(col(Order.email)) == case.email,
        )
        found = (await session.exec(query)).first()
        if found is not None:
            return found
    return None


async def assign(
    session: AsyncSession, shop_id: int, case_id: int, order_id: int, *, now: datetime
) -> Withdrawal:
    """By staff. Raises OrderUnknown, WithdrawalUnknown, CaseDecided."""
    case = await lock_case(session, shop_id, case_id)
    if not case.is_undecided or case.order_id is not None:
        raise CaseDecided()
    file_under(session, case, await lock_order(session, shop_id, order_id), now=now)
    return case


async def candidates(session: AsyncSession, case: Withdrawal, text: str) -> list[Order]:
    """What was searched for; without a search, orders by the same e-mail or under the same name."""
    if text.strip():
        return await list_orders(session, case.shop_id, text=text, limit=8)
    same = or_(
        func.lower(col(Order.email)) == case.email, func.lower(col(Order.name)) == case.name.lower()
    )
    query = select(Order).where(col(Order.shop_id) == case.shop_id, same)
    return list((await session.exec(query.order_by(col(Order.id).desc()).limit(8))).all())
