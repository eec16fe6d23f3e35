"""Ten thousand webhooks gone wrong: no answer is an error of ours, and nothing signed is lost."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.demo.settings import APP_SECRET, PAGE
from core.dead_jobs import Dead
from core.incoming import Incoming
from inbox.models import Message
from meta.deliveries import split
from meta.jsontext import Unreadable, parse
from sandbox.webhooks import SENDER
from tests.journeys.mutations import mutated
from tests.journeys.shapes import all_shapes, signed
from tests.journeys.telling import URL, rows, settle
from tests.opened import House, open_house

AT_ONCE = 48
SECTIONS = ("messaging", "standby", "changes")


@pytest.fixture
async def working_house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """Its worker runs all the while, as in a real shop."""
    async with open_house(database_url, tmp_path) as opened:
        yield opened


def bodies(count: int, chance: Random) -> list[bytes]:
    """Each of an event of its own; a few people talk, under a few posts."""
    shapes, ms = all_shapes(), int(time.time() * 1000) - 60_000
    return [
        mutated(shapes, ids_of(number, chance), chance, ms=ms + number) for number in range(count)
    ]


def ids_of(number: int, chance: Random) -> dict[str, str]:
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

    async def post_on() -> None:
        for raw in waiting:
            headers = signed(raw, APP_SECRET)
            async with house.http.post(house.at(URL), data=raw, headers=headers) as answer:
                found[answer.status] += 1

    await asyncio.gather(*(post_on() for _ in range(AT_ONCE)))
    return found


def scalars(value: Any) -> Iterator[str]:
    """What is said in a body, as JSON writes it."""
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
    """Everything a body says about what happened, or its text where it is no JSON."""
    try:
        body = parse(raw)
        entries = body["entry"] if isinstance(body, dict) else None
        if not isinstance(entries, list) or not entries:
            return set()
        return {said for entry in entries for said in _told(entry)}
    except (Unreadable, KeyError, RecursionError):
        return set()


def _told(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        return scalars(entry)
    parts = [entry[name] for name in SECTIONS if name in entry]
    return scalars(parts or entry)


async def lost(house: House, raws: Sequence[bytes]) -> list[bytes]:
    """Bodies of which something cannot be found again. Events under one id are one event."""
    kept = {row.key: row for row in await rows(house, Incoming)}
    now, told, gone = house.now(), defaultdict[str, set[str]](set), []
    for row in kept.values():
        told[row.key] = _said_in(row.body)
    for raw in raws:
        keys = {event.key for event in split(raw, now=now)}
        found = {said for key in keys for said in told[key]}
        if not keys or not keys <= set(kept) or not told_in(raw) <= found:
            gone.append(raw)
    return gone


def _said_in(body: str) -> set[str]:
    return set(scalars(json.loads(body)))


async def test_try(working_house: House, database_url) -> None:
    house = working_house
    import random
    t=time.time()
    raws = bodies(10_000 if house.db.is_sqlite else 1500, Random(random.getrandbits(60)))
    print("made", time.time()-t); t=time.time()
    import cProfile, pstats
    pr=cProfile.Profile(); pr.enable()
    print(await post_all(house, raws), time.time()-t); t=time.time()
    pr.disable(); pstats.Stats(pr).sort_stats("cumtime").print_stats(90)
    for _ in range(600):
        left=[r for r in await rows(house, Incoming) if r.state=="waiting"]
        if not left: break
        await asyncio.sleep(0.5)
    print("drained", time.time()-t, len(left)); t=time.time()
    all=await rows(house, Incoming)
    print(Counter(r.state for r in all), Counter((r.reason or "")[:60] for r in all if r.state in("failed","waiting")).most_common(30))
    print(Counter(m.author+m.state for m in await rows(house, Message)))
    print([(d.name,d.reason) for d in await rows(house, Dead)][:10])
    t=time.time()
    l=await lost(house, raws)
    print("lost", len(l), [x[:600] for x in l[:8]], time.time()-t)
