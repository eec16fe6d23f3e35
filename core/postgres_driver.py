"""asyncpg by the address as PostgreSQL's own tools write it."""

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import URL

from core.errors import BadSetting

_TIMEOUT = "connect_timeout"


def plain(url: URL) -> str:
    """The address as other drivers take it, its password with it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def how_to_connect(url: URL) -> dict[str, Any]:
    """What `connect` needs. Raises BadSetting.

    asyncpg would tell the server of `connect_timeout`, and the server refuses what it does not
    know. Without one asyncpg waits for a minute.
    """
    way: dict[str, Any] = {"dsn": plain(url.difference_update_query([_TIMEOUT]))}
    if _TIMEOUT in url.query:
        way["timeout"] = _seconds(url.query[_TIMEOUT])
    return way


def _seconds(given: str | tuple[str, ...]) -> int | None:
    """As libpq reads it: the last one counts, and nought or less is as long as it takes."""
    last = given if isinstance(given, str) else given[-1]
    try:
        seconds = int(last)
    except ValueError:
        raise BadSetting(
            f"DATABASE_URL says {_TIMEOUT}={last}; write whole seconds, as in {_TIMEOUT}=5"
        ) from None
    return seconds if seconds > 0 else None


async def connect(way: Mapping[str, Any], /, **_: object) -> asyncpg.Connection:
    """SQLAlchemy would take the address apart (`?sslmode=require`, a socket's folder) into what
    asyncpg calls otherwise. asyncpg keeps statements of its own besides, and has to: without,
    those prepared for SQLAlchemy get no name either and are read and planned anew each time."""
    return await asyncpg.connect(**way)
