"""The demo itself, as somebody who has just typed `make demo` meets it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.demo.run import Demo, open_demo
from app.demo.settings import DemoPlan
from tests.opened import House, free_ports, open_house


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with open_demo(DemoPlan(tmp_path, *free_ports(3))) as opened:
        yield opened


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """An empty shop. Its jobs run when the story says `await house.settle()`."""
    async with open_house(database_url, tmp_path, works=False) as opened:
        yield opened
