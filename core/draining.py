"""Works on stored events, one transaction each, so that each has its effect exactly once."""

from collections.abc import Awaitable, Callable

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import GiveUp, TryLater
from core.incoming import Incoming
from core.job_runner import pause_after
from core.logs import log, scrub

ATTEMPTS = 5

Apply = Callable[[AsyncSession, Incoming], Awaitable[None]]


class Ignore(Exception):
    """Raised by what applies an event: nothing is to be done with it, and this is why."""


async def drain(db: Database, clock: Clock, apply: Apply, *, source: str, thread: str) -> None:
    """Apply the thread's events, oldest first, until none waits.

    What `apply` writes commits together with the event's being done, or not at all. An event
    that fails is tried again (by the job: TryLater); after five attempts it is marked failed
    with its reason, and the thread goes on.
    """
    while (incoming := await _next(db, source, thread)) is not None:
        try:
            await _apply(db, apply, incoming)
        except Ignore as reason:
            await _mark(db, incoming, "ignored", str(reason))
        except Exception as error:
            await _fail(db, incoming, error)


async def _next(db: Database, source: str, thread: str) -> Incoming | None:
    query = (
        select(Incoming)
        .where(col(Incoming.source) == source, col(Incoming.thread) == thread, _waits())
        .order_by(col(Incoming.happened_at), col(Incoming.id))
        .limit(1)
    )
    async with db.reading() as session:
        return (await session.exec(query)).first()


async def _apply(db: Database, apply: Apply, incoming: Incoming) -> None:
    async with db.transaction() as session:
        if await _set(session, incoming, state="done", reason=None):
            await apply(session, incoming)


async def _mark(db: Database, incoming: Incoming, state: str, reason: str) -> None:
    async with db.transaction() as session:
        await _set(session, incoming, state=state, reason=scrub(reason)[:500])


async def _fail(db: Database, incoming: Incoming, error: Exception) -> None:
    attempt = incoming.attempts + 1
    is_last = attempt >= ATTEMPTS or isinstance(error, GiveUp)
    log(__name__).warning(
        "event_failed" if is_last else "event_delayed",
        incoming_id=incoming.id,
        kind=incoming.kind,
        attempt=attempt,
        exc_info=error,
    )
    reason = str(error) if isinstance(error, GiveUp) else f"{type(error).__name__}: {error}"
    async with db.transaction() as session:
        await _set(
            session,
            incoming,
            state="failed" if is_last else "waiting",
            attempts=attempt,
            reason=scrub(reason)[:500],
        )
    if not is_last:
        raise TryLater(f"event {incoming.id} failed", after=pause_after(attempt, error))


def _waits() -> ColumnElement[bool]:
    return col(Incoming.state) == "waiting"


async def _set(session: AsyncSession, incoming: Incoming, **values: object) -> bool:
    """False when somebody else has dealt with it meanwhile."""
    query = update(Incoming).where(col(Incoming.id) == incoming.id, _waits()).values(**values)
    result = await session.exec(query)
    return result.rowcount == 1


async def troubled(session: AsyncSession, shop_id: int, *, limit: int = 50) -> list[Incoming]:
    """The shop's events that failed, latest first."""
    query = (
        select(Incoming)
        .where(col(Incoming.shop_id) == shop_id, col(Incoming.state) == "failed")
        .order_by(col(Incoming.id).desc())
        .limit(limit)
    )
    return list((await session.exec(query)).all())
