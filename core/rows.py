"""Past the unit of work: what every order asks and writes."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, inspect, update
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Row = TypeVar("Row", bound=SQLModel)
Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


async def ask(session: AsyncSession, statement: Any, values: Values) -> list[Any]:
    """The rows that a statement answers with, if it does; what the session has not written yet
    is not written by that. One way there and back: to ask for the session's connection and then
    that would be two."""
    return await session.run_sync(_ask, statement, values)


def _ask(session: Session, statement: Any, values: Values) -> list[Any]:
    answer = session.connection().execute(statement, values)
    return list(answer) if answer.returns_rows else []


async def write(session: AsyncSession, row: Row) -> Row:
    """INSERT now. The row, which has one number as its key, then belongs to the session like any
    other; a flush would cost twice as much."""
    inserting, key, names = _inserting(type(row))
    values = {name: getattr(row, name) for name in names}
    [told] = await ask(session, inserting, values)
    setattr(row, key, told[0])
    make_transient_to_detached(row)
    session.add(row)
    return row


async def change(session: AsyncSession, row: SQLModel, **values: Any) -> None:
    """UPDATE now, of a row the session knows."""
    changing, key = _changing(type(row), tuple(values))
    told = {f"new_{name}": value for name, value in values.items()}
    await ask(session, changing, told | {"which": getattr(row, key)})
    for name, value in values.items():
        set_committed_value(row, name, value)


async def write_all(session: AsyncSession, rows: list[Row]) -> None:
    """In one statement. Their keys are not known afterwards, and no session knows them."""
    if rows:
        _, _, names = _inserting(type(rows[0]))
        values = [{name: getattr(row, name) for name in names} for row in rows]
        await ask(session, _inserting_many(type(rows[0])), values)


@cache
def _inserting(table: type[SQLModel]) -> tuple[Any, str, tuple[str, ...]]:
    """Put together once for each table: that costs as much as to run it."""
    columns: Any = inspect(table).local_table
    [key] = columns.primary_key
    names = tuple(column.key for column in columns.c if column is not key)
    return insert(columns).returning(key), key.key, names


@cache
def _changing(table: type[SQLModel], names: tuple[str, ...]) -> tuple[Any, str]:
    columns: Any = inspect(table).local_table
    [key] = columns.primary_key
    new = {name: bindparam(f"new_{name}", type_=columns.c[name].type) for name in names}
    return update(columns).where(key == bindparam("which")).values(**new), key.key


@cache
def _inserting_many(table: type[SQLModel]) -> Any:
    return insert(inspect(table).local_table)
