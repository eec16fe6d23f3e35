"""Fixtures: a shop's inbox alone, and one whose page lives in the running sandbox."""

import pytest

from core.shops import Shop
from tests.conftest import SetClock, WatchedDatabase
from tests.inbox.market import market
from tests.inbox.story import Inbox, Told

__all__ = ["market"]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def inbox(db: WatchedDatabase, shop: Shop, clock: SetClock) -> Inbox:
    return Inbox(db, shop, clock)
