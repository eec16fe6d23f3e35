"""Fixtures for all tests: a real database each, a settable clock, a shop."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.engines import open_engine
from core.events import Reaction
from core.jobs import JobEngine
from core.logs import start_logging
from core.shops import Shop, open_shop
from tests.databases import PostgresDatabases, SqliteFiles, fast_folder
from tests.pauses import pause_before_statements


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: while some tests wait for a disk or a browser, others run."""
    return (os.cpu_count() or 1) + 1


class SetClock:
    """Stands still until it is moved. Starts at the real time, because signatures carry it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta | None = None, **parts: float) -> None:
        """`clock.advance(hours=3)` or `clock.advance(timedelta(hours=3))`."""
        self.now += by or timedelta(**parts)


class Witness(Mapping[type, Sequence[Reaction]]):
    """Reactions that take every event and only remember it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def _remember(self, session: AsyncSession, event: Any) -> None:
        self.seen.append(event)

    def __getitem__(self, kind: type) -> Sequence[Reaction]:
        return [self._remember]

    def __iter__(self) -> Iterator[type]:
        return iter(())

    def __len__(self) -> int:
        return 0


class WatchedDatabase(Database):
    """A database that remembers in `seen` every event recorded through it."""

    def __init__(self, url: str) -> None:
        witness = Witness()
        super().__init__(url, reactions=witness, pool_size=5)
        self.seen = witness.seen
        self.address = url


def pytest_configure(config: pytest.Config) -> None:
    start_logging(level="error", format="text")
    config.addinivalue_line("markers", "sqlite_only: says something about SQLite alone")
    config.addinivalue_line("markers", "postgres_only: says something about PostgreSQL alone")
    config.addinivalue_line("markers", "deadlocks: brings some about")
    if pause_ms := int(os.environ.get("PAUSE_MS", "0")):
        pause_before_statements(pause_ms)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests run on both databases unless they say otherwise."""
    if "database_url" not in metafunc.fixturenames:
        return
    engines: list[Any] = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "sqlite_db" in metafunc.fixturenames or "sqlite_only" in marks:
        engines = engines[:1]
    elif "postgres_only" in marks:
        engines = engines[1:]
    metafunc.parametrize("database_url", engines, indirect=True)


def _process(config: pytest.Config) -> str:
    return getattr(config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def test_folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Of this process; gone after the run."""
    folder = fast_folder() / f"tresen-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def sqlite_files(test_folder: Path) -> SqliteFiles:
    return SqliteFiles(test_folder)


@pytest.fixture(scope="session")
def postgres_databases(request: pytest.FixtureRequest) -> Iterator[PostgresDatabases]:
    run = getattr(request.config, "workerinput", {}).get("testrunuid", f"pid{os.getpid()}")
    databases = PostgresDatabases(fast_folder() / f"tresen-pg-{run[:12]}", _process(request.config))
    yield databases
    databases.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of this test's own, with all tables and nothing in them."""
    kind = "sqlite_files" if request.param == "sqlite" else "postgres_databases"
    databases = request.getfixturevalue(kind)
    with databases.fresh() as url:
        yield url
        if request.param == "postgres" and not request.node.get_closest_marker("deadlocks"):
            assert databases.count_deadlocks(url) == 0, "two transactions waited for each other"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def db(database_url: str, clock: SetClock) -> AsyncIterator[WatchedDatabase]:
    """On both databases in turn; `db.seen` holds the recorded events."""
    database = WatchedDatabase(database_url)
    database.provide("jobs", open_engine(database, {}, clock=clock))
    yield database
    await database.close()


@pytest.fixture
def sqlite_db(db: WatchedDatabase) -> WatchedDatabase:
    """The same, but the test runs on SQLite only: for what no database decides."""
    return db


@pytest.fixture
def jobs(db: WatchedDatabase) -> JobEngine:
    """The engine behind `db`. Say who does what: `jobs.handlers["a.b.c"] = Handler(run)`."""
    return db.tool("jobs")


@pytest.fixture
async def session(db: WatchedDatabase) -> AsyncIterator[AsyncSession]:
    """One transaction around the whole test. On SQLite nobody else can write meanwhile."""
    async with db.transaction() as opened:
        yield opened


@pytest.fixture
async def shop(db: WatchedDatabase, clock: SetClock) -> Shop:
    async with db.transaction() as opened:
        return await open_shop(opened, "blumen", "Blumen am Markt", now=clock())
