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


class Loose(dict[str, Any]):
    """What an app sent: a missing key is empty instead of a mistake in the template."""

    def __missing__(self, key: str) -> str:
        return ""


def loose(value: Any) -> Any:
    if isinstance(value, dict):
        return Loose({key: loose(part) for key, part in value.items()})
    return [loose(part) for part in value] if isinstance(value, list) else value


def templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDERS),
        autoescape=jinja2.select_autoescape(["html", "svg"]),
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["loose"] = loose
    return environment


def render(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """An HTML page. Templates get `_()`, `lang`, `when(time)`,
    `amount(number)`, `settings`, `path` and `topics`.

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
            "amount": partial(amount, language=language),
            "settings": request.app[SETTINGS],
            "path": request.path,
            "topics": (),
            **context,
        }
    )
    return web.Response(text=html, content_type="text/html", status=status)


def amount(value: Any, *, language: str) -> str:
    """`49,80` in German, `49.80` in English."""
    text = f"{value:.2f}" if isinstance(value, int | float) else str(value)
    return text.replace(".", ",") if language == "de" else text


def when(time: datetime, *, language: str) -> str:
    """`22. Nov. 2026, 07:15` in the time zone of this machine."""
    local = time.astimezone()
    month = MONTHS[language][local.month - 1]
    day = f"{local.day}." if language == "de" else str(local.day)
    return f"{day} {month} {local.year}, {local:%H:%M}"


def policy(settings: SandboxSettings) -> str:
    """Content-Security-Policy: everything of our own, pictures and the framed tab from the shop."""
    shop, own = (_origin(url) for url in (settings.product_url, settings.base_url))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: {own} {shop}; frame-src 'self' {shop}; form-action 'self' {shop}; "
        "base-uri 'none'; frame-ancestors 'self'"
    )


def _sorry(request: web.Request, error: web.HTTPClientError) -> web.Response:
    """Our own sentence where the handler gave one, translated; else the plainest that fits."""
    sentence = error.text or ""
    if error.status == 413:
        sentence = "That is too large. Pictures may have up to 25 MB."
    elif sentence.startswith(f"{error.status}:"):
        sentence = "We could not find that."
    sentence = words(language_of(request)).gettext(sentence)
    return render(request, "error.html", status=error.status, sentence=sentence)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses forms from other sites, adds the headers, and keeps the chosen language."""
    is_machine = request.path.startswith(MACHINE_PATHS)
    origin = request.headers.get("Origin")
    is_form = request.method == "POST" and not is_machine
    try:
        if is_form and origin and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="This form came from another site.")
        answer = await handler(request)
    except web.HTTPClientError as error:
        if is_machine:
            raise
        answer = _sorry(request, error)
    if not answer.prepared and not is_machine:
        answer.headers.setdefault("Content-Security-Policy", policy(request.app[SETTINGS]))
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        if (wish := request.query.get("lang")) in LANGUAGES:
            answer.set_cookie(COOKIE, wish or "", path="/", httponly=True, samesite="Lax")
    return answer
