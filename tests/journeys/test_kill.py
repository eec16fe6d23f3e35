"""`kill -9` at any moment: whatever got its 200 has its effect, once, and nobody hears it twice."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from app.build import build_app
from app.demo.settings import PAGE, SLUG, DemoPlan, sandbox_settings
from core.clock import utc_now
from core.database import Database
from core.dead_jobs import Dead
from core.incoming import Incoming
from core.jobs_sqlite import Job
from core.pages import ROOT
from inbox.models import Conversation, Message
from sandbox.build import build_sandbox
from sandbox.things import Thread
from sandbox.webhooks import SENDER
from sandbox.world import WORLD, World
from tests.conftest import WatchedDatabase
from tests.journeys.mortal import settings_for
from tests.journeys.shapes import as_meta_writes
from tests.journeys.telling import send
from tests.opened import connect_all, free_ports, open_first_shop, serving

DEATHS = 30
TELLERS = 6
PEOPLE = 12
SECRET = "a secret that outlives every process of this shop"


@dataclass
class Mortal:
    """The process that keeps the shop, one life after the other."""

    process: asyncio.subprocess.Process
    life: int = 0

    async def begin(self) -> None:
        assert self.process.stdout is not None
        self.life = int(await self.process.stdout.readline())

    async def die(self) -> None:
        os.kill(self.life, signal.SIGKILL)
        assert self.process.stdin is not None
        self.process.stdin.write(b"again\n")
        await self.begin()


@dataclass
class Load:
    """Deliveries on their way. What got no answer is sent again, as Meta does."""

    world: World
    port: int
    promised: list[str] = field(default_factory=list)
    questions: set[str] = field(default_factory=set)
    again: deque[tuple[list[str], bytes]] = field(default_factory=deque)
    number: int = 0
    is_over: bool = False

    async def tell(self) -> None:
        """One connection at a time, each as long as the shop lives."""
        while self.again or not self.is_over:
            with contextlib.suppress(OSError, EOFError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                try:
                    await self._tell_on(reader, writer)
                finally:
                    writer.close()
            await asyncio.sleep(0.02)

    async def _tell_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while self.again or not self.is_over:
            ids, raw = self.again.popleft() if self.again else self._next()
            try:
                status = await send(reader, writer, raw)
            except BaseException:
                self.again.append((ids, raw))
                raise
            assert status in (200, 503)
            if status == 200:
                self.promised += ids
            else:
                self.again.append((ids, raw))

    def _next(self) -> tuple[list[str], bytes]:
        made = [self._event() for _ in range(random.choice([1, 1, 1, 3]))]
        entries = [entry for _, entry in made]
        return [name for name, _ in made], as_meta_writes({"object": "page", "entry": entries})

    def _event(self) -> tuple[str, dict[str, Any]]:
        self.number += 1
        who = self.world.talk(self.world.meet(f"Gast {self.number % PEOPLE}"), SLUG)
        now = int(time.time() * 1000)
        if self.number % 5 == 0:
            return self._comment(who, now // 1000)
        mid, is_question = f"m_{self.number}", self.number % 4 == 0
        if is_question:
            self.questions.add(mid)
        message = {"mid": mid, "text": "Hallo!" if is_question else "ok"}
        event = {"sender": {"id": who.user_id}, "recipient": {"id": PAGE.page_id},
                 "timestamp": now, "message": message}  # fmt: skip
        return mid, {"id": PAGE.page_id, "time": now, "messaging": [event]}

    def _comment(self, who: Thread, now: int) -> tuple[str, dict[str, Any]]:
        post, name = f"{PAGE.page_id}_7", f"7_{self.number}"
        value = {"item": "comment", "verb": "add", "comment_id": name, "post_id": post,
                 "parent_id": post, "from": {"id": who.user_id, "name": who.person.name},
                 "created_time": now, "message": "Wie schön!"}  # fmt: skip
        change = {"field": "feed", "value": value}
        return name, {"id": PAGE.page_id, "time": now, "changes": [change]}


@asynccontextmanager
async def open_mortal(plan: DemoPlan, url: str) -> AsyncIterator[Mortal]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.mortal", cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    ports = [plan.product_port, plan.sandbox_port, plan.mail_port]
    told = {"folder": str(plan.folder), "ports": ports, "url": url, "secret": SECRET}
    process.stdin.write(json.dumps(told).encode() + b"\n")
    mortal = Mortal(process)
    try:
        await mortal.begin()
        yield mortal
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def open_small_world(plan: DemoPlan, url: str) -> AsyncIterator[World]:
    """The sandbox, which never dies, and a shop in the database that is connected with it."""
    patient = sandbox_settings(plan).model_copy(update={"retry_delays_s": (0.1,) * 600})
    async with serving(build_sandbox(patient), plan.sandbox_port) as sandbox:
        product = build_app(settings_for(plan, url=url, secret=SECRET), works=False)
        async with serving(product, plan.product_port):
            await connect_all(product, await open_first_shop(product))
        world = sandbox[WORLD]
        for number in range(PEOPLE):
            thread = world.talk(world.meet(f"Gast {number}"), SLUG)
            thread.is_started, thread.last_action_at = True, world.now()
        yield world
        await sandbox[SENDER].settled()


async def all_rows(db: Database, table: Any) -> list[Any]:
    async with db.reading() as session:
        return list((await session.exec(select(table).order_by(col(table.id)))).all())


async def until_quiet(db: Database) -> None:
    """No event waits, and no job is due. (Looks at replies of unknown fate lie in the future.)"""
    async with asyncio.timeout(120):
        while True:
            jobs, now = await all_rows(db, Job), utc_now()
            waiting = [one for one in await all_rows(db, Incoming) if one.state == "waiting"]
            if not waiting and all(job.state == "waiting" and job.run_at > now for job in jobs):
                return
            await asyncio.sleep(0.1)


async def test_thirty_deaths_lose_nothing_and_double_nothing(
    sqlite_db: WatchedDatabase, tmp_path: Path
) -> None:
    plan, db = DemoPlan(tmp_path, *free_ports(3)), sqlite_db
    async with open_small_world(plan, db.address) as world:
        load = Load(world, plan.product_port)
        async with open_mortal(plan, db.address) as mortal:
            tellers = [asyncio.create_task(load.tell()) for _ in range(TELLERS)]
            for _ in range(DEATHS):
                await die_at_some_moment(mortal, load)
            load.is_over = True
            await asyncio.gather(*tellers)
            await until_quiet(db)
            await world.sender.settled()
            await until_quiet(db)
        said = {one.platform_id: one for one in await all_rows(db, Message)}
        await check_what_was_told(db, load, said)
        check_what_was_answered(load, said, sent_by(world))


async def die_at_some_moment(mortal: Mortal, load: Load) -> None:
    """Mostly while it works, sometimes while it wakes up."""
    if random.random() < 0.8:
        promised = len(load.promised)
        async with asyncio.timeout(20):
            while len(load.promised) == promised:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await asyncio.sleep(random.uniform(0, 0.3))
    await mortal.die()


async def check_what_was_told(db: Database, load: Load, said: dict[str, Message]) -> None:
    """Everything that was ever sent got its 200 in the end, and is there once."""
    assert len(load.promised) == load.number
    told = Counter(one.platform_id for one in said.values() if one.author == "customer")
    assert told == Counter(load.promised)
    assert set(told.values()) == {1}
    assert {one.state for one in await all_rows(db, Incoming)} == {"done"}
    assert [(one.name, one.attempts) for one in await all_rows(db, Dead)] == []
    comments = [one for one in await all_rows(db, Conversation) if one.channel == "comment"]
    assert len(comments) == sum(name.startswith("7_") for name in load.promised)


def check_what_was_answered(load: Load, said: dict[str, Message], sent: Counter[str]) -> None:
    """Each question was answered once. What was on its way at a death may have arrived or not:
    it is never sent again, and says so where nobody knows."""
    numbers = {one.id: one.platform_id for one in said.values()}
    answers = [one for one in said.values() if one.author == "bot"]
    assert Counter(numbers[one.answers_id] for one in answers) == Counter(load.questions)
    assert set(sent.values()) <= {1}
    for answer in answers:
        assert (answer.state, sent[answer.correlation or ""]) in {("sent", 1), ("unclear", 0)}
    assert sum(sent.values()) == sum(answer.state == "sent" for answer in answers)
    unclear = [answer for answer in answers if answer.state == "unclear"]
    assert len(unclear) <= DEATHS
    assert {answer.failure_detail for answer in unclear} <= {"interrupted"}


def sent_by(world: World) -> Counter[str]:
    """What reached people in Messenger, by the mark each reply carries."""
    threads = [world.talk(world.meet(f"Gast {number}"), SLUG) for number in range(PEOPLE)]
    return Counter(
        message.content["metadata"]
        for thread in threads
        for message in thread.messages
        if message.is_from_page
    )
