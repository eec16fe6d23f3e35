"""Reading Meta's JSON without trusting it: anything may be missing or of another type."""

from datetime import UTC, datetime, timedelta
from typing import Any

LONGEST_ID = 300
_EARLIEST = datetime(2004, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 100_000_000_000
_AHEAD = timedelta(days=1)

Shape = dict[str, Any]


def shape(value: object) -> Shape:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """Whole numbers come as numbers in one fixture and as text in the next."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def identifier(value: object) -> str | None:
    """Ids are numbers in old events and text in new ones; text from here on."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_ID else None


def moment(value: object, *, otherwise: datetime) -> datetime:
    """Chats count milliseconds and walls seconds, the test button sends either as text.

    What lies before Facebook or ahead of tomorrow is no time anything happened at.
    """
    stamp = number(value)
    if stamp is None or stamp > _MILLISECONDS_FROM * 1000:
        return otherwise
    seconds = stamp / 1000 if stamp >= _MILLISECONDS_FROM else stamp
    at = datetime.fromtimestamp(max(seconds, 0), UTC)
    return at if _EARLIEST <= at <= otherwise + _AHEAD else otherwise
