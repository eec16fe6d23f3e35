"""Puts the sandbox together as an aiohttp application of its own."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiohttp import web

from sandbox import control, doors, fault_control, pages
from sandbox import live as listening
from sandbox.faces import facebook, instagram, messenger, page_inbox
from sandbox.graph import routes as graph
from sandbox.live import LIVE, Live
from sandbox.mail import build as mail
from sandbox.pages import SETTINGS, TEMPLATES
from sandbox.settings import SandboxSettings
from sandbox.stripe import build as stripe
from sandbox.weather import Weather
from sandbox.webhooks import SENDER, WebhookSender
from sandbox.world import WORLD, World

UPLOAD_LIMIT = 26 * 1024 * 1024


def utc_now() -> datetime:
    return datetime.now(UTC)


def build_sandbox(
    settings: SandboxSettings, *, now: Callable[[], datetime] = utc_now
) -> web.Application:
    """Seed it through `app[WORLD]` before or after it starts."""
    app = web.Application(middlewares=[pages.guard], client_max_size=UPLOAD_LIMIT)
    live = Live()
    sender = WebhookSender(
        weather=Weather(),
        now=now,
        retry_delays_s=settings.retry_delays_s,
        changed=partial(live.changed, "deliveries"),
    )
    app[SETTINGS] = settings
    app[TEMPLATES] = pages.templates()
    app[SENDER] = sender
    app[LIVE] = live
    app[WORLD] = World(settings, sender=sender, live=live, now=now)
    for person in settings.people:
        app[WORLD].meet(person.name, person.locale)
    app.cleanup_ctx.extend([live.opened, sender.opened])
    for part in (
        listening,
        doors,
        facebook,
        messenger,
        instagram,
        page_inbox,
        control,
        fault_control,
        graph,
    ):
        app.add_routes(part.routes)
    stripe.add_to(app, settings)
    mail.add_to(app, settings)
    app.router.add_static("/static", Path(__file__).parent / "static")
    return app
