"""Works on stored events, one transaction each, so that each has its effect exactly once."""

from collections.abc import Awaitable, Callable

from sqlalchemy import bindparam
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import GiveUp, TryLater
from core.incoming import Incoming
from core.job_outcomes import pause_after
from core.logs import log, scrub

ATTEMPTS = 5

Apply = Callable[[AsyncSession, Incoming], Awaitable[None]]


_EVENTS = Incoming.__table__  # type: ignore[attr-defined]
_THREAD = (
    _EVENTS.c.source == bindparam("its_source"),
    _EVENTS.c.thread == bindparam("its_thread"),
    _EVENTS.c.state == "waiting",
)
_ANY_LEFT = select(_EVENTS.c.id).where(*_THREAD).limit(1)
_OLDEST = (
    select(_EVENTS.c.id)
    .where(*_THREAD)
    .order_by(_EVENTS.c.happened_at, _EVENTS.c.id)
    .limit(1)
    .with_for_update(key_share=True)
    .scalar_subquery()
)
_TAKE_NEXT = (
    update(_EVENTS)
    .where(_EVENTS.c.id == _OLDEST, _EVENTS.c.state == "waiting")
    .values(state="done", reason=None)
    .returning(*_EVENTS.c)
)


class Ignore(Exception):
    """Raised by what applies an event: nothing is to be done with it, and this is why."""


async def drain(db: Database, clock: Clock, apply: Apply, *, source: str, thread: str) -> None:
    """Apply the thread's events, oldest first, until none waits.

    What `apply` writes commits together with the event's being done, or not at all. An event
    that fails is tried again (by the job: TryLater); after five attempts it is marked failed
    with its reason, and the thread goes on.
    """
    place = {"its_source": source, "its_thread": thread}
    more = True
    while more:
        incoming = None
        try:
            async with db.transaction() as session:
                incoming = await _take_next(session, place)
                if incoming is None:
                    return
                await apply(session, incoming)
                # What arrives after this look has a job of its own, for this one has begun.
                more = await _is_any_left(session, place)
        except Exception as error:
            if incoming is None:
                raise
            await _note(db, incoming, error)
            more = True


async def _take_next(session: AsyncSession, place: dict[str, str]) -> Incoming | None:
    row = (await (await session.connection()).execute(_TAKE_NEXT, place)).first()
    return None if row is None else Incoming(**row._mapping)


async def _is_any_left(session: AsyncSession, place: dict[str, str]) -> bool:
    return (await (await session.connection()).execute(_ANY_LEFT, place)).first() is not None


async def _note(db: Database, incoming: Incoming, error: Exception) -> None:
    if isinstance(error, Ignore):
        await _mark(db, incoming, "ignored", str(error))
    else:
        await _fail(db, incoming, error)


async def _mark(db: Database, incoming: Incoming, state: str, reason: str) -> None:
    async with db.transaction() as session:
        await _set(session, incoming, state=state, reason=scrub(reason)[:500])


async def _fail(db: Database, incoming: Incoming, error: Exception) -> None:
    attempt = incoming.attempts + 1
    is_last = attempt >= ATTEMPTS or isinstance(error, GiveUp)
    say = log(__name__).error if is_last else log(__name__).warning
    say(
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


async def _set(session: AsyncSession, incoming: Incoming, **values: object) -> bool:
    """False when somebody else has dealt with it meanwhile."""
    query = (
        update(Incoming)
        .where(col(Incoming.id) == incoming.id, col(Incoming.state) == "waiting")
        .values(**values)
    )
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
