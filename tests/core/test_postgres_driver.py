"""PostgreSQL's own way to say how long a connection may take is understood by both drivers."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import make_url, text

from core.connections import open_for_migrating
from core.database import Database
from core.errors import BadSetting
from core.postgres_driver import how_to_connect, plain


@pytest.mark.postgres_only
async def test_an_address_with_a_limit_for_connecting_works_everywhere(database_url: str) -> None:
    address = f"{database_url}&connect_timeout=5"
    db = Database(address, reactions={})
    async with db.transaction() as session:
        assert (await (await session.connection()).execute(text("SELECT 1"))).scalar_one() == 1
    await db.close()
    migrating = open_for_migrating(address)
    async with migrating.connect() as connection:
        assert (await connection.execute(text("SELECT 2"))).scalar_one() == 2
    await migrating.dispose()
    async with await psycopg.AsyncConnection.connect(plain(db.url)) as listening:
        assert listening.info.get_parameters()["connect_timeout"] == "5"


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """Somebody takes calls there and says nothing."""
    hung_up = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung_up.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1")
    yield server.sockets[0].getsockname()[1]
    hung_up.set()
    server.close()


async def test_a_server_that_does_not_answer_is_given_up_in_time(silent_port: int) -> None:
    db = Database(f"postgresql://x@127.0.0.1:{silent_port}/x?connect_timeout=1", reactions={})
    begun = asyncio.get_running_loop().time()
    with pytest.raises(TimeoutError):
        async with db.transaction() as session:
            await session.connection()
    assert 0.9 < asyncio.get_running_loop().time() - begun < 10
    await db.close()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("?sslmode=require", {"dsn": "postgresql://u:p%40@h/d?sslmode=require"}),
        ("?connect_timeout=7&sslmode=require",
         {"dsn": "postgresql://u:p%40@h/d?sslmode=require", "timeout": 7}),
        ("?connect_timeout=7&connect_timeout=9", {"dsn": "postgresql://u:p%40@h/d", "timeout": 9}),
        ("?connect_timeout=0", {"dsn": "postgresql://u:p%40@h/d", "timeout": None}),
        ("?connect_timeout=-1", {"dsn": "postgresql://u:p%40@h/d", "timeout": None}),
    ],
)  # fmt: skip
def test_the_limit_is_taken_out_of_the_address(said: str, meant: dict[str, object]) -> None:
    assert how_to_connect(make_url(f"postgresql+asyncpg://u:p%40@h/d{said}")) == meant


@pytest.mark.parametrize("said", ["soon", "2.5"])
def test_a_limit_that_is_no_number_is_explained(said: str) -> None:
    with pytest.raises(BadSetting, match=f"connect_timeout={said}; write whole seconds"):
        Database(f"postgresql://u@h/d?connect_timeout={said}", reactions={})
