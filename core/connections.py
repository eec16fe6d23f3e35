"""Connections to SQLite and PostgreSQL, prepared so that both behave alike."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from core import postgres_driver, sqlite_driver
from core.errors import BadSetting
from core.storable import is_storable, storable, to_json

# Values of parameters are people's words: they belong into no exception and so into no log.
_COMMON: dict[str, Any] = {"hide_parameters": True, "json_serializer": to_json}

_TRUSTED_SECONDS = 1.0
# Of each connection: SQLAlchemy forgets all but a hundred, fewer than the shop has.
_PREPARED = 1000


def url_with_driver(text: str) -> URL:
    url = make_url(text)
    match url.get_backend_name():
        case "sqlite":
            return url.set(drivername="sqlite+aiosqlite")
        case "postgresql":
            return url.set(drivername="postgresql+asyncpg")
        case other:
            raise BadSetting(
                f"DATABASE_URL starts with {other!r}; write sqlite:///tresen.db "
                "or postgresql://user:password@host/database"
            )


def open_connections(url: URL, *, writes: bool, pool_size: int) -> AsyncEngine:
    """On SQLite either the one connection that writes or those that only read."""
    if url.get_backend_name() == "postgresql":
        way = postgres_driver.how_to_connect(url)
        # The last one given back is taken first: it is warm, and has its statements prepared.
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_use_lifo=True,
            pool_timeout=60,
            connect_args={
                "async_creator_fn": partial(postgres_driver.connect, way),
                "prepared_statement_cache_size": _PREPARED,
            },
            **_COMMON,
        )
        event.listen(engine.sync_engine, "before_cursor_execute", _mend, retval=True)
        _watch(engine)
        return engine
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    size = 1 if writes else max(2, pool_size // 2)
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"async_creator_fn": sqlite_driver.connect},
        **_COMMON,
    )
    event.listen(engine.sync_engine, "before_cursor_execute", _mend, retval=True)
    event.listen(engine.sync_engine, "connect", _prepare_writer if writes else _prepare_reader)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    event.listen(engine.sync_engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def open_for_migrating(address: str) -> AsyncEngine:
    """procrastinate brings its tables as one text of many statements, which asyncpg does not
    take. SQLite changes a table by making it anew: what refers to it must bear its absence for a
    moment (sqlite.org/lang_altertable.html, 7), so whoever migrates checks it at the end."""
    url = url_with_driver(address)
    if url.get_backend_name() == "sqlite":
        engine = open_connections(url, writes=True, pool_size=1)
        event.listen(
            engine.sync_engine, "connect", lambda raw, _: _prepare(raw, "foreign_keys=OFF")
        )
        return engine
    return create_async_engine(url.set(drivername="postgresql+psycopg"), **_COMMON)


def _watch(engine: AsyncEngine) -> None:
    """Connections are asked whether they still live only after a rest: to ask each time would be
    one question more for every transaction and read."""
    dialect, pool = engine.sync_engine.dialect, engine.sync_engine.pool

    def note_rest(connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    def look(connection: Any, record: Any, _: object) -> None:
        rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
        if rested > _TRUSTED_SECONDS and not _lives(dialect, connection):
            raise DisconnectionError()

    event.listen(pool, "checkin", note_rest)
    event.listen(pool, "checkout", look)


def _lives(dialect: Dialect, connection: Any) -> bool:
    try:
        return bool(dialect.do_ping(connection))
    except dialect.loaded_dbapi.Error:
        return False


def _prepare(connection: Any, *pragmas: str) -> None:
    # The driver must not open transactions of its own; the "begin" listener does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_writer(connection: Any, record: object) -> None:
    _prepare(
        connection,
        "busy_timeout=15000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # In KiB; and in pages of the log, after which they are copied into the file: new rows of
        # many people touch many pages of the indexes, each several times.
        "cache_size=-32768",
        "wal_autocheckpoint=8000",
        # From here on it is the driver that waits for its turn to write (core.sqlite_driver).
        "busy_timeout=0",
    )


def _prepare_reader(connection: Any, record: object) -> None:
    _prepare(connection, "busy_timeout=15000", "query_only=ON")


def _mend(
    _: Any, __: Any, statement: str, parameters: Any, ___: Any, executemany: bool
) -> tuple[str, Any]:
    """What people and platforms send is stored whatever characters it holds."""
    # One INSERT of many rows counts as many executions, but has one row of parameters.
    if executemany and isinstance(parameters, list):
        return statement, [_mended(row) for row in parameters]
    return statement, _mended(parameters)


def _mended(row: Any) -> Any:
    values = row.values() if isinstance(row, dict) else row
    if all(type(value) is not str or is_storable(value) for value in values):
        return row
    if isinstance(row, dict):
        return {name: _text(value) for name, value in row.items()}
    return tuple(_text(value) for value in row)


def _text(value: object) -> object:
    return storable(value) if type(value) is str else value
