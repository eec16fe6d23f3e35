"""Declarations of withdrawal (§356a BGB): taken without an account, confirmed at once."""

import re
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import NotFound
from core.events import record
from core.live import announce
from storefront.events import WithdrawalReceived
from storefront.forms import WithdrawalForm
from storefront.orders.models import Order, Withdrawal
from storefront.orders.states import lock_order, note


class WithdrawalUnknown(NotFound):
    sentence = "There is no such declaration."


async def receive_withdrawal(
    session: AsyncSession, shop_id: int, form: WithdrawalForm, *, now: datetime
) -> Withdrawal:
    """Kept as it was declared, whether or not it can be matched to an order. Sent twice it is
    one declaration."""
    email = str(form.email).lower()
    known = await _same(session, shop_id, form, email)
    if known is not None:
        return known
    order = await _order_meant(session, shop_id, form.contract, email)
    declared = Withdrawal(
        shop_id=shop_id, order_id=order.key if order else None, name=form.name, email=email,
        contract=form.contract, scope=form.scope, received_at=now,
    )  # fmt: skip
    session.add(declared)
    await session.flush()
    if order is not None:
        locked = await lock_order(session, shop_id, order.key)
        locked.needs_attention = "withdrawal"
        note(session, locked, "withdrawal", by="customer", detail=form.scope, now=now)
    announce(session, shop_id, "orders", {"withdrawal": declared.key}, now=now)
    record(session, WithdrawalReceived(shop_id, declared.key, declared.order_id))
    return declared


async def _same(
    session: AsyncSession, shop_id: int, form: WithdrawalForm, email: str
) -> Withdrawal | None:
    query = select(Withdrawal).where(
        col(Withdrawal.shop_id) == shop_id,
        col(Withdrawal.email) == email,
        col(Withdrawal.contract) == form.contract,
        col(Withdrawal.scope) == form.scope,
        col(Withdrawal.handled_at).is_(None),
    )
    return (await session.exec(query)).first()


async def _order_meant(
    session: AsyncSession, shop_id: int, contract: str, email: str
) -> Order | None:
    """By a number in what was written, but only together with the e-mail it was ordered with."""
    for number in re.findall(r"\d{1,9}", contract)[:5]:
        query = select(Order).where(
            col(Order.shop_id) == shop_id,
            col(Order.number) == int(number),
            col(Order.email) == email,
        )
        found = (await session.exec(query)).first()
        if found is not None:
            return found
    return None


async def open_withdrawals(session: AsyncSession, shop_id: int) -> list[Withdrawal]:
    query = select(Withdrawal).where(
        col(Withdrawal.shop_id) == shop_id, col(Withdrawal.handled_at).is_(None)
    )
    return list((await session.exec(query.order_by(col(Withdrawal.id)))).all())


async def handle_withdrawal(
    session: AsyncSession, shop_id: int, withdrawal_id: int, *, by: str, now: datetime
) -> Withdrawal:
    declared = await session.get(Withdrawal, withdrawal_id)
    if declared is None or declared.shop_id != shop_id:
        raise WithdrawalUnknown()
    if declared.handled_at is None:
        declared.handled_at, declared.handled_by = now, by
        session.add(declared)
        announce(session, shop_id, "orders", {"withdrawal": declared.key}, now=now)
    return declared
