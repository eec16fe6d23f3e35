"""Every shape a webhook can have, through the real address: what is stored, what comes of it."""

import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from app.demo.settings import PAGE
from core.incoming import Incoming
from sandbox.things import Post
from tests.journeys.shapes import Shape, all_shapes, fill
from tests.journeys.telling import (
    Mark,
    inbox_lines,
    mark,
    post_lines,
    rows,
    settle,
    stored_line,
    tell,
)
from tests.opened import House, open_house

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENGINES = ["sqlite_files", pytest.param("postgres_databases", marks=pytest.mark.postgres)]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=ENGINES)
async def busy_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """One house for all shapes: each tells of a person, a post and a comment of its own."""
    folder: Path = tmp_path_factory.mktemp("shapes")
    with request.getfixturevalue(request.param).fresh() as url:
        async with open_house(url, folder, works=False) as house:
            yield house


_NUMBERS = itertools.count(1001)


def ids_of_its_own(house: House) -> dict[str, str]:
    """A person who has both chats open, a post and a picture to comment on: known to the
    sandbox, so that answers can arrive there."""
    number, world = str(next(_NUMBERS)), house.world
    guest = world.meet(f"Greta Sommer {number}")
    threads = [
        world.talk(guest, house.page, "messenger"),
        world.talk(guest, house.page, "instagram"),
    ]
    for thread in threads:
        thread.is_started, thread.last_action_at = True, world.now()
    with world.quietly():
        standing: Post = world.post(house.page, "Frisch vom Markt")
        shown = world.show(house.page, world.paint(b"GIF89a", "image/gif"), "Frisch vom Markt")
    return {
        "n": number, "app": "1900000000000001", "page": PAGE.page_id,
        "instagram": PAGE.instagram_id, "person": threads[0].user_id, "fan": threads[1].user_id,
        "post": standing.id, "comment": f"{standing.id.split('_')[1]}_{number}", "media": shown.id,
    }  # fmt: skip


async def outcome(house: House, shape: Shape) -> dict[str, Any]:
    ids, happened = ids_of_its_own(house), int(time.time() * 1000) - 60_000
    start = await mark(house)
    for body in shape.before:
        await tell(house, fill(body, ids, ms=happened))
        await settle(house)
    before: Mark = await mark(house)
    await tell(house, fill(shape.body, ids, ms=happened))
    stored = await rows(house, Incoming, after=before.incoming)
    await settle(house)
    after = {row.id: row for row in await rows(house, Incoming, after=before.incoming)}
    return {
        "stored": [stored_line(after[row.id]).replace(ids["n"], "<n>") for row in stored],
        "inbox": await inbox_lines(house, after=start.conversation),
        "posts": await post_lines(house, after=start.post),
    }


@pytest.mark.parametrize("shape", all_shapes(), ids=lambda shape: shape.name)
async def test_a_webhook_of_this_shape_is_understood(busy_house: House, shape: Shape) -> None:
    wanted = {"stored": shape.stored, "inbox": shape.inbox, "posts": shape.posts}
    assert await outcome(busy_house, shape) == wanted
