"""aiosqlite without a change of threads for what takes microseconds."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from aiosqlite import Connection

BUSY_SECONDS = 15.0
_PAUSE_EVERY = 0.005


class QuickConnection(Connection):
    """Runs statements where they are asked for, and only what waits for the disk in its thread.

    A change of threads and back costs several times what most statements cost, and SQLAlchemy
    would make four of them per statement. While another process writes, `BEGIN IMMEDIATE` is
    asked again and again without holding up anybody else.
    """

    _paused_at = 0.0
    _changes_at_begin = 0

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if not self._running or self._connection is None:
            raise ValueError("Connection closed")
        if self._flushes(self._connection, fn):
            return await self._execute_in_thread(partial(fn, *args, **kwargs))
        if args and args[0] == "BEGIN IMMEDIATE":
            return await self._begin(self._connection, partial(fn, *args, **kwargs))
        result = fn(*args, **kwargs)
        if time.monotonic() - self._paused_at > _PAUSE_EVERY:
            # Else a long row of statements would keep everybody else from their turn.
            await asyncio.sleep(0)
            self._paused_at = time.monotonic()
        return result

    def _flushes(self, connection: sqlite3.Connection, fn: Callable[..., Any]) -> bool:
        if getattr(fn, "__self__", None) is not connection or fn.__name__ in {
            "cursor",
            "rollback",
        }:
            return False
        return fn.__name__ != "commit" or connection.total_changes != self._changes_at_begin

    async def _begin(self, connection: sqlite3.Connection, begin: Callable[[], Any]) -> Any:
        pause = 0.001
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                result = begin()
            except sqlite3.OperationalError as error:
                is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not is_busy or time.monotonic() > deadline:
                    raise
            else:
                self._changes_at_begin = connection.total_changes
                return result
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.05)

    async def _execute_in_thread(self, function: Callable[[], Any]) -> Any:
        done = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((done, function))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            # The thread is at it already; nobody may use the connection before it has ended.
            await asyncio.wait([done])
            if not done.cancelled():
                done.exception()
            raise


def connect(database: str, **options: Any) -> QuickConnection:
    """For SQLAlchemy's `async_creator_fn`."""
    options["check_same_thread"] = False
    connection = QuickConnection(partial(sqlite3.connect, database, **options), 64)
    # As SQLAlchemy does: a process that ends does not wait for it.
    connection._thread.daemon = True
    return connection
