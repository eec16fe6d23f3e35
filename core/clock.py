"""The time, as something that can be handed in."""

from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

Clock = Callable[[], datetime]

CLOCK: web.AppKey[Clock] = web.AppKey("clock")


def utc_now() -> datetime:
    return datetime.now(UTC)
