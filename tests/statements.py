"""What a piece of work asks the database, counted where the driver is asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from core.database import Database


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Every statement, and every BEGIN, COMMIT, SAVEPOINT and RELEASE: each is a round trip on
    PostgreSQL. Rows written by one statement are one; what only reads begins nothing there."""
    said: list[str] = []

    def noting(word: str) -> Callable[..., None]:
        return lambda *_: said.append(word)

    def statement(_: Any, __: Any, text: str, *___: Any) -> None:
        if not text.startswith("BEGIN"):
            said.append(" ".join(text.split()))

    def begin(connection: Any) -> None:
        only_reads = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
        if not only_reads:
            said.append("BEGIN")

    hooks: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", statement),
        ("begin", begin),
        ("commit", noting("COMMIT")),
        ("savepoint", noting("SAVEPOINT")),
        ("release_savepoint", noting("RELEASE")),
    ]
    writes, reads = db.writer.sync_engine, db.reader.sync_engine
    places = [(writes, name, hook) for name, hook in hooks]
    if reads is not writes:
        places.append((reads, "before_cursor_execute", statement))
    for place in places:
        event.listen(*place)
    try:
        yield said
    finally:
        for place in places:
            event.remove(*place)
