"""Bringing a database to this version."""

import asyncio

from alembic import command
from alembic.config import Config

from core.pages import ROOT


def migrate(database_url: str) -> None:
    """Upgrade to the newest revision. Must not be called inside a running event loop."""
    command.upgrade(config_for(database_url), "head")


def config_for(database_url: str) -> Config:
    """Alembic's, for this database."""
    config = Config(ROOT / "alembic.ini")
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


async def migrate_async(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url)
