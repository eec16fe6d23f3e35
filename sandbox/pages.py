"""Renders the sandbox's pages and puts the headers on them that a public site would have."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.languages import COOKIE, LANGUAGES, language_of, words
from sandbox.settings import SandboxSettings

HERE = Path(__file__).parent
FOLDERS = (HERE / "templates", HERE / "stripe" / "templates", HERE / "mail" / "templates")

SETTINGS: web.AppKey[SandboxSettings] = web.AppKey("sandbox_settings", SandboxSettings)
TEMPLATES: web.AppKey[jinja2.Environment] = web.AppKey("sandbox_templates", jinja2.Environment)

MONTHS = {
    "de": [
        "Jan.",
        "Feb.",
        "März",
        "Apr.",
        "Mai",
        "Juni",
        "Juli",
        "Aug.",
        "Sept.",
        "Okt.",
        "Nov.",
        "Dez.",
    ],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
MACHINE_PATHS = ("/graph/", "/control/", "/stripe/")


def templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDERS),
        autoescape=jinja2.select_autoescape(["html", "svg"]),
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """An HTML page. Templates get `_()`, `lang`, `when(time)`, `settings`, `path` and `topics`.

    `topics` are the live topics the page shows: whatever stands inside an element with
    `id` and `data-live` is fetched anew when one of them changes.
    """
    language = language_of(request)
    spoken = words(language)
    page = request.app[TEMPLATES].get_template(template)
    html = page.render(
        {
            "_": spoken.gettext,
            "gettext": spoken.gettext,
            "ngettext": spoken.ngettext,
            "lang": language,
            "when": partial(when, language=language),
            "settings": request.app[SETTINGS],
            "path": request.path,
            "topics": (),
            **context,
        }
    )
    return web.Response(text=html, content_type="text/html", status=status)


def when(time: datetime, *, language: str) -> str:
    """`22. Nov. 2026, 07:15` in the time zone of this machine."""
    local = time.astimezone()
    month = MONTHS[language][local.month - 1]
    day = f"{local.day}." if language == "de" else str(local.day)
    return f"{day} {month} {local.year}, {local:%H:%M}"


def policy(settings: SandboxSettings) -> str:
    """Content-Security-Policy: everything of our own, pictures and the framed tab from the shop."""
    parts = urlsplit(settings.product_url)
    shop = f"{parts.scheme}://{parts.netloc}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: {shop}; frame-src 'self' {shop}; form-action 'self' {shop}; "
        "base-uri 'none'; frame-ancestors 'self'"
    )


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses forms from other sites, adds the headers, and keeps the chosen language."""
    is_machine = request.path.startswith(MACHINE_PATHS)
    origin = request.headers.get("Origin")
    is_form = request.method == "POST" and not is_machine
    if is_form and origin and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="This form came from another site.")
    answer = await handler(request)
    if not answer.prepared and not is_machine:
        answer.headers.setdefault("Content-Security-Policy", policy(request.app[SETTINGS]))
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        if (wish := request.query.get("lang")) in LANGUAGES:
            answer.set_cookie(COOKIE, wish or "", path="/", httponly=True, samesite="Lax")
    return answer
