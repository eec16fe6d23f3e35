"""A change asked for: kept as a draft, which has no effect, and looked at before it is agreed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money
from core.shops import Shop
from storefront.changes.actions import ACTIONS, Action, SetPrice
from storefront.changes.errors import (
    ChangeUnknown,
    NotChangeable,
    NothingToChange,
    PriceRuleNotYours,
    ReasonNeeded,
)
from storefront.changes.looking import Look, look
from storefront.changes.models import ChangeKind, OrderChange
from storefront.changes.order_states import Reckoned, Ware
from storefront.changes.reckoning import reckon
from storefront.orders.finding import get_order
from storefront.orders.models import Order


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would come to now. `seen` names it: who agrees to it agrees to this."""

    change: OrderChange
    order: Order
    look: Look
    reckoned: Reckoned

    @property
    def seen(self) -> str:
        told = [repr(self.reckoned), self.order.state, self.order.paid_at is not None]
        return sha256(json.dumps(told).encode()).hexdigest()[:16]

    @property
    def is_paid(self) -> bool:
        return self.order.paid_at is not None

    def money(self, minor: int) -> Money:
        return Money(minor, self.order.currency)


async def propose(
    session: AsyncSession,
    shop: Shop,
    order_id: int,
    kind: ChangeKind,
    actions: Sequence[Action],
    *,
    reason: str = "",
    may_set_prices: bool = False,
    by: str,
    now: datetime,
) -> OrderChange:
    """A draft. Raises OrderUnknown, NotChangeable, NothingToChange, PriceRuleNotYours,
    ReasonNeeded, ProductUnknown, and what `reckon` raises."""
    order = await get_order(session, shop.key, order_id)
    change = OrderChange(
        shop_id=shop.key, order_id=order.key, kind=kind, reason=reason[:300],
        actions=ACTIONS.dump_python(list(actions), mode="json"), currency=order.currency,
        created_at=now, created_by=by,
    )  # fmt: skip
    check_price_rule(change, may_set_prices=may_set_prices)
    preview = await preview_of(session, order, change, now=now)
    if preview.reckoned.changes_nothing:
        raise NothingToChange()
    change.difference_minor = preview.reckoned.difference_minor
    session.add(change)
    await session.flush()
    return change


def check_price_rule(change: OrderChange, *, may_set_prices: bool) -> None:
    """Leaving the agreed price wants the right and a reason. Raises PriceRuleNotYours,
    ReasonNeeded."""
    actions = ACTIONS.validate_python(change.actions)
    if not any(isinstance(action, SetPrice) for action in actions):
        return
    if not may_set_prices:
        raise PriceRuleNotYours()
    if not change.reason.strip():
        raise ReasonNeeded()


async def preview_of(
    session: AsyncSession, order: Order, change: OrderChange, *, now: datetime
) -> Preview:
    """One that waits for its payment keeps the prices it was agreed at.

    Raises NotChangeable, ProductUnknown, and what `reckon` raises.
    """
    if order.state in ("cancelled", "expired"):
        raise NotChangeable()
    actions = ACTIONS.validate_python(change.actions)
    seen = await look(session, order, actions, now=now)
    if change.state == "waiting":
        seen = replace(
            seen, wares={ware["variant_id"]: Ware(**ware) for ware in change.terms["wares"]},
            is_within_window=change.terms["is_within_window"],
        )  # fmt: skip
    reckoned = reckon(seen.state, actions, seen.wares, is_within_window=seen.is_within_window)
    return Preview(change, order, seen, reckoned)


async def get_change(session: AsyncSession, shop_id: int, change_id: int) -> OrderChange:
    """Raises ChangeUnknown."""
    change = await session.get(OrderChange, change_id)
    if change is None or change.shop_id != shop_id:
        raise ChangeUnknown()
    return change


async def changes_of(session: AsyncSession, order: Order) -> list[OrderChange]:
    """Those that were agreed, the oldest first; drafts are nobody's business but their maker's."""
    query = select(OrderChange).where(
        col(OrderChange.order_id) == order.key, col(OrderChange.confirmed_at).is_not(None)
    )
    return list((await session.exec(query.order_by(col(OrderChange.id)))).all())


async def waiting_change(session: AsyncSession, order: Order) -> OrderChange | None:
    """The one that waits for the customer's payment; there is never a second."""
    query = select(OrderChange).where(
        col(OrderChange.order_id) == order.key, col(OrderChange.state) == "waiting"
    )
    return (await session.exec(query.execution_options(populate_existing=True))).first()
