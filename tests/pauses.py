"""Pauses before statements on PostgreSQL, so that transactions meet that hardly ever do."""

import asyncio
import random
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.util import await_only


def pause_before_statements(up_to_ms: int) -> None:
    """Before two in five of them, for the rest of this process. Which locks are taken in which
    order then shows in a run or two (`make pauses`) and not once in a hundred."""

    def pause(connection: Connection, *_: Any) -> None:
        if connection.dialect.driver == "asyncpg" and random.random() < 0.4:
            await_only(asyncio.sleep(random.uniform(0, up_to_ms / 1000)))

    event.listen(Engine, "before_cursor_execute", pause)
