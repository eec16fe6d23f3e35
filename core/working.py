"""Working until cancelled, without leaving anything half-done."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, TypeVar

from core.logs import log

T = TypeVar("T")

LOOK_EVERY = 1.0
"""Seconds between two looks for what nobody announced, and after a failure."""


async def keep_working(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Until cancelled: a database that is away for a while must not end the working for good."""
    while True:
        try:
            await work()
        except Exception:
            log(__name__).exception("worker_ended")
        await asyncio.sleep(LOOK_EVERY)


@contextlib.asynccontextmanager
async def beside(*companions: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these beside the block and end them with it."""
    tasks = [asyncio.create_task(companion) for companion in companions]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Whoever is cancelled meanwhile is cancelled after it has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is not None:
            log(__name__).error("cut_off_and_failed", error=type(task.exception()).__name__)
        raise
