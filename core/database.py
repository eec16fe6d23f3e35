"""Transactions and reads, the same on SQLite (one writer) and PostgreSQL."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import URL, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from core import sqlite_driver
from core.errors import BadSetting
from core.events import Reactions, react

AfterCommit = Callable[[AsyncSession], None]


class Database:
    """One per process. `transaction()` writes, `reading()` reads.

    On SQLite all writing goes through a single connection with `BEGIN IMMEDIATE`: with
    SQLAlchemy's and aiosqlite's defaults a read-modify-write silently loses updates, because
    no transaction is opened for a SELECT. On PostgreSQL both use the same pool.
    """

    def __init__(self, url: str, *, reactions: Reactions, pool_size: int = 10) -> None:
        self.url = _with_driver(url)
        self.reactions = reactions
        self.writer = _engine(self.url, writes=True, pool_size=pool_size)
        self.reader = (
            _engine(self.url, writes=False, pool_size=pool_size) if self.is_sqlite else self.writer
        )
        self._writing = async_sessionmaker(self.writer, class_=AsyncSession, expire_on_commit=False)
        self._reading = async_sessionmaker(self.reader, class_=AsyncSession, expire_on_commit=False)
        self._after_commit: list[AfterCommit] = []
        self._info: dict[str, Any] = {}

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def provide(self, name: str, tool: object) -> None:
        """Give every session a tool in `session.info[name]` (the job engine, for one)."""
        self._info[name] = tool

    def tool(self, name: str) -> Any:
        return self._info[name]

    def after_commit(self, callback: AfterCommit) -> None:
        """Call `callback` with the session after each commit; it must be quick and not fail."""
        self._after_commit.append(callback)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """All or nothing. Reactions run before the commit; no outside call belongs inside."""
        async with self._writing(info=dict(self._info)) as session:
            async with session.begin():
                yield session
                await react(session, self.reactions)
                for hook in session.info.get("before_commit", []):
                    await hook(session)
            for callback in self._after_commit:
                callback(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A snapshot to read from; on SQLite the connection refuses to write."""
        async with self._reading() as session:
            yield session

    async def close(self) -> None:
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


DATABASE: web.AppKey[Database] = web.AppKey("database", Database)


def _with_driver(text: str) -> URL:
    url = make_url(text)
    match url.get_backend_name():
        case "sqlite":
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql":
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise BadSetting(
                f"DATABASE_URL starts with {other!r}; write sqlite:///tresen.db "
                "or postgresql://user:password@host/database"
            )


def _engine(url: URL, *, writes: bool, pool_size: int) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        return create_async_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True
        )
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    size = 1 if writes else max(2, pool_size // 2)
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"async_creator_fn": sqlite_driver.connect},
    )
    event.listen(engine.sync_engine, "connect", _prepare_writer if writes else _prepare_reader)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _prepare(connection: Any, *pragmas: str) -> None:
    # The driver must not open transactions of its own; the "begin" listener does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_writer(connection: Any, record: object) -> None:
    _prepare(
        connection,
        "busy_timeout=15000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # From here on it is the driver that waits for its turn to write (core.sqlite_driver).
        "busy_timeout=0",
    )


def _prepare_reader(connection: Any, record: object) -> None:
    _prepare(connection, "busy_timeout=15000", "query_only=ON")
