"""Work for later: one port, two engines (an embedded one on SQLite, procrastinate on PostgreSQL).

Jobs are delivered at least once, so each must be idempotent. A job *drains* (all new events of
one thread, the next batch of a broadcast) and is keyed by what it drains.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

JobFunction = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be added. `args` must be JSON.

    `key`: while a job with this key waits, another is not added. A job that has begun to run
    no longer counts as waiting, so what arrives meanwhile gets its own run.
    `lock`: jobs with the same lock run one after another, in the order they were added. One that
    waits for its time or for its next attempt holds up those behind it.
    """

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    lock: str | None = None
    run_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """What runs when a job's turn comes: the function with its tools already bound.

    Whatever it raises means another attempt later; GiveUp means none, TryLater one that is not
    counted, and an error with `retry_after` (seconds) says when.
    """

    run: JobFunction
    attempts: int = 8


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that runs once per tick, however many workers there are."""

    name: str
    every: timedelta


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job nobody will try again until a person says so."""

    id: int
    name: str
    args: Mapping[str, Any]
    attempts: int
    reason: str
    failed_at: datetime


class JobEngine(Protocol):
    async def add(self, session: AsyncSession, jobs: Sequence[NewJob]) -> None:
        """Add in the caller's transaction: committed and rolled back with it."""

    async def work(self) -> None:
        """Run jobs until cancelled. A cancelled job is run again by the next worker."""

    def wake(self) -> None:
        """Look for work now (after a commit that added some)."""

    async def drain(self) -> None:
        """Run everything that is due now and return: for tests and for a clean stop."""

    async def dead(self, session: AsyncSession, *, limit: int = 50) -> list[DeadJob]: ...

    async def rerun(self, session: AsyncSession, job_id: int) -> None: ...

    async def waiting(self, session: AsyncSession) -> int: ...


JOBS: web.AppKey[JobEngine] = web.AppKey("jobs", JobEngine)


def name_of(function: JobFunction) -> str:
    """`inbox.sending.send_reply`: how a job is called in the table and in the logs."""
    return f"{function.__module__}.{function.__qualname__}"


async def enqueue(
    session: AsyncSession,
    job: JobFunction | str,
    args: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    lock: str | None = None,
    run_at: datetime | None = None,
) -> None:
    """Have `job` run after this transaction has committed; if it rolls back, it never was."""
    name = job if isinstance(job, str) else name_of(job)
    await enqueue_all(session, [NewJob(name, args or {}, key, lock, run_at)])


async def enqueue_all(session: AsyncSession, jobs: Sequence[NewJob]) -> None:
    engine: JobEngine = session.info["jobs"]
    await engine.add(session, jobs)
    session.info["added_jobs"] = True
