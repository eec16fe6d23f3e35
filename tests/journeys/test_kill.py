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

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from app.build import build_app
from app.demo.settings import PAGE, SLUG, DemoPlan, sandbox_settings
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
from tests.journeys.mortal import settings_for
from tests.journeys.shapes import as_meta_writes
from tests.journeys.telling import send
from tests.opened import connect_all, free_ports, open_first_shop, serving

LIVES = 30
TELLERS = 6
PEOPLE = 12


@dataclass
class Mortal:
    """The process that keeps the shop, one life after the other."""

    process: asyncio.subprocess.Process
    port: int
    life: int = 0

    async def begin(self) -> None:
        assert self.process.stdout is not None
        self.life = int(await self.process.stdout.readline())

    async def die(self) -> None:
        os.kill(self.life, signal.SIGKILL)
        assert self.process.stdin is not None
        self.process.stdin.write(b"again\n")
        await self.begin()

    async def is_up(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return
            await asyncio.sleep(0.02)


@dataclass
class Load:
    """Deliveries on their way. What got no answer is sent again, as Meta does."""

    world: World
    port: int
    promised: list[str] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)
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
            self.answered.add(mid)
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
async def open_mortal(plan: DemoPlan, url: str, secret: str) -> AsyncIterator[Mortal]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.mortal", cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    ports = [plan.product_port, plan.sandbox_port, plan.mail_port]
    told = {"folder": str(plan.folder), "ports": ports, "url": url, "secret": secret}
    process.stdin.write(json.dumps(told).encode() + b"\n")
    mortal = Mortal(process, plan.product_port)
    try:
        await mortal.begin()
        yield mortal
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def open_small_world(plan: DemoPlan, url: str, secret: str) -> AsyncIterator[World]:
    """The sandbox, which never dies, and a shop in the database that is connected with it."""
    patient = sandbox_settings(plan).model_copy(update={"retry_delays_s": (0.1,) * 600})
    async with serving(build_sandbox(patient), plan.sandbox_port) as sandbox:
        product = build_app(settings_for(plan, url=url, secret=secret), works=False)
        async with serving(product, plan.product_port):
            await connect_all(product, await open_first_shop(product))
        world = sandbox[WORLD]
        for number in range(PEOPLE):
            thread = world.talk(world.meet(f"Gast {number}"), SLUG)
            thread.is_started, thread.last_action_at = True, world.now()
        yield world
        await sandbox[SENDER].settled()


async def count(db: Database, *where: Any) -> int:
    async with db.reading() as session:
        return (await session.exec(select(func.count()).where(*where))).one()


async def all_rows(db: Database, table: Any) -> list[Any]:
    async with db.reading() as session:
        return list((await session.exec(select(table))).all())


@pytest.mark.sqlite_only
async def test_thirty_deaths_lose_nothing_and_double_nothing(
    database_url: str, tmp_path: Path
) -> None:
    plan, secret = DemoPlan(tmp_path, *free_ports(3)), "a secret that outlives every process of this shop"
    async with open_small_world(plan, database_url, secret) as world:
        load = Load(world, plan.product_port)
        async with open_mortal(plan, database_url, secret) as mortal:
            tellers = [asyncio.create_task(load.tell()) for _ in range(TELLERS)]
            t=time.time()
            for n in range(LIVES):
                if random.random() < 0.8:
                    await mortal.is_up()
                await asyncio.sleep(random.uniform(0, 0.4))
                await mortal.die()
                print(n, time.time()-t, load.number, len(load.promised))
            load.is_over = True
            await asyncio.gather(*tellers)
            db = Database(database_url, reactions={})
            print("told", load.number, time.time()-t)
            for i in range(300):
                w = await count(db, col(Incoming.state)=="waiting"); j=await all_rows(db, Job)
                due=[x for x in j if x.state!="waiting" or x.run_at.timestamp()<time.time()]
                if not w and not due: break
                await asyncio.sleep(0.2)
            print("idle", time.time()-t, w, j)
            ms = await all_rows(db, Message)
            print(Counter((m.author,m.state) for m in ms), len(load.promised), len(load.answered))
            print([ (d.name, d.reason) for d in await all_rows(db, Dead)])
            print(Counter(i.state for i in await all_rows(db, Incoming)))
            await db.close()
            await asyncio.sleep(1)
