"""Runs the sandbox on a port of its own: in the demo on a known one, in tests on any free one."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web

from sandbox.build import build_sandbox, utc_now
from sandbox.settings import SandboxSettings
from sandbox.world import WORLD, World


def listening(port: int = 0) -> tuple[socket.socket, str]:
    """A bound socket and its base address: settings need the address before the start."""
    bound = socket.create_server(("127.0.0.1", port), backlog=512)
    return bound, f"http://127.0.0.1:{bound.getsockname()[1]}"


@asynccontextmanager
async def served(
    settings: SandboxSettings, at: socket.socket, *, now: Callable[[], datetime] = utc_now
) -> AsyncIterator[World]:
    """The running sandbox's world; it is taken down at the end."""
    app = build_sandbox(settings, now=now)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.SockSite(runner, at).start()
        yield app[WORLD]
    finally:
        await runner.cleanup()
