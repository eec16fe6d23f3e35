"""What outsiders deliver is stored before it is acknowledged; those who wait share one commit."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from aiohttp import web
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.database_errors import is_deadlock, is_unreachable
from core.draining import Ignore, drain, troubled
from core.errors import NotFound, ShopError
from core.incoming import Arrival, Incoming, insert_arrivals, thread_key
from core.jobs import NewJob, enqueue_all
from core.logs import log
from core.storable import storable

__all__ = ["INTAKE", "Arrival", "Ignore", "Incoming", "Intake", "drain", "troubled"]

MOST_AT_ONCE = 2_000
MOST_WAITING = 20_000
KEPT = timedelta(days=30)
"""Far beyond the days for which senders repeat what they think was lost."""

Place = tuple[Sequence[Arrival], "asyncio.Future[None]"]


class NotStored(ShopError):
    """The sender is to try again."""

    status = 503
    sentence = "We cannot take this right now. Please send it again in a moment."


class UnknownIncoming(NotFound):
    sentence = "This event is not in the list of failed ones any more."


class Intake:
    """Group commit: whoever arrives while one commit is under way is in the next one.

    `job` is enqueued once per thread with `source` and `thread`; it is to call `drain`.
    """

    def __init__(self, db: Database, *, job: str, clock: Clock) -> None:
        self._db = db
        self._job = job
        self._clock = clock
        self._queue: deque[Place] = deque()
        self._queued = 0
        self._flushing: asyncio.Task[None] | None = None
        self._is_closed = False

    async def store(self, arrivals: Sequence[Arrival]) -> None:
        """Returns when all are durable; what was stored before is left alone. Raises NotStored."""
        if not arrivals:
            return
        if self._is_closed or self._queued + len(arrivals) > MOST_WAITING:
            raise NotStored()
        done = asyncio.get_running_loop().create_future()
        self._queue.append((arrivals, done))
        self._queued += len(arrivals)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush(), name="intake")
        await done

    async def close(self) -> None:
        """Takes nothing more, and stores what it has taken."""
        self._is_closed = True
        if self._flushing is not None:
            await self._flushing

    async def retry(self, session: AsyncSession, shop_id: int, incoming_id: int) -> None:
        """Work again on an event that failed. Raises UnknownIncoming."""
        query = (
            update(Incoming)
            .where(col(Incoming.id) == incoming_id, col(Incoming.shop_id) == shop_id,
                   col(Incoming.state) == "failed")
            .values(state="waiting", attempts=0, reason=None)
            .returning(col(Incoming.source), col(Incoming.thread))
        )  # fmt: skip
        found = (await session.exec(query)).first()
        if found is None:
            raise UnknownIncoming()
        await enqueue_all(session, [self._job_for(found[0], found[1])])

    def _job_for(self, source: str, thread: str) -> NewJob:
        key = f"{source}:{thread}"
        return NewJob(self._job, {"source": source, "thread": thread}, key=key, lock=key)

    async def _flush(self) -> None:
        try:
            # Those whose turn comes in this round of the loop come along.
            await asyncio.sleep(0)
            while self._queue:
                await self._write(self._next_batch())
        finally:
            self._flushing = None

    def _next_batch(self) -> list[Place]:
        batch: list[Place] = []
        size = 0
        while self._queue and size < MOST_AT_ONCE:
            batch.append(self._queue.popleft())
            size += len(batch[-1][0])
        self._queued -= size
        return batch

    async def _write(self, batch: Sequence[Place]) -> None:
        try:
            await self._commit([one for arrivals, _ in batch for one in arrivals])
        except Exception as error:
            if is_unreachable(error):
                log(__name__).error("intake_unreachable", error=type(error).__name__)
                for _, done in batch:
                    _answer(done, NotStored())
                return
            for arrivals, done in batch:
                _answer(done, await self._write_singly(arrivals))
        else:
            for _, done in batch:
                _answer(done, None)

    async def _commit(self, arrivals: Sequence[Arrival]) -> None:
        try:
            await self._commit_once(arrivals)
        except DBAPIError as error:
            if not is_deadlock(error):
                raise
            await self._commit_once(arrivals)

    async def _commit_once(self, arrivals: Sequence[Arrival]) -> None:
        # In one order everywhere, lest two processes wait for each other's keys.
        threads = sorted({thread_key(one) for one in arrivals if one.ignored is None})
        async with self._db.transaction() as session:
            await insert_arrivals(await session.connection(), arrivals, now=self._clock())
            if threads:
                await enqueue_all(session, [self._job_for(*thread) for thread in threads])

    async def _write_singly(self, arrivals: Sequence[Arrival]) -> Exception | None:
        """One event no database takes must not keep the others out, nor be lost itself."""
        failure = None
        for one in arrivals:
            try:
                await self._commit([_storable(one)])
            except IntegrityError:
                gone = replace(_storable(one), shop_id=None, ignored="its shop is gone")
                failure = await self._write_singly([gone]) if one.shop_id else NotStored()
            except Exception:
                log(__name__).exception("intake_refused", source=one.source, kind=one.kind)
                failure = NotStored()
        return failure


INTAKE: web.AppKey[Intake] = web.AppKey("intake", Intake)


async def forget_old_arrivals(db: Database, clock: Clock) -> None:
    """Periodic: what is done need not be kept; what failed is, until somebody has looked."""
    async with db.transaction() as session:
        await session.exec(
            delete(Incoming).where(
                col(Incoming.received_at) < clock() - KEPT,
                col(Incoming.state).in_(["done", "ignored"]),
            )
        )


def _storable(one: Arrival) -> Arrival:
    return replace(
        one,
        kind=storable(one.kind),
        body=storable(one.body),
        ignored=one.ignored and storable(one.ignored),
    )


def _answer(done: "asyncio.Future[None]", error: Exception | None) -> None:
    # Whoever has hung up is not waiting any more.
    if not done.done():
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
