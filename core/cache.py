"""One cache, memory or Redis/Valkey, with one render for many who wait for the same thing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from aiocache import RedisCache, SimpleMemoryCache
from aiocache.base import BaseCache
from aiocache.serializers import PickleSerializer
from aiohttp import web

from core.errors import BadSetting
from core.logs import log

T = TypeVar("T")


class Cache:
    """Get or make.

    A key carries the version of what it shows (a shop's catalogue version, say), so nothing is
    thrown out by hand: an old key is not asked for again and runs out by itself.
    """

    def __init__(self, backend: "BaseCache[Any]") -> None:
        self._backend = backend
        self._making: dict[str, asyncio.Task[Any]] = {}

    async def fetch(self, key: str, make: Callable[[], Awaitable[T]], *, seconds: int) -> T:
        """The cached value, or `make()`'s, made once however many ask at the same time."""
        kept: T | None = await self._look(key)
        if kept is not None:
            return kept
        task = self._making.get(key)
        if task is None:
            task = asyncio.create_task(self._make(key, make, seconds))
            self._making[key] = task
            task.add_done_callback(lambda _: self._making.pop(key, None))
        # Shielded: the first one to ask may hang up while others still wait.
        value: T = await asyncio.shield(task)
        return value

    async def _look(self, key: str) -> Any:
        """A cache that is away makes the shop slower, never closed."""
        try:
            return await self._backend.get(key)
        except Exception as error:
            log(__name__).warning("cache_unreachable", error=type(error).__name__)
            return None

    async def _make(self, key: str, make: Callable[[], Awaitable[T]], seconds: int) -> T:
        value = await make()
        try:
            await self._backend.set(key, value, ttl=seconds)
        except Exception as error:
            log(__name__).warning("cache_unreachable", error=type(error).__name__)
        return value

    async def forget(self, key: str) -> None:
        await self._backend.delete(key)

    async def close(self) -> None:
        await self._backend.close()


CACHE: web.AppKey[Cache] = web.AppKey("cache", Cache)


class _Redis(RedisCache):  # type: ignore[misc]
    """aiocache 0.12 still uses what redis-py has deprecated."""

    async def _set(self, key: str, value: bytes, ttl: int | None = None, **_: Any) -> Any:
        return await self.client.set(key, value, ex=ttl)

    async def _close(self, *_: Any, **__: Any) -> None:
        await self.client.aclose()


def open_cache(url: str) -> Cache:
    parts = urlsplit(url)
    if parts.scheme == "memory":
        return Cache(SimpleMemoryCache())
    if parts.scheme in {"redis", "valkey"} and parts.hostname:
        return Cache(
            _Redis(
                endpoint=parts.hostname,
                port=parts.port or 6379,
                password=parts.password,
                db=int(parts.path.strip("/") or 0),
                serializer=PickleSerializer(),
                namespace="tresen",
                timeout=1,
            )
        )
    raise BadSetting(f"CACHE_URL is {url!r}; write memory:// or redis://host:6379/0")
