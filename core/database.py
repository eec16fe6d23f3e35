"""Transactions and reads, the same on SQLite (one writer) and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession

from core.connections import open_connections, url_with_driver
from core.events import Reactions, react

AfterCommit = Callable[[AsyncSession], None]

IN_BACKGROUND: ContextVar[bool] = ContextVar("in_background", default=False)
"""True in work that nobody waits for at the other end of a line."""


class Database:
    """One per process. `transaction()` writes, `reading()` reads.

    On SQLite all writing goes through a single connection with `BEGIN IMMEDIATE`: with
    SQLAlchemy's and aiosqlite's defaults a read-modify-write silently loses updates, because
    no transaction is opened for a SELECT. On PostgreSQL both use the same pool.
    """

    def __init__(self, url: str, *, reactions: Reactions, pool_size: int = 10) -> None:
        self.url = url_with_driver(url)
        self.reactions = reactions
        self.writer = open_connections(self.url, writes=True, pool_size=pool_size)
        self.reader = (
            open_connections(self.url, writes=False, pool_size=pool_size)
            if self.is_sqlite
            else self.writer
        )
        self._writing = async_sessionmaker(self.writer, class_=AsyncSession, expire_on_commit=False)
        self._reading = async_sessionmaker(
            self.reader if self.is_sqlite else _without_begin(self.reader),
            class_=AsyncSession, expire_on_commit=False,
        )  # fmt: skip
        # Where one writes at a time, of all background work one alone stands in the queue, so that
        # whoever delivers, buys or answers waits for one or two jobs and not for all that run.
        self._background = asyncio.Semaphore(1 if self.is_sqlite else pool_size)
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
        queue = self._background if IN_BACKGROUND.get() else nullcontext()
        async with queue, self._writing(info=dict(self._info)) as session:
            async with session.begin():
                yield session
                await react(session, self.reactions)
                for hook in session.info.get("before_commit", []):
                    await hook(session)
            for callback in self._after_commit:
                callback(session)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """To read from; on SQLite the connection refuses to write."""
        async with self._reading() as session:
            yield session

    async def close(self) -> None:
        await self.writer.dispose()
        if self.reader is not self.writer:
            await self.reader.dispose()


def _without_begin(engine: AsyncEngine) -> AsyncEngine:
    """Each statement sees what is committed when it begins, as inside a transaction of PostgreSQL's
    default kind; to begin and end one would only be two more questions."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


DATABASE: web.AppKey[Database] = web.AppKey("database", Database)
