"""A worker among others on PostgreSQL: registered, heard of, woken, and replaced when silent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from core import procrastinate_sql as sql
from core.database import Database
from core.logs import log
from core.postgres_driver import plain
from core.working import LOOK_EVERY


class Presence:
    """Who has not been heard of for `stalled_after` seconds loses its jobs to the others."""

    def __init__(self, db: Database, wake: Callable[[], None], *, stalled_after: float) -> None:
        self.worker: int | None = None
        self._db = db
        self._wake = wake
        self._stalled_after = stalled_after

    @contextlib.asynccontextmanager
    async def registered(self) -> AsyncIterator[None]:
        if self.worker is not None:
            yield
            return
        await self._register()
        try:
            yield
        finally:
            await self._unregister()

    async def _register(self) -> None:
        async with self._db.writer.begin() as connection:
            self.worker = (await connection.execute(sql.REGISTER)).scalar_one()

    async def _unregister(self) -> None:
        worker, self.worker = self.worker, None
        with contextlib.suppress(SQLAlchemyError):
            # Without a word our jobs are taken over as well, only later.
            async with self._db.writer.begin() as connection:
                await connection.execute(sql.UNREGISTER, {"worker": worker})

    async def keep_alive(self, *, rests_first: bool = False) -> None:
        """Until cancelled: say that we live, and take over from those who do not."""
        if rests_first:
            await asyncio.sleep(self._stalled_after / 3)
        while True:
            try:
                if not await self._beat():
                    # Stood still so long that others took our jobs; begin anew.
                    await self._register()
            except Exception:
                log(__name__).exception("heartbeat_failed")
            await asyncio.sleep(self._stalled_after / 3)

    async def _beat(self) -> bool:
        async with self._db.writer.begin() as connection:
            lives = await connection.execute(sql.BEAT, {"worker": self.worker})
            await connection.execute(sql.PRUNE, {"seconds": self._stalled_after})
            await connection.execute(sql.LEFT_BEHIND)
            rescued = await connection.execute(sql.RESCUE)
        if rescued.rowcount:
            log(__name__).warning("jobs_rescued", count=rescued.rowcount)
            self._wake()
        return lives.rowcount == 1

    async def listen(self) -> None:
        """Until cancelled: wake for what other processes announce."""
        address = plain(self._db.url)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    address, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {sql.CHANNEL}")
                    self._wake()
                    async for _ in connection.notifies():
                        self._wake()
            except psycopg.Error as error:
                log(__name__).warning("job_announcements_cut_off", error=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY)
