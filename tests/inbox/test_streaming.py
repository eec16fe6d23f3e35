"""Open pages follow by numbered events: what they show plus what they heard is what there is."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select, update

from core.live import Change, forget_old_changes, latest_change
from inbox.conversations import assign, close, hand_to_human, reopen
from inbox.models import Conversation
from inbox.notes import add_note
from tests.inbox.story import Told
from tests.inbox.test_pages import get, hears, house, names, only
from tests.opened import House, open_house, sign_in

__all__ = ["house"]
pytestmark = pytest.mark.sqlite_only


class Listener:
    """Reads one stream of events."""

    def __init__(self, content: Any) -> None:
        self._content = content

    async def next(self, *, within: float = 2.0) -> dict[str, str]:
        """The next event; comments and settings are passed over."""
        async with asyncio.timeout(within):
            while True:
                fields: dict[str, str] = {}
                while (line := (await self._content.readline()).decode().rstrip("\n")) != "":
                    name, _, value = line.partition(": ")
                    fields[name] = value
                if "event" in fields:
                    return fields


@asynccontextmanager
async def listening(house: House, after: int | str = "", **headers: str) -> AsyncIterator[Listener]:
    async with house.http.get(
        house.at(f"/counter/events?after={after}"), headers=headers
    ) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Listener(answer.content)


async def latest(house: House) -> int:
    async with house.db.reading() as session:
        return await latest_change(session, house.shop.key)


async def test_a_message_is_heard_of_within_a_second(house: House, told: Told) -> None:
    async with listening(house, await latest(house)) as listener:
        await hears(house, told.comment("c1", "Hallo", 1))
        event = await listener.next(within=1.0)
    thread = await only(house, Conversation)
    assert event["event"] == "inbox"
    assert f'"id":{thread.key}' in event["data"]


async def test_who_was_cut_off_hears_what_was_missed_and_nothing_twice(
    house: House, told: Told
) -> None:
    async with listening(house, await latest(house)) as listener:
        await hears(house, told.comment("c1", "Eins", 1))
        last = (await listener.next())["id"]
    await hears(house, told.comment("c2", "Zwei", 2, parent="c1"))
    await hears(house, told.comment("c3", "Drei", 3, parent="c1"))
    async with listening(house, 0, **{"Last-Event-ID": last}) as listener:
        numbers = [int((await listener.next())["id"]) for _ in range(2)]
    assert numbers == [int(last) + 1, int(last) + 2]


async def test_who_was_away_too_long_is_told_to_begin_anew(house: House, told: Told) -> None:

    await hears(house, *(told.comment(f"c{n}", "x", n) for n in range(5)))
    async with house.db.transaction() as session:
        old = house.now() - timedelta(days=3)
        await session.exec(update(Change).where(col(Change.id) > 0).values(at=old))
    await forget_old_changes(house.db, house.now)
    newest = await latest(house)
    for after in (1, newest + 1000, "", "quatsch"):
        async with listening(house, after) as listener:
            event = await listener.next()
        assert (event["event"], event["id"]) == ("reset", str(newest)), after
    async with listening(house, newest) as listener:
        await hears(house, told.comment("c9", "x", 9))
        assert (await listener.next())["event"] == "inbox"


async def test_the_old_page_and_the_events_make_the_fresh_page(house: House, told: Told) -> None:
    """For every step: whoever fetches what the events name sees what a fresh reader sees."""
    await hears(house, told.text("m1", "Hallo", 1), told.comment("c1", "Was kostet das?", 2))
    kept: dict[str, str] = {}

    async def parts(numbers: list[int]) -> dict[str, str]:
        paths = ["/counter/inbox/rows", "/counter/inbox/unread"]
        for number in numbers:
            paths += [f"/counter/inbox/{number}/head"]
        # The words for "just now" change by themselves.
        return {
            path: re.sub(r"(vor|in) \d+ \w+", "", (await get(house, path))[1]) for path in paths
        }

    async with house.db.reading() as session:
        threads = [one.key for one in (await session.exec(select(Conversation))).all()]
    kept = await parts(threads)
    last = await latest(house)

    async def step(what: Any) -> None:
        async with house.db.transaction() as session:
            conversation = await session.get_one(Conversation, threads[0])
            await what(session, conversation)

    now = house.now()
    steps: list[Any] = [
        lambda s, c: hand_to_human(s, c, by=1, now=now),
        lambda s, c: assign(s, c, 1, by=1, now=now),
        lambda s, c: add_note(s, c, "Notiz", staff_id=1, now=now),
        lambda s, c: close(s, c, by=1, now=now),
        lambda s, c: reopen(s, c, by=1, now=now),
    ]
    async with listening(house, last) as listener:
        for what in steps:
            await step(what)
            event = await listener.next()
            assert event["event"] == "inbox"
            kept |= await parts([threads[0]])
            assert kept == await parts(threads)
        await hears(house, told.text("m2", "Noch da?", 5))
        await listener.next()
        kept |= await parts([threads[0]])
    assert kept == await parts(threads)
    assert names(kept["/counter/inbox/rows"])


async def test_open_streams_do_not_keep_the_server_from_stopping(
    database_url: str, tmp_path: Path
) -> None:
    began = asyncio.get_running_loop().time()
    async with open_house(database_url, tmp_path, works=False, connected=False) as opened:
        await sign_in(opened)
        answer = await opened.http.get(opened.at("/counter/events?after=0"))
        assert answer.status == 200
    assert asyncio.get_running_loop().time() - began < 5
