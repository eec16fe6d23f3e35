"""Alembic's entry: the same tables and the same database address as the product."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from app.tables import TABLES
from core.connections import open_for_migrating

__all__ = ["TABLES"]


def _render(kind: str, thing: object, _: object) -> str | bool:
    """SQLModel's strings are plain ones; a migration should not need SQLModel to be read."""
    if kind == "type" and isinstance(thing, AutoString):
        return f"sa.String(length={thing.length})" if thing.length else "sa.String()"
    return False


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        # SQLite cannot alter most things in place.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=_render,
        include_name=lambda name, kind, _: (
            not (kind == "table" and name is not None and name.startswith("procrastinate_"))
        ),
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"rows would refer to what is not there: {broken[:5]}")


async def _run(url: str) -> None:
    engine = open_for_migrating(url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate)
            await connection.commit()
    finally:
        await engine.dispose()


# The command line and the tests hand the address over; Alembic's own command reads .env.
url = context.config.get_main_option("sqlalchemy.url")
if not url:
    from app.settings import read_settings

    url = read_settings().core.database_url
asyncio.run(_run(url))
