"""The shop window's own row, and the version that rises with everything public pages show."""

from functools import cache
from typing import Any

from sqlalchemy import Integer, bindparam, inspect
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlmodel import SQLModel, col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from promotions.events import DealCreated, DealEnded
from storefront.events import ProductChanged
from storefront.models import Storefront


async def find_storefront(session: AsyncSession, shop_id: int) -> Storefront:
    """The row, or (before anything was ever saved) one with the defaults that is not stored."""
    query = select(Storefront).where(col(Storefront.shop_id) == shop_id)
    return (await session.exec(query)).first() or Storefront(shop_id=shop_id)


async def edit_storefront(session: AsyncSession, shop_id: int, **values: Any) -> Storefront:
    """Change the window; `values` are checked by the form they come from."""
    await insert_or_leave(session, Storefront, shop_id=shop_id)
    query = (
        select(Storefront).where(col(Storefront.shop_id) == shop_id).with_for_update(key_share=True)
    )
    window = (await session.exec(query)).one()
    window.sqlmodel_update(values)
    session.add(window)
    catalogue_changed(session, shop_id)
    return window


def catalogue_changed(session: AsyncSession, shop_id: int) -> None:
    """What public pages show is different once this transaction has committed."""
    waiting: set[int] = session.info.setdefault("changed_catalogues", set())
    if not waiting:
        # Before the live feed's hook: every transaction takes these two locks in one order.
        session.info.setdefault("before_commit", []).insert(0, _raise_versions)
    waiting.add(shop_id)


async def _raise_versions(session: AsyncSession) -> None:
    await session.flush()
    for shop_id in sorted(session.info["changed_catalogues"]):
        await insert_or_leave(session, Storefront, shop_id=shop_id)
        await session.exec(
            update(Storefront)
            .where(col(Storefront.shop_id) == shop_id)
            .values(catalogue_version=col(Storefront.catalogue_version) + 1)
            .execution_options(synchronize_session=False)
        )


def tell_once(session: AsyncSession, event: ProductChanged) -> None:
    """One event a transaction, however much of the product has changed in it."""
    if event not in session.info.get("recorded", []):
        record(session, event)


async def insert_or_leave(session: AsyncSession, table: type[SQLModel], **values: Any) -> bool:
    """Insert a row with its defaults unless a unique constraint says it is there already.

    True if it was inserted.
    """
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    row = table(**values).model_dump(exclude_none=True)
    [key, *_] = inspect(table).primary_key
    inserted = insert(table).values(row).on_conflict_do_nothing().returning(key)
    # Not by the row count, which is not known here on PostgreSQL.
    return (await session.exec(inserted)).first() is not None


async def count_up(
    session: AsyncSession, table: type[SQLModel], *, first: int = 1, **key: int
) -> int:
    """The next number of a counter, whose row stays locked until the transaction ends: rolled back,
    it gives its number back."""
    raising = _raising(session.get_bind().dialect.name, table, tuple(key))
    number: int = (await session.exec(raising, params=key | {"first": first})).one()[0]
    return number


@cache
def _raising(dialect: str, table: type[SQLModel], key: tuple[str, ...]) -> Any:
    """Put together once for each counter: that costs as much as to ask."""
    insert: Any = insert_postgresql if dialect == "postgresql" else insert_sqlite
    counter: Any = inspect(table).local_table
    values = {name: bindparam(name, type_=counter.c[name].type) for name in key}
    return (
        insert(counter)
        .values(**values, last=bindparam("first", type_=Integer))
        .on_conflict_do_update(index_elements=list(key), set_={"last": counter.c.last + 1})
        .returning(counter.c.last)
    )


async def on_deal_changed(session: AsyncSession, event: DealCreated | DealEnded) -> None:
    """Prices on public pages follow the deals."""
    catalogue_changed(session, event.shop_id)
