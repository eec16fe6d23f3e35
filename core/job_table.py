"""The table of jobs on SQLite, and the statements that move them through it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from core.columns import UtcDateTime, stamp
from core.job_outcomes import Claimed, Outcome, Turn
from core.jobs import NewJob
from core.storable import to_json


class Job(SQLModel, table=True):
    """A job that waits or runs. Done jobs leave the table, dead ones move to `dead_job`."""

    __table_args__ = (
        Index("job_due", "state", "run_at"),
        Index("job_lock", "lock", "id"),
        Index(
            "job_waiting_key",
            "key",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    args: str
    key: str | None = None
    lock: str | None = None
    state: str = Field(default="waiting", max_length=10)
    attempts: int = 0
    run_at: datetime = Field(sa_type=UtcDateTime)


ADD = """
    INSERT INTO job (name, args, key, lock, state, attempts, run_at)
    VALUES (?, ?, ?, ?, 'waiting', 0, ?) ON CONFLICT DO NOTHING"""
# A job is due when its time has come and nothing with its lock was added before it.
_CLAIM = """
    UPDATE job SET state = 'running', attempts = attempts + 1 WHERE id IN (
        SELECT id FROM job AS mine WHERE state = 'waiting' AND run_at <= ? AND (
            lock IS NULL OR NOT EXISTS (
                SELECT 1 FROM job AS earlier WHERE earlier.lock = mine.lock AND earlier.id < mine.id
            )
        ) ORDER BY run_at, id LIMIT ?
    ) RETURNING id, name, args, key, lock, attempts"""
_REMOVE = "DELETE FROM job WHERE id IN (SELECT value FROM json_each(?))"
# If another with its key waits by now, that one keeps the key.
_AGAIN = """
    UPDATE job SET state = 'waiting', run_at = ?, attempts = attempts - ?, key = CASE
        WHEN EXISTS (SELECT 1 FROM job AS other WHERE other.key = job.key AND other.state = 'waiting')
        THEN NULL ELSE key END
    WHERE id = ?"""
_BURY = """
    INSERT INTO dead_job (name, args, key, lock, attempts, reason, failed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
_NEXT = "SELECT min(run_at) FROM job WHERE state = 'waiting' AND run_at > ?"
RECOVER = "UPDATE job SET state = 'waiting', key = NULL WHERE state = 'running'"


def rows_for(jobs: Sequence[NewJob], *, now: datetime) -> list[tuple[object, ...]]:
    at_once = stamp(now)
    return [
        (job.name, to_json(dict(job.args)), job.key, job.lock,
         stamp(job.run_at) if job.run_at else at_once)
        for job in jobs
    ]  # fmt: skip


async def settle(driver: Any, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """On aiosqlite's own connection, inside a transaction: what became of claimed jobs."""
    gone = [outcome.job.id for outcome in outcomes if outcome.kind != "again"]
    if gone:
        await driver.execute(_REMOVE, (to_json(gone),))
    again = [
        (stamp(outcome.run_at or now), int(not outcome.counted), outcome.job.id)
        for outcome in outcomes
        if outcome.kind == "again"
    ]
    for row in again:
        await driver.execute(_AGAIN, row)
    dead = [_dead_row(outcome, now) for outcome in outcomes if outcome.kind == "dead"]
    if dead:
        await driver.executemany(_BURY, dead)


async def claim(driver: Any, free: int, *, now: datetime) -> Turn:
    """On aiosqlite's own connection, inside a transaction: up to `free` due jobs."""
    found = await driver.execute_fetchall(_CLAIM, (stamp(now), free))
    claimed = [
        Claimed(id, name, orjson.loads(args), key, lock, attempts)
        for id, name, args, key, lock, attempts in sorted(found)
    ]
    if len(claimed) == free:
        return Turn(claimed)
    ((next_at,),) = await driver.execute_fetchall(_NEXT, (stamp(now),))
    return Turn(claimed, None if next_at is None else _time(next_at))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _dead_row(outcome: Outcome, now: datetime) -> tuple[object, ...]:
    job = outcome.job
    args = to_json(dict(job.args))
    return (job.name, args, job.key, job.lock, job.attempt, outcome.reason, stamp(now))
