"""Pages from templates: one environment, two languages, a strict content security policy."""

import hashlib
from contextvars import ContextVar
from datetime import date, datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web
from babel.dates import format_date, format_time, format_timedelta

from core.clock import utc_now
from core.errors import InvalidForm, ShopError
from core.translations import LOCALES, TRANSLATIONS, Translations, choose_locale

ROOT = Path(__file__).parent.parent

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'{forms}; frame-ancestors {frames}"
)

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
}


# Not looked up in the template's context: macros are then imported without it, which Jinja does
# once and not for every page.
_ELSEWHERE = ZoneInfo("Europe/Berlin")
_ZONE: ContextVar[tzinfo] = ContextVar("zone", default=_ELSEWHERE)


class Pages:
    """Renders `templates/`. One per process."""

    def __init__(self, translations: Translations, *, folder: Path = ROOT / "templates") -> None:
        self._translations = translations
        self._environments = {locale: self._build(folder, locale) for locale in LOCALES}

    def _build(self, folder: Path, locale: str) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=jinja2.select_autoescape(["html"]),
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.install_gettext_translations(  # type: ignore[attr-defined]
            self._translations.catalogue(locale), newstyle=True
        )
        environment.globals |= {"static": static_url, "locale": locale}
        environment.filters |= {
            "money": lambda amount: amount.text(locale),
            "date": lambda day: _date(day, locale, _ZONE.get()),
            "datetime": lambda at: _datetime(at, locale, _ZONE.get()),
            "ago": lambda at: format_timedelta(at - utc_now(), add_direction=True, locale=locale),
        }
        return environment

    def text(self, template: str, locale: str, **context: Any) -> str:
        """The rendered template: for e-mails, bot texts and fragments. Times are said in the time
        zone of the `shop` among the context."""
        environment = self._environments.get(locale[:2], self._environments["en"])
        shop = context.get("shop")
        zone = _ZONE.set(ZoneInfo(shop.timezone) if shop is not None else _ELSEWHERE)
        try:
            return environment.get_template(template).render(**context)
        finally:
            _ZONE.reset(zone)

    def translator(self, locale: str) -> Any:
        return self._translations.translator(locale)


PAGES: web.AppKey[Pages] = web.AppKey("pages", Pages)


def page(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    frames: str = "'none'",
    forms: str = "",
    **context: Any,
) -> web.Response:
    """Answer with a page in the reader's language.

    `frames` says who may frame it and `forms` where else its forms may lead (CSP source lists).
    """
    locale = locale_of(request)
    body = request.app[PAGES].text(template, locale, request_path=request.path, **context)
    return web.Response(
        text=body,
        content_type="text/html",
        status=status,
        headers=headers_for(frames=frames, forms=forms) | {"Cache-Control": "no-store"},
    )


def headers_for(*, frames: str = "'none'", forms: str = "") -> dict[str, str]:
    policy = POLICY.format(frames=frames, forms=f" {forms}" if forms else "")
    return SAFE_HEADERS | {"Content-Security-Policy": policy}


CHOSEN_LOCALE: web.RequestKey[str] = web.RequestKey("chosen_locale", str)
"""The language a signed-in reader has chosen for good."""


def locale_of(request: web.Request) -> str:
    """The chosen one, `?lang=`, the one of last time, the browser's wish, else German."""
    wishes = (request.get(CHOSEN_LOCALE), request.query.get("lang"), request.cookies.get("lang"))
    for wish in wishes:
        if wish in LOCALES:
            return str(wish)
    return choose_locale(request.headers.get("Accept-Language", ""), default="de")


def translate(request: web.Request, sentence: str, **details: Any) -> str:
    text = request.app[TRANSLATIONS].translator(locale_of(request))(sentence)
    return text % details if details else text


def words_of(request: web.Request, error: ShopError) -> str:
    """What went wrong, where no field stands beside it that could be marked."""
    if isinstance(error, InvalidForm) and error.fields:
        return " ".join(dict.fromkeys(translate(request, said) for said in error.fields.values()))
    return translate(request, error.sentence, **error.details)


@lru_cache(maxsize=200)
def static_url(name: str) -> str:
    """`/static/tresen.css?v=<digest>`: may be cached for ever, and changes when the file does."""
    digest = hashlib.sha256((ROOT / "static" / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def _date(day: date | datetime, locale: str, zone: tzinfo) -> str:
    local = day.astimezone(zone) if isinstance(day, datetime) else day
    return format_date(local, "medium", locale=locale)


def _datetime(at: datetime, locale: str, zone: tzinfo) -> str:
    day = format_date(at.astimezone(zone), "medium", locale=locale)
    return f"{day}, {format_time(at, 'short', tzinfo=zone, locale=locale)}"
