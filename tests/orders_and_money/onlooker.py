"""Reads the books from outside: no process of the shop has to be alive for it."""

import sqlite3
from typing import Any

import psycopg
from sqlalchemy import Engine, NullPool, create_engine, make_url
from sqlmodel import Session

from tests.orders_and_money.books import Books, read_books


class Onlooker:
    """One for all stories, so that what it asks is worked out once; `at` says whose books."""

    def __init__(self) -> None:
        self.at = ""
        self._sqlite = _engine("sqlite", self._open_sqlite)
        self._postgres = _engine("postgresql+psycopg", self._open_postgres)

    def look(self) -> Books:
        engine = self._sqlite if self.at.startswith("sqlite") else self._postgres
        with Session(engine) as session:
            return read_books(session)

    def _open_sqlite(self) -> Any:
        return sqlite3.connect(make_url(self.at).database or "")

    def _open_postgres(self) -> Any:
        return psycopg.connect(make_url(self.at).render_as_string(hide_password=False))


def _engine(driver: str, connect: Any) -> Engine:
    return create_engine(f"{driver}://", creator=connect, poolclass=NullPool)
