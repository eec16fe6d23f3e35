"""Whether a database error comes from the connection, from others, or from what was written."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

# PostgreSQL's classes of errors that nothing written is to blame for: connections that break,
# resources that run out, a server that shuts down or starts.
_NOBODYS_FAULT = ("08", "53", "57")
_DEADLOCK = "40P01"


def is_unreachable(error: Exception) -> bool:
    if isinstance(error, NoConnection | OSError | OperationalError | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or _sqlstate(error)[:2] in _NOBODYS_FAULT


def is_deadlock(error: DBAPIError) -> bool:
    """Two waited for each other, and the server has ended this one of them: once more will do."""
    return _sqlstate(error) == _DEADLOCK


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
