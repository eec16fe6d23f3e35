"""The till, on both databases."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.shops import Shop
from tests.conftest import SetClock, WatchedDatabase
from tests.payments.till import Till, open_till


@pytest.fixture
async def till(
    sqlite_db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Till]:
    async with open_till(sqlite_db, jobs, clock, shop) as opened:
        yield opened


@pytest.fixture
async def each_till(
    db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Till]:
    """On both databases in turn: for what locks and constraints decide."""
    async with open_till(db, jobs, clock, shop) as opened:
        yield opened
