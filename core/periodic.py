"""Jobs that come round: once per tick, however many processes look at the clock."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.columns import UtcDateTime
from core.database import Database
from core.jobs import NewJob, Periodic, enqueue_all
from core.logs import log

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORTEST_SLEEP = 0.05
_LONGEST_SLEEP = 60.0
_AT = bindparam("at", type_=UtcDateTime)
_ADVANCE = text(
    "UPDATE periodic_tick SET ticked_at = :at WHERE name = :name AND ticked_at < :at"
).bindparams(_AT)
_START = text(
    "INSERT INTO periodic_tick (name, ticked_at) VALUES (:name, :at) ON CONFLICT DO NOTHING"
).bindparams(_AT)


class Tick(SQLModel, table=True):
    """When a periodic job was last due."""

    __tablename__ = "periodic_tick"

    name: str = Field(primary_key=True, max_length=200)
    ticked_at: datetime = Field(sa_type=UtcDateTime)


def tick_at(every: timedelta, now: datetime) -> datetime:
    """The last tick up to `now`. Ticks are counted from 1970, the same in every process."""
    return _EPOCH + (now - _EPOCH) // every * every


async def tick(db: Database, periodics: Sequence[Periodic], *, now: datetime) -> None:
    """Add the jobs whose tick nobody has taken yet. Ticks missed while nothing ran count as one."""
    for periodic in periodics:
        async with db.transaction() as session:
            if await _take(session, periodic.name, tick_at(periodic.every, now)):
                key = f"periodic:{periodic.name}"
                await enqueue_all(session, [NewJob(periodic.name, key=key, lock=key)])


async def _take(session: AsyncSession, name: str, at: datetime) -> bool:
    for statement in (_ADVANCE, _START):
        taken = await (await session.connection()).execute(statement, {"name": name, "at": at})
        if taken.rowcount == 1:
            return True
    return False


async def keep_ticking(db: Database, periodics: Sequence[Periodic], *, clock: Clock) -> None:
    """Until cancelled."""
    seen: dict[str, datetime] = {}
    while periodics:
        now = clock()
        ticks = {one.name: tick_at(one.every, now) for one in periodics}
        due = [one for one in periodics if seen.get(one.name) != ticks[one.name]]
        try:
            await tick(db, due, now=now)
            seen = ticks
        except Exception:
            log(__name__).exception("periodic_jobs_unreachable")
        next_at = min(ticks[one.name] + one.every for one in periodics)
        pause = (next_at - clock()).total_seconds()
        await asyncio.sleep(max(_SHORTEST_SLEEP, min(_LONGEST_SLEEP, pause)))
