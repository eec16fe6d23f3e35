"""Which job engine belongs to which database."""

from collections.abc import Mapping, Sequence

from core.clock import Clock
from core.database import Database
from core.jobs import Handler, Periodic
from core.jobs_postgres import PostgresJobs
from core.jobs_sqlite import SqliteJobs


def open_engine(
    db: Database,
    handlers: Mapping[str, Handler],
    periodics: Sequence[Periodic] = (),
    *,
    clock: Clock,
    concurrency: int = 16,
    grace: float = 10.0,
) -> SqliteJobs | PostgresJobs:
    """To be handed to `db.provide("jobs", engine)`, so that sessions can enqueue."""
    kind = SqliteJobs if db.is_sqlite else PostgresJobs
    return kind(db, handlers, periodics, clock=clock, concurrency=concurrency, grace=grace)
