"""Jobs that were given up: kept with their reason until a person runs them again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import Json, UtcDateTime
from core.errors import NotFound
from core.job_outcomes import Outcome
from core.jobs import DeadJob, NewJob


class Dead(SQLModel, table=True):
    """A job nobody will try again until a person says so."""

    __tablename__ = "dead_job"
    # Numbers are never given twice: a button on an old page must not run another job.
    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    name: str
    args: dict[str, Any] = Field(sa_type=Json)
    key: str | None = None
    lock: str | None = None
    attempts: int
    reason: str
    failed_at: datetime = Field(sa_type=UtcDateTime, index=True)


class JobGone(NotFound):
    sentence = "This job is no longer in the list; somebody may have run it already."


def rows_for(outcomes: Sequence[Outcome], *, now: datetime) -> list[dict[str, Any]]:
    """What to insert for those of `outcomes` that ended for good."""
    return [
        {
            "name": outcome.job.name,
            "args": dict(outcome.job.args),
            "key": outcome.job.key,
            "lock": outcome.job.lock,
            "attempts": outcome.job.attempt,
            "reason": outcome.reason,
            "failed_at": now,
        }
        for outcome in outcomes
        if outcome.kind == "dead"
    ]


async def list_dead(session: AsyncSession, *, limit: int) -> list[DeadJob]:
    query = select(Dead).order_by(col(Dead.failed_at).desc(), col(Dead.id).desc()).limit(limit)
    return [
        DeadJob(row.id or 0, row.name, row.args, row.attempts, row.reason, row.failed_at)
        for row in (await session.exec(query)).all()
    ]


async def take_back(session: AsyncSession, job_id: int) -> NewJob:
    """Off the list, as a job to be added anew. Raises JobGone."""
    row = await session.get(Dead, job_id, with_for_update={"key_share": True})
    if row is None:
        raise JobGone()
    await session.delete(row)
    return NewJob(row.name, row.args, row.key, row.lock)
