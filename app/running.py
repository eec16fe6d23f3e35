"""Serving and working until somebody says stop."""

import asyncio
import gc
import os
import signal

import uvloop
from aiohttp import web

from app.build import build_app
from app.settings import Settings
from core.logs import log, start_logging

OBJECTS_BETWEEN_SEARCHES = 20_000
NICE = 10


def serve(settings: Settings, *, works: bool) -> None:
    start_logging(level=settings.core.log_level, format=settings.core.log_format)
    log(__name__).info("serving", origin=settings.core.origin, works=works)
    open_doors(build_app(settings, works=works), settings)


def open_doors(app: web.Application, settings: Settings) -> None:
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    app.on_startup.append(_spare_the_collector)
    web.run_app(
        app,
        host=settings.core.host,
        port=settings.core.port,
        access_log=None,
        print=None,
        loop=loop,
    )


async def _spare_the_collector(_: web.Application) -> None:
    """What lives as long as the process need not be searched for garbage again and again, and a
    request leaves some hundred objects behind: few of them in circles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)


def work(settings: Settings) -> None:
    start_logging(level=settings.core.log_level, format=settings.core.log_format)
    # Where a worker shares its machine with those that serve, letters wait and pages do not.
    os.nice(NICE)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(settings))


async def _work(settings: Settings) -> None:
    """The same application without its doors; a signal ends it after what runs has finished."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    app = build_app(settings, serves=False)
    app.on_startup.append(_spare_the_collector)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    log(__name__).info("working")
    await stop.wait()
    await runner.cleanup()
