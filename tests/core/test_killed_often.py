"""kill -9 at any moment: what was promised is kept, and nothing happens twice."""

import asyncio
import contextlib
import random
import sys
from collections import Counter

from sqlalchemy import text

from core.clock import utc_now
from core.database import Database
from core.engines import open_engine
from core.jobs import NewJob, enqueue_all
from core.jobs_postgres import PostgresJobs
from core.pages import ROOT
from tests.conftest import WatchedDatabase
from tests.core.doomed import handlers_for


async def prepare(db: Database) -> None:
    async with db.transaction() as session:
        await (await session.connection()).execute(text("CREATE TABLE effect (mark TEXT)"))


async def marks(db: Database) -> Counter[str]:
    async with db.reading() as session:
        found = await (await session.connection()).execute(text("SELECT mark FROM effect"))
        return Counter(mark for (mark,) in found)


async def promises_until_killed(url: str, name: str, *, seconds: float) -> list[str]:
    """Start a process, let it say `seconds` worth of things, kill it, return what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.core.doomed", url, name,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    assert process.stdout is not None
    said = [await process.stdout.readline()]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while line := await process.stdout.readline():
                said.append(line)
    process.kill()
    # What was said and not yet read was promised all the same.
    said += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    return [line.decode().strip() for line in said if line.endswith(b"\n")]


async def finish(db: Database) -> None:
    """What the next process does, in this one."""
    engine = open_engine(db, handlers_for(db), clock=utc_now)
    if isinstance(engine, PostgresJobs):
        engine = PostgresJobs(db, handlers_for(db), clock=utc_now, stalled_after=0.3)
    db.provide("jobs", engine)
    task = asyncio.create_task(engine.work())
    async with asyncio.timeout(200):
        while True:
            async with db.reading() as session:
                if await engine.waiting(session) == 0:
                    break
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_every_acknowledged_delivery_has_its_effect_exactly_once(db: WatchedDatabase) -> None:
    await prepare(db)
    promised: list[str] = []
    for round_ in range(30):
        promised += await promises_until_killed(
            db.address, f"round{round_}", seconds=random.uniform(0.02, 0.4)
        )
    await finish(db)
    effects = await marks(db)
    assert print(len(promised), len(effects)) or len(promised) >= 30
    assert [key for key in promised if effects[key] != 1] == []
    assert set(effects.values()) == {1}


async def test_jobs_that_were_cut_off_are_run_again_and_done_once(db: WatchedDatabase) -> None:
    await prepare(db)
    wanted = {f"mark-{number}" for number in range(300)}
    async with db.transaction() as session:
        await enqueue_all(session, [NewJob("mark", {"mark": mark}) for mark in sorted(wanted)])
    said = await promises_until_killed(db.address, "-", seconds=0.05)
    assert 0 < len(said) < 300
    assert set(said) <= set(await marks(db))
    await finish(db)
    assert await marks(db) == Counter(dict.fromkeys(wanted, 1))
