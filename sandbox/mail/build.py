"""Adds the mail box to the sandbox: the SMTP door, its pages and its control."""

from functools import partial
from pathlib import Path

from aiohttp import web

from sandbox.live import LIVE
from sandbox.mail import control, pages
from sandbox.mail.bouncing import signed
from sandbox.mail.box import MAIL_BOX, MailBox
from sandbox.settings import SandboxSettings
from sandbox.webhooks import SENDER


def add_to(app: web.Application, settings: SandboxSettings) -> None:
    """Needs `app[LIVE]` and `app[SENDER]`. `app[MAIL_BOX].port` is known once the application
    runs."""
    live, sender, told = app[LIVE], app[SENDER], settings.mail

    def hand_in(raw: bytes) -> None:
        if told.hook_url:
            sender.send(told.hook_url, raw, partial(signed, told.hook_secret), label="mail:bounce")

    app[MAIL_BOX] = MailBox(told, changed=lambda: live.changed(pages.TOPIC), hand_in=hand_in)
    app.cleanup_ctx.append(app[MAIL_BOX].opened)
    app.add_routes(pages.routes)
    app.add_routes(control.routes)
    app.router.add_static("/mail-files", Path(__file__).parent / "static")
