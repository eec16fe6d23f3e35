"""Adds the mail box to the sandbox: the SMTP door, its pages and its control."""

from pathlib import Path

from aiohttp import web

from sandbox.live import LIVE
from sandbox.mail import control, pages
from sandbox.mail.box import MAIL_BOX, MailBox
from sandbox.settings import SandboxSettings


def add_to(app: web.Application, settings: SandboxSettings) -> None:
    """Needs `app[LIVE]`. `app[MAIL_BOX].port` is known once the application runs."""
    live = app[LIVE]
    app[MAIL_BOX] = MailBox(settings.mail, changed=lambda: live.changed(pages.TOPIC))
    app.cleanup_ctx.append(app[MAIL_BOX].opened)
    app.add_routes(pages.routes)
    app.add_routes(control.routes)
    app.router.add_static("/mail-files", Path(__file__).parent / "static")
