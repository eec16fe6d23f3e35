"""Baskets nobody comes back to."""

from datetime import timedelta

from sqlmodel import col, delete, exists, select

from core.clock import Clock
from core.database import Database
from storefront.models import Basket, BasketLine
from storefront.orders.models import Order
from storefront.visits import MAX_AGE

KEPT = timedelta(seconds=MAX_AGE) + timedelta(days=1)
"""A day longer than any link or cookie leads to it."""

_AT_ONCE = 500


async def forget_old_baskets(db: Database, clock: Clock) -> None:
    """Periodic: those of visitors we do not know, unless something was ordered with them."""
    while await _forget_some(db, clock):
        pass


async def _forget_some(db: Database, clock: Clock) -> bool:
    """In short transactions: nobody is to wait until all have gone."""
    ordered = exists().where(col(Order.basket_id) == col(Basket.id))
    old = select(Basket.id).where(
        col(Basket.customer_id).is_(None), col(Basket.changed_at) < clock() - KEPT, ~ordered
    )
    async with db.transaction() as session:
        ids = (await session.exec(old.order_by(col(Basket.id)).limit(_AT_ONCE))).all()
        await session.exec(delete(BasketLine).where(col(BasketLine.basket_id).in_(ids)))
        await session.exec(delete(Basket).where(col(Basket.id).in_(ids)))
    return len(ids) == _AT_ONCE
