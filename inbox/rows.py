"""Rows that may be there already: inserted once, whoever comes first."""

from typing import Any, TypeVar

from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Row = TypeVar("Row", bound=SQLModel)


async def insert_new(session: AsyncSession, table: type[Row], **values: Any) -> Row | None:
    """The new row, or None if a unique constraint says that it is there already."""
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    row = table(**values)
    given = row.model_dump(exclude_none=True)
    numbers = table.__table__.c.id  # type: ignore[attr-defined]
    query = insert(table).values(given).on_conflict_do_nothing().returning(numbers)
    found = (await (await session.connection()).execute(query)).first()
    if found is None:
        return None
    row.id = found[0]
    # What was inserted is known in full, so it need not be read back.
    make_transient_to_detached(row)
    session.add(row)
    return row
