"""How often and by how many: a few by default, `make races` for the whole thing."""

import os
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.shops import Shop
from tests.conftest import SetClock, WatchedDatabase
from tests.races.crowd import SCORES, Crowd, open_crowd
from tests.storefront.stall import open_stall

RUNS = int(os.environ.get("RACE_RUNS", "1"))
BUYERS = int(os.environ.get("RACE_BUYERS", "16"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "run" in metafunc.fixturenames:
        metafunc.parametrize("run", range(RUNS))


@pytest.fixture
async def crowd(
    db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Crowd]:
    async with open_stall(db, jobs, clock, shop) as stall, open_crowd(stall) as opened:
        yield opened


@pytest.fixture
def engine(db: WatchedDatabase) -> str:
    return "SQLite" if db.address.startswith("sqlite") else "PostgreSQL"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One row per scenario; with several processes each would only know its own."""
    if not SCORES or RUNS == 1:
        return
    write = terminalreporter.write_line
    write(f"\n{'scenario':<44}{'database':<12}{'runs':>6}{'sold':>7}{'refused':>9}"
          f"{'errors':>8}{'worst s':>9}")  # fmt: skip
    for (scenario, engine), score in sorted(SCORES.items()):
        write(f"{scenario:<44}{engine:<12}{score.runs:>6}{score.sold:>7}{score.refused:>9}"
              f"{score.errors:>8}{score.worst:>9.2f}")  # fmt: skip
