"""Serving and working until somebody says stop."""

import asyncio
import signal

import uvloop
from aiohttp import web

from app.build import build_app
from app.settings import Settings
from core.logs import log, start_logging


def serve(settings: Settings, *, works: bool) -> None:
    start_logging(level=settings.core.log_level, format=settings.core.log_format)
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    log(__name__).info("serving", origin=settings.core.origin, works=works)
    web.run_app(
        build_app(settings, works=works),
        host=settings.core.host,
        port=settings.core.port,
        access_log=None,
        print=None,
        loop=loop,
    )


def work(settings: Settings) -> None:
    start_logging(level=settings.core.log_level, format=settings.core.log_format)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings))


async def _work(settings: Settings) -> None:
    """The same application without its doors; a signal ends it after what runs has finished."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    runner = web.AppRunner(build_app(settings, serves=False), access_log=None)
    await runner.setup()
    log(__name__).info("working")
    await stop.wait()
    await runner.cleanup()
