"""What a piece of work asks the database, counted where the driver is asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from core.database import Database


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Every statement, and every BEGIN, COMMIT, SAVEPOINT and RELEASE: each is a round trip on
    PostgreSQL. Rows written by one statement are one. SQLite's own BEGIN is no statement more."""
    said: list[str] = []

    def noting(word: str) -> Callable[..., None]:
        return lambda *_: said.append(word)

    def statement(_: Any, __: Any, text: str, *___: Any) -> None:
        if not text.startswith("BEGIN"):
            said.append(" ".join(text.split()))

    hooks: list[tuple[str, Callable[..., None]]] = [
        ("before_cursor_execute", statement),
        ("begin", noting("BEGIN")),
        ("commit", noting("COMMIT")),
        ("savepoint", noting("SAVEPOINT")),
        ("release_savepoint", noting("RELEASE")),
    ]
    engines = {db.writer.sync_engine, db.reader.sync_engine}
    for engine in engines:
        for name, hook in hooks:
            event.listen(engine, name, hook)
    try:
        yield said
    finally:
        for engine in engines:
            for name, hook in hooks:
                event.remove(engine, name, hook)
