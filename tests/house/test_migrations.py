"""Migrations lead to the very tables the code works with."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlmodel import SQLModel

from app.tables import TABLES
from tests.conftest import WatchedDatabase


def differences(connection: Connection) -> list[object]:
    assert TABLES
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [
        found
        for found in compare_metadata(context, SQLModel.metadata)
        if "procrastinate_" not in repr(found) and "peer_delivery" not in repr(found)
    ]


async def test_the_migrated_database_has_the_tables_of_the_models(db: WatchedDatabase) -> None:
    async with db.writer.connect() as connection:
        assert await connection.run_sync(differences) == []
