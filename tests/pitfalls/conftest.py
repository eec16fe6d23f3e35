"""The stall and the till, on one database or on both."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.shops import Shop
from tests.conftest import SetClock, WatchedDatabase
from tests.payments.till import Till, open_till
from tests.storefront.stall import Stall, open_stall


@pytest.fixture
async def stall(
    sqlite_db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Stall]:
    async with open_stall(sqlite_db, jobs, clock, shop) as opened:
        yield opened


@pytest.fixture
async def each_stall(
    db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Stall]:
    """On both databases in turn: for what locks and constraints decide."""
    async with open_stall(db, jobs, clock, shop) as opened:
        yield opened


@pytest.fixture
async def till(
    sqlite_db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Till]:
    async with open_till(sqlite_db, jobs, clock, shop) as opened:
        yield opened
