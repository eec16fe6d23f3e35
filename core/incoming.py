"""Deliveries from outside as rows: each stored once, by its content's key."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from core.columns import UtcDateTime, stamp
from core.storable import storable

LONGEST_KEY = 200

_WAITING = text("state = 'waiting'")
_FAILED = text("state = 'failed'")


class Incoming(SQLModel, table=True):
    """One event that somebody delivered, and what became of it.

    `state`: waiting, done, ignored or failed; the last two with a `reason`. `thread` is whose
    events must be worked on one after another.
    """

    __table_args__ = (
        UniqueConstraint("source", "key"),
        Index("incoming_waiting", "source", "thread", "happened_at", "id",
              sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("incoming_failed", "shop_id", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(max_length=20)
    key: str = Field(max_length=LONGEST_KEY)
    shop_id: int | None = Field(default=None, foreign_key="shop.id")
    thread: str = Field(max_length=LONGEST_KEY)
    kind: str
    body: str = Field(sa_type=Text)
    happened_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default="waiting", max_length=10)
    reason: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Arrival:
    """What to store. With `ignored`, a reason, it is kept but never worked on."""

    source: str
    key: str
    thread: str
    kind: str
    body: str
    shop_id: int | None
    happened_at: datetime
    ignored: str | None = None


_COLUMNS = "source, key, shop_id, thread, kind, body, happened_at, received_at, state, reason"

_SQLITE = f"""
    INSERT INTO incoming ({_COLUMNS}, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
    ON CONFLICT DO NOTHING"""  # noqa: S608

# Numbers are given in the order of arrival, rows are written in the order of their keys: two
# processes that store the same events must not wait for each other.
_POSTGRES = f"""
    INSERT INTO incoming (id, {_COLUMNS}, attempts)
    SELECT id, {_COLUMNS}, 0 FROM (
        SELECT nextval(pg_get_serial_sequence('incoming', 'id')) AS id, arrived.*
        FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[],
                    $7::timestamptz[], $8::timestamptz[], $9::text[], $10::text[])
            WITH ORDINALITY AS arrived ({_COLUMNS}, place)
        ORDER BY place
    ) AS numbered ORDER BY source, key
    ON CONFLICT DO NOTHING"""  # noqa: S608


async def insert_arrivals(
    connection: AsyncConnection, arrivals: Sequence[Arrival], *, now: datetime
) -> None:
    """In one statement; what is stored already stays as it is."""
    if connection.dialect.name == "sqlite":
        received_at = stamp(now)
        rows = [_row(one, stamp(one.happened_at), received_at) for one in arrivals]
        await connection.exec_driver_sql(_SQLITE, rows)
    else:
        rows = [_row(one, one.happened_at, now) for one in arrivals]
        columns = tuple([list(column) for column in zip(*rows, strict=True)])
        await connection.exec_driver_sql(_POSTGRES, columns)


def _row(one: Arrival, happened_at: object, received_at: object) -> tuple[Any, ...]:
    state = "waiting" if one.ignored is None else "ignored"
    return (one.source, _short(one.key), one.shop_id, _short(one.thread), one.kind, one.body,
            happened_at, received_at, state, one.ignored)  # fmt: skip


def thread_key(one: Arrival) -> tuple[str, str]:
    return one.source, _short(one.thread)


def _short(key: str) -> str:
    """Indexes take no texts of any length, and outsiders choose their ids."""
    if len(key) <= LONGEST_KEY:
        return storable(key)
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
