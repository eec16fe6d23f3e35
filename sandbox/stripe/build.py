"""Adds the small Stripe to the sandbox: API, payment page, control, webhooks, clock."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from sandbox.live import LIVE
from sandbox.settings import SandboxSettings
from sandbox.stripe import (
    connect_page,
    control,
    control_acts,
    endpoints,
    pay_page,
    pay_view,
    routes,
)
from sandbox.stripe.world import WORLD, World
from sandbox.webhooks import SENDER

TICK_S = 0.2


def add_to(app: web.Application, settings: SandboxSettings) -> None:
    """Needs `app[SENDER]` and `app[LIVE]`. The API answers under `/stripe/v1`, pages under `/pay`."""
    live = app[LIVE]
    world = World(settings.stripe, sender=app[SENDER], changed=lambda: live.changed(pay_view.TOPIC))
    for account in world.accounts.values():
        endpoints.from_settings(world, account)
    app[WORLD] = world
    app.add_routes(pay_page.routes)
    app.add_routes(connect_page.routes)
    app.add_routes(control.routes)
    app.add_routes(control_acts.routes)
    app.router.add_static("/pay-files", Path(__file__).parent / "static")
    routes.add_to(app)
    app.cleanup_ctx.append(_clock)
    app.on_shutdown.append(_close)


async def _clock(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_tick(app[WORLD]))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _tick(world: World) -> None:
    while True:
        world.run_due()
        await asyncio.sleep(TICK_S)


async def _close(app: web.Application) -> None:
    app[WORLD].is_closing = True
