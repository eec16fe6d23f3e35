"""Orders that come to nothing: cancelled by somebody, or not paid in time."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import ShopError
from core.events import record
from core.logs import log
from payments import payables
from payments.clients import Stripes
from payments.closing import may_expire
from payments.errors import NothingExpected, NothingToRefund
from payments.refunds import request_refund
from promotions.redemptions import release
from storefront.errors import OrderNotReadyForThat, OrderNotUnpaid, PaymentUnderWay
from storefront.events import OrderCancelled, OrderExpired
from storefront.orders.finding import get_order, unpaid_since
from storefront.orders.holding import let_go, lock_with_hers
from storefront.orders.models import Order
from storefront.orders.states import move
from storefront.references import reference_of


async def cancel(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    *,
    by: str,
    reason: str = "",
    now: datetime,
) -> Order:
    """An unpaid order is given up; what is paid for is refunded instead. Money that is already
    under way, or came in a wrong amount, goes back by itself. Raises OrderNotUnpaid,
    PaymentUnderWay for customers, or payments' DisputeOpen."""
    reference = reference_of(order_id)
    await payables.cancel(session, shop_id, reference, now=now)
    order, hers = await lock_with_hers(session, shop_id, order_id)
    if order.state == "cancelled":
        return order
    if order.state != "placed":
        raise OrderNotUnpaid()
    if order.processing_at is not None and by == "customer":
        raise PaymentUnderWay()
    move(session, order, "cancelled", by=by, detail=reason, now=now)
    await _let_go(session, order, hers, now=now)
    record(session, OrderCancelled(shop_id, order.key, order.customer_id, by))
    await _give_back(session, order, reason=reason, by=by, now=now)
    return order


async def _give_back(
    session: AsyncSession, order: Order, *, reason: str, by: str, now: datetime
) -> None:
    """An unpaid order can hold money all the same: another amount than was expected came in."""
    with suppress(NothingExpected, NothingToRefund):
        await request_refund(
            session, order.shop_id, reference_of(order.key), None, reason=reason, by=by, now=now
        )


async def expire(session: AsyncSession, shop_id: int, order_id: int, *, now: datetime) -> bool:
    """False where the order is paid, or money may still come: then it stays as it is."""
    if not _is_due(await get_order(session, shop_id, order_id), now):
        return False
    if not await payables.close(session, shop_id, reference_of(order_id), now=now):
        return False
    order, hers = await lock_with_hers(session, shop_id, order_id)
    if not _is_due(order, now):
        # It changed under our hands; the closing above must not stay without the ending.
        raise OrderNotReadyForThat()
    move(session, order, "expired", by="system", now=now)
    await _let_go(session, order, hers, now=now)
    record(session, OrderExpired(shop_id, order.key, order.customer_id))
    return True


def _is_due(order: Order, now: datetime) -> bool:
    return order.state == "placed" and order.processing_at is None and order.expires_at <= now


async def _let_go(
    session: AsyncSession, order: Order, hers: Sequence[Order], *, now: datetime
) -> None:
    await session.flush()
    await let_go(session, order, hers, now=now)
    await release(session, order.shop_id, reference_of(order.key), now=now)


async def expire_unpaid_orders(db: Database, stripes: Stripes, clock: Clock) -> None:
    """Periodic. Stripe is asked before the clock decides: nobody who is paying is cut off."""
    async with db.reading() as session:
        due = await unpaid_since(session, now=clock())
    for order in due:
        try:
            if not await may_expire(
                db, stripes, clock, shop_id=order.shop_id, reference=reference_of(order.key)
            ):
                continue
            async with db.transaction() as session:
                await expire(session, order.shop_id, order.key, now=clock())
        except ShopError as trouble:
            # One shop's dead key must not keep the goods of all others locked up.
            log(__name__).warning("order_not_expired", order_id=order.key, trouble=str(trouble))
