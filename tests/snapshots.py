"""Every row of every table, to see that nothing has changed."""

from typing import Any

from sqlmodel import SQLModel, select

from core.database import Database

Snapshot = dict[str, list[dict[str, Any]]]

# What moves by itself: the looks of a session, and work that waits.
RESTLESS = frozenset({"staff_session", "job", "tick"})


async def snapshot(db: Database, *, without: frozenset[str] = RESTLESS) -> Snapshot:
    async with db.reading() as session:
        connection = await session.connection()
        found = {}
        for name, table in sorted(SQLModel.metadata.tables.items()):
            if name not in without:
                rows = (await connection.execute(select(table))).mappings().all()
                found[name] = sorted((dict(row) for row in rows), key=repr)
    return found


def of_shop(whole: Snapshot, shop_id: int) -> Snapshot:
    """Only rows that name this shop."""
    return {
        name: [row for row in rows if row.get("shop_id") == shop_id] for name, rows in whole.items()
    }
