"""A process to be killed: it takes deliveries and works on them, and says what it has promised."""

import asyncio
import itertools
import os
import sys
from datetime import UTC, datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import utc_now
from core.database import Database
from core.engines import open_engine
from core.intake import Arrival, Incoming, Intake, drain
from core.jobs import Handler

CALLERS = 32
THREADS = 40


async def leave_a_mark(session: AsyncSession, incoming: Incoming) -> None:
    statement = text("INSERT INTO effect (mark) VALUES (:mark)")
    await (await session.connection()).execute(statement, {"mark": incoming.key})


def handlers_for(db: Database) -> dict[str, Handler]:
    async def work(*, source: str, thread: str) -> None:
        await drain(db, utc_now, leave_a_mark, source=source, thread=thread)

    async def mark_slowly(*, mark: str) -> None:
        await asyncio.sleep(0.01)
        async with db.transaction() as session:
            statement = text("INSERT INTO effect (mark) SELECT :mark WHERE NOT EXISTS "
                             "(SELECT 1 FROM effect WHERE mark = :mark)")  # fmt: skip
            await (await session.connection()).execute(statement, {"mark": mark})
        say(mark)

    return {"work": Handler(work), "mark": Handler(mark_slowly)}


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def live(url: str, name: str) -> None:
    db = Database(url, reactions={}, pool_size=5)
    engine = open_engine(db, handlers_for(db), clock=utc_now)
    db.provide("jobs", engine)
    intake = Intake(db, job="work", clock=utc_now)
    numbers = itertools.count()

    async def call() -> None:
        for number in numbers:
            key = f"{name}-{number}"
            await intake.store(
                [Arrival("meta", key, f"t{number % THREADS}", "m", "{}", None, datetime.now(UTC))]
            )
            say(key)

    callers = [call() for _ in range(CALLERS)] if name != "-" else []
    await asyncio.gather(engine.work(), *callers)


if __name__ == "__main__":
    asyncio.run(live(*sys.argv[1:3]))
