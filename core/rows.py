"""Rows written at once, past the unit of work: for those that every order writes."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import insert, inspect
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Row = TypeVar("Row", bound=SQLModel)


async def write(session: AsyncSession, row: Row) -> Row:
    """INSERT now. The row, which has one number as its key, then belongs to the session like any
    other; a flush would cost twice as much."""
    inserting, key, names = _inserting(type(row))
    values = {name: getattr(row, name) for name in names}
    connection = await session.connection()
    setattr(row, key, (await connection.execute(inserting, values)).scalar_one())
    make_transient_to_detached(row)
    session.add(row)
    return row


async def write_all(session: AsyncSession, rows: list[Row]) -> None:
    """In one statement. Their keys are not known afterwards, and no session knows them."""
    if rows:
        _, _, names = _inserting(type(rows[0]))
        values = [{name: getattr(row, name) for name in names} for row in rows]
        await (await session.connection()).execute(_inserting_many(type(rows[0])), values)


@cache
def _inserting(table: type[SQLModel]) -> tuple[Any, str, tuple[str, ...]]:
    """Put together once for each table: that costs as much as to run it."""
    columns: Any = inspect(table).local_table
    [key] = columns.primary_key
    names = tuple(column.key for column in columns.c if column is not key)
    return insert(columns).returning(key), key.key, names


@cache
def _inserting_many(table: type[SQLModel]) -> Any:
    return insert(inspect(table).local_table)
