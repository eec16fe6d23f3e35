"""Ten thousand webhooks gone wrong: no answer is an error of ours, and nothing signed is lost."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from app.demo.settings import PAGE
from core.dead_jobs import Dead
from core.incoming import Incoming
from meta.deliveries import split
from meta.jsontext import Unreadable, parse
from meta.shapes import items, shape
from sandbox.webhooks import SENDER
from tests.journeys.mutations import mutated
from tests.journeys.shapes import all_shapes
from tests.journeys.telling import rows, send
from tests.opened import House, open_house

AT_ONCE = 48


@pytest.fixture
async def working_house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Its worker runs all the while, as in a real shop."""
    async with open_house(database_url, tmp_path) as opened:
        yield opened


def bodies(count: int, chance: random.Random) -> list[bytes]:
    """Each of an event of its own; a few people talk, under a few posts."""
    shapes, ms = all_shapes(), int(time.time() * 1000) - 60_000
    return [
        mutated(shapes, ids_of(number, chance), chance, ms=ms + number) for number in range(count)
    ]


def ids_of(number: int, chance: random.Random) -> dict[str, str]:
    person = str(7_000_000_000 + chance.randrange(40))
    return {
        "n": f"{100_000 + number}", "app": "1900000000000001", "page": PAGE.page_id,
        "instagram": PAGE.instagram_id, "person": person, "fan": f"9{person}",
        "post": f"{PAGE.page_id}_{chance.randrange(20)}", "comment": f"5_{100_000 + number}",
        "media": f"4455{chance.randrange(20)}",
    }  # fmt: skip


async def post_all(house: House, raws: Sequence[bytes]) -> Counter[int]:
    """How often each status was answered."""
    found: Counter[int] = Counter()
    waiting = iter(raws)
    await asyncio.gather(*(post_on(house, waiting, found) for _ in range(AT_ONCE)))
    return found


async def post_on(house: House, waiting: Iterator[bytes], found: Counter[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.plan.product_port)
    for raw in waiting:
        found[await send(reader, writer, raw)] += 1
    writer.close()
    await writer.wait_closed()


def scalars(value: Any) -> Iterator[str]:
    """Everything said in a value, as JSON writes it."""
    match value:
        case dict():
            for name, part in value.items():
                yield from scalars(name)
                yield from scalars(part)
        case list():
            for part in value:
                yield from scalars(part)
        case _:
            yield json.dumps(value)


def told_in(raw: bytes) -> set[str]:
    """What a body says about what happened."""
    try:
        body = parse(raw)
        entries = body.get("entry") if isinstance(body, dict) else None
        return {said for entry in items(entries) for said in _told(entry)}
    except (Unreadable, RecursionError):
        return set()


def _told(entry: Any) -> Iterator[str]:
    content = shape(entry)
    for name in ("messaging", "standby"):
        yield from scalars(content.get(name, []))
    for change in items(content.get("changes")):
        yield from scalars(shape(change).get("value", change))
    if "field" in content:
        yield from scalars(content.get("value", []))
    known = {"id", "time", "messaging", "standby", "changes", "field", "value"}
    for name, part in content.items():
        if name not in known and isinstance(part, list | dict) and part:
            yield from scalars({name: part})


async def lost(house: House, raws: Sequence[bytes]) -> list[bytes]:
    """Bodies of which something cannot be found again. Events under one id are one event, so of
    those what the others say is not asked for."""
    kept = {row.key: row for row in await rows(house, Incoming)}
    now, bodies_of = house.now(), defaultdict[str, list[int]](list)
    for number, raw in enumerate(raws):
        for event in split(raw, now=now):
            bodies_of[event.key].append(number)
    assert set(kept) >= set(bodies_of)
    found = defaultdict[int, set[str]](set)
    for key, numbers in bodies_of.items():
        body = json.loads(kept[key].body)
        is_whole = kept[key].kind == "unreadable"
        said = told_in(body["raw"].encode()) if is_whole else set(scalars(body))
        for number in numbers:
            found[number] |= said if len(numbers) == 1 else told_in(raws[number])
    return [raw for number, raw in enumerate(raws) if not told_in(raw) <= found[number]]


async def until_idle(house: House) -> None:
    """The limit only keeps a run from hanging: how long it takes is the machine's affair."""
    async with asyncio.timeout(600):
        while await count_waiting(house):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def count_waiting(house: House) -> int:
    query = select(func.count()).where(col(Incoming.state) == "waiting")
    async with house.db.reading() as session:
        return (await session.exec(query)).one()


async def test_nothing_that_was_signed_is_lost_and_nothing_breaks(working_house: House) -> None:
    house = working_house
    count = 10_000 if house.db.is_sqlite else 1_000
    raws = bodies(count, random.Random(random.getrandbits(32)))
    assert await post_all(house, raws) == {200: count}
    await until_idle(house)
    events = await rows(house, Incoming)
    assert Counter(row.state for row in events).keys() <= {"done", "ignored"}
    assert [row for row in events if row.state == "ignored" and not row.reason] == []
    assert await lost(house, raws) == []
    assert await rows(house, Dead) == []
    await somebody_is_still_answered(house)


async def somebody_is_still_answered(house: House) -> None:
    anna = house.world.meet("Anna Weber")
    house.world.write(anna, house.page, "Hallo!")
    await house.sandbox[SENDER].settled()
    thread = house.world.talk(anna, house.page)
    async with asyncio.timeout(10):
        while not thread.messages[-1].is_from_page:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert thread.messages[-1].text.startswith("Hallo! Ich bin der Bot von Blumen am Markt.")
