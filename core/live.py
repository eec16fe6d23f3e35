"""What changed, numbered, so that an open page can follow and resume where it was cut off."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import func, insert, text
from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.columns import Json, UtcDateTime
from core.database import Database
from core.rows import ask
from core.storable import to_json

KEPT = timedelta(hours=24)


class Change(SQLModel, table=True):
    """One line of the log that open counter pages follow."""

    __tablename__ = "live_change"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    topic: str = Field(max_length=40)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    at: datetime = Field(sa_type=UtcDateTime)


def announce(
    session: AsyncSession, shop_id: int, topic: str, data: dict[str, Any], *, now: datetime
) -> None:
    """Tell the shop's open pages, once this transaction has committed."""
    waiting: list[dict[str, Any]] = session.info.setdefault("announced", [])
    if not waiting:
        session.info.setdefault("before_commit", []).append(_write)
    change = {"shop_id": shop_id, "topic": topic, "data": data, "at": now}
    # Pages fetch anew what changed: told twice in one transaction is told once.
    if change not in waiting:
        waiting.append(change)


# Numbers must become visible in their order, or a reader would step over a slower writer's row.
# SQLite has one writer anyway; PostgreSQL takes a lock until the commit, as late as possible, and
# gives numbers out only behind it.
_BEHIND_THE_LOCK = text("""
    WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(7236421))
    INSERT INTO live_change (shop_id, topic, data, at)
    SELECT told.* FROM lock CROSS JOIN unnest(
        CAST(:shop_ids AS int[]), CAST(:topics AS text[]), CAST(:data AS jsonb[]),
        CAST(:ats AS timestamptz[])
    ) AS told (shop_id, topic, data, at)""")


async def _write(session: AsyncSession) -> None:
    await session.flush()
    told = session.info["announced"]
    if session.get_bind().dialect.name == "sqlite":
        await ask(session, insert(Change), told)
        return
    columns = {
        "shop_ids": [one["shop_id"] for one in told],
        "topics": [one["topic"] for one in told],
        "data": [to_json(one["data"]) for one in told],
        "ats": [one["at"] for one in told],
    }
    await ask(session, _BEHIND_THE_LOCK, columns)


async def latest_change(session: AsyncSession, shop_id: int) -> int:
    query = select(func.max(Change.id)).where(col(Change.shop_id) == shop_id)
    return (await session.exec(query)).one() or 0


class LiveFeed:
    """Follows the log for many readers of this process with one query per change."""

    def __init__(self, db: Database, *, poll_seconds: float = 1.0) -> None:
        self._db = db
        self._poll = poll_seconds
        self._changed = asyncio.Event()
        db.after_commit(self._notice)

    def _notice(self, session: AsyncSession) -> None:
        if session.info.get("announced"):
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()

    async def latest(self, shop_id: int) -> int:
        async with self._db.reading() as session:
            return await latest_change(session, shop_id)

    async def follow(self, shop_id: int, after: int) -> AsyncIterator[list[Change]]:
        """Batches of changes after number `after`; an empty batch is a sign of life.

        Commits of this process wake readers at once; those of other processes are seen by a
        look every `poll_seconds`.
        """
        while True:
            # Taken before looking, so that a change during the look is not slept through.
            changed = self._changed
            async with self._db.reading() as session:
                query = (
                    select(Change)
                    .where(col(Change.shop_id) == shop_id, col(Change.id) > after)
                    .order_by(col(Change.id))
                    .limit(200)
                )
                batch = list((await session.exec(query)).all())
            if batch:
                after = batch[-1].id or after
                yield batch
                continue
            try:
                async with asyncio.timeout(self._poll):
                    await changed.wait()
            except TimeoutError:
                yield []


async def forget_old_changes(db: Database, clock: Clock) -> None:
    """Periodic: a page that slept longer than `KEPT` reloads instead of resuming."""
    newest = select(func.max(Change.id)).scalar_subquery()
    async with db.transaction() as session:
        # The newest stays: SQLite would give its number out again.
        old = (col(Change.at) < clock() - KEPT, col(Change.id) < newest)
        await session.exec(delete(Change).where(*old))


LIVE: web.AppKey[LiveFeed] = web.AppKey("live", LiveFeed)
