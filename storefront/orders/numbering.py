"""Order numbers: one after another without a gap, because a refused order gives its number back.

For that the counter's row is locked from the number to the end of the transaction, and whoever
orders in the same shop waits there. On PostgreSQL the number is therefore given last, by everybody:
some with the number and some with the goods first would wait for each other. On SQLite one writes
at a time anyway.
"""

from typing import Any

from sqlalchemy import bindparam, inspect, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel.ext.asyncio.session import AsyncSession

from core.rows import ask
from storefront.models import Basket
from storefront.orders.models import Order, OrderCounter
from storefront.storefronts import count_up

FIRST_NUMBER = 1001


async def next_number(session: AsyncSession, shop_id: int) -> int:
    return await count_up(session, OrderCounter, first=FIRST_NUMBER, shop_id=shop_id)


def number_can_wait(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def none_yet(basket: Basket) -> int:
    """Nobody else's either, for the basket is locked until the order has its number."""
    return -basket.key


async def give_number(session: AsyncSession, order: Order) -> None:
    which = {"of_shop": order.shop_id, "order_id": order.key}
    [told] = await ask(session, _GIVING, which)
    set_committed_value(order, "number", told[0])


def _giving() -> Any:
    """Two in one, for PostgreSQL."""
    counters: Any = inspect(OrderCounter).local_table
    orders: Any = inspect(Order).local_table
    counted = (
        postgresql.insert(counters)
        .values(shop_id=bindparam("of_shop"), last=FIRST_NUMBER)
        .on_conflict_do_update(index_elements=["shop_id"], set_={"last": counters.c.last + 1})
        .returning(counters.c.last)
        .cte("counted")
    )
    return (
        update(orders)
        .where(orders.c.id == bindparam("order_id"))
        .values(number=select(counted.c.last).scalar_subquery())
        .returning(orders.c.number)
    )


_GIVING = _giving()
