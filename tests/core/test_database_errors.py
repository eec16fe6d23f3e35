"""Errors of the database told apart, on the server that makes them."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import col, update

from core.database_errors import is_deadlock, is_unreachable
from core.shops import Shop, open_shop
from tests.conftest import SetClock, WatchedDatabase


@pytest.mark.postgres_only
async def test_a_connection_that_breaks_is_nobodys_fault(db: WatchedDatabase) -> None:
    with pytest.raises(DBAPIError) as broken:
        async with db.transaction() as session:
            await session.exec(text("SELECT pg_terminate_backend(pg_backend_pid())"))  # type: ignore[call-overload]
    assert is_unreachable(broken.value)
    assert not is_deadlock(broken.value)


@pytest.mark.deadlocks
@pytest.mark.postgres_only
async def test_two_that_wait_for_each_other_are_told_apart_from_that(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    """The server ends one of them, which may then be tried once more."""
    async with db.transaction() as session:
        other = await open_shop(session, "other", "Other", now=clock())
    at_once = asyncio.Barrier(2)

    async def touch(first: Shop, second: Shop) -> None:
        async with db.transaction() as session:
            await session.exec(update(Shop).where(col(Shop.id) == first.key).values(name="x"))
            await at_once.wait()
            await session.exec(update(Shop).where(col(Shop.id) == second.key).values(name="x"))

    ended = await asyncio.gather(touch(shop, other), touch(other, shop), return_exceptions=True)
    [loser] = [one for one in ended if one is not None]
    assert isinstance(loser, DBAPIError)
    assert is_deadlock(loser)
    assert not is_unreachable(loser)


async def test_what_cannot_be_written_is_its_own_fault(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    with pytest.raises(IntegrityError) as twice:
        async with db.transaction() as session:
            await open_shop(session, shop.slug, "Again", now=clock())
    assert not is_unreachable(twice.value)
    assert not is_deadlock(twice.value)
