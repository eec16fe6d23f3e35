"""Declarations of withdrawal (§356a BGB): taken without an account, confirmed at once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.live import announce
from storefront.events import WithdrawalReceived
from storefront.forms import WithdrawalForm
from storefront.orders.models import Order
from storefront.orders.states import lock_order, note
from storefront.storefronts import insert_or_leave
from storefront.withdrawals.goods import Pieces, choose, goods_of, summary
from storefront.withdrawals.models import Withdrawal


@dataclass(frozen=True, slots=True)
class Declaration:
    """What somebody declares. `delay` holds the e-mail back where one sender declares a lot."""

    form: WithdrawalForm
    locale: str = "de"
    delay: timedelta = timedelta(0)


async def receive_withdrawal(
    session: AsyncSession, shop_id: int, declared: Declaration, *, now: datetime
) -> Withdrawal:
    """Kept as it was declared; sent twice it is one declaration.

    Which order it is about is looked up by a job afterwards: the answer can tell nobody, by
    nothing, whether a number and an e-mail address belong together.
    """
    case, is_new = await _keep(session, shop_id, declared, {}, now=now)
    if is_new:
        announce(session, shop_id, "orders", {"withdrawal": case.key}, now=now)
        _tell(session, case, declared)
    return case


async def declare_for_order(
    session: AsyncSession, order: Order, declared: Declaration, pieces: Pieces, *, now: datetime
) -> Withdrawal:
    """By the order's secret link, line by line: whoever has it is known to be the buyer.

    Raises NoGoodsChosen, TooManyPieces; with no pieces the form's own words say what is meant.
    """
    case, is_new = await _keep(session, order.shop_id, declared, pieces, now=now)
    if not is_new:
        return case
    locked = await lock_order(session, order.shop_id, order.key)
    if pieces:
        await choose(session, case, locked, pieces)
        chosen = summary(await goods_of(session, case))
        case.scope = "\n".join(filter(None, (chosen, declared.form.scope)))
    file_under(session, case, locked, now=now)
    _tell(session, case, declared)
    return case


async def _keep(
    session: AsyncSession,
    shop_id: int,
    declared: Declaration,
    pieces: Pieces,
    *,
    now: datetime,
) -> tuple[Withdrawal, bool]:
    form, email = declared.form, str(declared.form.email).lower()
    mark = _mark(form, email, pieces)
    is_new = await insert_or_leave(
        session, Withdrawal, shop_id=shop_id, name=form.name, email=email, contract=form.contract,
        scope=form.scope, locale=declared.locale, open_mark=mark, received_at=now,
    )  # fmt: skip
    query = select(Withdrawal).where(
        col(Withdrawal.shop_id) == shop_id, col(Withdrawal.open_mark) == mark
    )
    return (await session.exec(query)).one(), is_new


def _mark(form: WithdrawalForm, email: str, pieces: Mapping[int, int]) -> str:
    told = [email, form.contract, form.scope, sorted(pieces.items())]
    return sha256(json.dumps(told).encode()).hexdigest()


def file_under(session: AsyncSession, case: Withdrawal, order: Order, *, now: datetime) -> None:
    """The case belongs to this order (which is locked); somebody is to look at it."""
    case.order_id = order.key
    session.add(case)
    if case.is_lawful:
        order.worry("withdrawal")
    what = "withdrawal" if case.is_lawful else "return_opened"
    note(session, order, what, by=case.opened_by, detail=case.scope, now=now)
    announce(session, case.shop_id, "orders", {"withdrawal": case.key}, now=now)


def _tell(session: AsyncSession, case: Withdrawal, declared: Declaration) -> None:
    seconds = int(declared.delay.total_seconds())
    record(session, WithdrawalReceived(case.shop_id, case.key, case.order_id, seconds))
