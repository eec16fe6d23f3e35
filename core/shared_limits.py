"""How often one person may try, counted in the database: all processes share it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Double, Integer, String, bindparam, case, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import TooManyRequests
from core.rows import ask


class SpentLimit(SQLModel, table=True):
    """`free_at` is when all tries have grown back, in seconds since 1970."""

    __tablename__ = "spent_limit"

    key: str = Field(primary_key=True, max_length=160)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    free_at: float = Field(sa_type=Double)


_SPENT = select(SpentLimit.key, SpentLimit.free_at).where(
    col(SpentLimit.key).in_(bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """At most `times` within `seconds` for each key, growing back evenly.

    One statement spends a try and refuses it in the same breath, so that none of many processes
    counts wrong (a generic cell rate algorithm: the row says how far ahead was borrowed).
    """

    name: str
    times: int
    seconds: float

    async def spend(self, session: AsyncSession, shop_id: int, who: str, *, now: datetime) -> None:
        """Raises TooManyRequests with the seconds to wait; then nothing was spent."""
        await spend(session, shop_id, [(self, who)], now=now)

    async def wait(self, session: AsyncSession, shop_id: int, who: str, *, now: datetime) -> int:
        """Seconds until the next try is there; 0 where one is left."""
        return await wait(session, shop_id, [(self, who)], now=now)

    async def charge(self, session: AsyncSession, shop_id: int, who: str, *, now: datetime) -> None:
        """Count one that has happened, without refusing it."""
        try:
            await self.spend(session, shop_id, who, now=now)
        except TooManyRequests:
            return

    async def forgive(self, session: AsyncSession, shop_id: int, who: str) -> None:
        """Forget the tries: after a payment that worked, say."""
        mine = col(SpentLimit.key) == self.key(shop_id, who)
        await session.exec(delete(SpentLimit).where(mine))

    def key(self, shop_id: int, who: str) -> str:
        return f"{shop_id}:{self.name}:{who}"[:160]


async def spend(
    session: AsyncSession, shop_id: int, tries: Sequence[tuple[SharedLimit, str]], *, now: datetime
) -> None:
    """A try under each of these limits at once.

    Raises TooManyRequests with the seconds to wait; where one of several refuses, those of the
    others are spent unless the caller's transaction ends by it.
    """
    if not tries:
        return
    at = now.timestamp()
    # In one order everywhere: two that spend the same limits must not wait for each other.
    rows = sorted({(limit.key(shop_id, who), limit.seconds, limit.times) for limit, who in tries})
    values: dict[str, Any] = {"at": at}
    for place, (key, seconds, times) in enumerate(rows):
        values |= {
            f"key_{place}": key, f"whose_{place}": shop_id,
            f"grown_{place}": at + seconds / times, f"latest_{place}": at + seconds + 1e-6,
        }  # fmt: skip
    statement = _spending(session.get_bind().dialect.name, len(rows))
    spent = await ask(session, statement, values)
    if len(spent) < len(rows):
        raise TooManyRequests(seconds=await wait(session, shop_id, tries, now=now))


async def wait(
    session: AsyncSession, shop_id: int, tries: Sequence[tuple[SharedLimit, str]], *, now: datetime
) -> int:
    """Seconds until there is a next try under each of these limits; 0 where there is one."""
    limits = {limit.key(shop_id, who): limit for limit, who in tries}
    over = [
        free_at + limits[key].seconds / limits[key].times - limits[key].seconds - now.timestamp()
        for key, free_at in await ask(session, _SPENT, {"keys": list(limits)})
    ]
    return max(0, math.ceil(max(over, default=0.0) - 1e-6))


@cache
def _spending(dialect: str, count: int) -> Any:
    """Put together once for each kind of database and number of limits."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    at: Any = bindparam("at", type_=Double)
    rows = [
        {"key": bindparam(f"key_{place}", type_=String),
         "shop_id": bindparam(f"whose_{place}", type_=Integer),
         "free_at": bindparam(f"grown_{place}", type_=Double)}
        for place in range(count)
    ]  # fmt: skip
    spending = insert(inspect(SpentLimit).local_table).values(rows)
    free_at: Any = col(SpentLimit.free_at)
    grown = spending.excluded.free_at
    later = case((free_at < at, grown), else_=free_at + (grown - at))
    latest = case(
        *((col(SpentLimit.key) == row["key"], bindparam(f"latest_{place}", type_=Double))
          for place, row in enumerate(rows)), else_=at,
    )  # fmt: skip
    return spending.on_conflict_do_update(
        index_elements=["key"], set_={"free_at": later}, where=later <= latest
    ).returning(col(SpentLimit.key))


async def forget_spent_limits(db: Database, clock: Clock) -> None:
    """Periodic: what has grown back need not be kept."""
    async with db.transaction() as session:
        await session.exec(delete(SpentLimit).where(col(SpentLimit.free_at) < clock().timestamp()))
