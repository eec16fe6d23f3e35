"""Column types that keep what databases lose."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

_WITHOUT_ZONE = 26


def stamp(at: datetime) -> str:
    """As SQLAlchemy writes a `UtcDateTime` on SQLite, for statements that go past it."""
    return at.astimezone(UTC).isoformat(" ", "microseconds")[:_WITHOUT_ZONE]


class UtcDateTime(TypeDecorator[datetime]):
    """Times with a zone in, UTC out.

    SQLite gives naive datetimes back even for `DateTime(timezone=True)`, and a naive time
    written by mistake would be silently taken for UTC: refused here instead.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Plain values, as JSON; on PostgreSQL as JSONB."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = JSONB() if dialect.name == "postgresql" else JSON()
        return dialect.type_descriptor(kind)
