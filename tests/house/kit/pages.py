"""Serves the kit's pages through the real templates, styles and headers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from aiohttp import web

from core.money import Money
from core.pages import PAGES, ROOT, Pages, headers_for, locale_of
from core.static import STATIC, read_static
from core.static import routes as static_routes
from core.translations import TRANSLATIONS, Translations

HERE = Path(__file__).parent
PICTURES = ROOT / "app" / "demo" / "pictures"
SHOP_PAGES = ["window", "product", "basket", "order", "status", "empty", "tab"]
COUNTER_PAGES = ["inbox", "comment", "table", "form", "figures"]
OTHERS = ["error", "mail"]

routes = web.RouteTableDef()


@routes.get("/kit/{name}")
async def show_shop_page(request: web.Request) -> web.Response:
    return _show(request, request.match_info["name"], root="/kit/")


@routes.get("/counter/{name}")
async def show_counter_page(request: web.Request) -> web.Response:
    return _show(request, request.match_info["name"])


@routes.get("/kit/basket/count")
async def show_count(request: web.Request) -> web.Response:
    return web.Response(text="3", content_type="text/html")


@routes.get("/pictures/{name}.webp")
async def show_picture(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PICTURES / f"{request.match_info['name']}.webp")


def _show(request: web.Request, name: str, **more: Any) -> web.Response:
    if name not in [*SHOP_PAGES, *COUNTER_PAGES, *OTHERS]:
        raise web.HTTPNotFound
    locale = locale_of(request)
    template = {"error": "error.html"}.get(name, f"kit/{name}.html")
    body = request.app[PAGES].text(
        template, locale, request_path=request.path, **_context(request), **more
    )
    # An e-mail carries its styles inside, so the policy of pages is not for it.
    headers = {} if name == "mail" else headers_for()
    return web.Response(text=body, content_type="text/html", headers=headers)


def _context(request: web.Request) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "shop": SimpleNamespace(name="Blumen am Markt", slug="blumen", timezone="Europe/Berlin"),
        "staff": SimpleNamespace(name="Mira Vogt", role="owner"),
        "unread": 3,
        "flash": SimpleNamespace(kind="success", text="Gespeichert.") if request.query.get("flash") else None,
        "now": now,
        "ago": lambda **parts: now - timedelta(**parts),
        "eur": lambda minor: Money(minor, "EUR"),
        "code": "NotFound",
        "sentence": request.app[TRANSLATIONS].translator(locale_of(request))("We could not find that page."),
    }  # fmt: skip


def build_kit() -> web.Application:
    """An application with nothing behind it but templates and styles."""
    app = web.Application()
    translations = Translations(ROOT / "templates" / "locale")
    app[TRANSLATIONS] = translations
    folders: Any = [ROOT / "templates", HERE.parent]
    app[PAGES] = Pages(translations, folder=folders)
    app[STATIC] = read_static()
    app.add_routes(routes)
    app.add_routes(static_routes)
    return app


if __name__ == "__main__":
    web.run_app(build_kit(), host="127.0.0.1", port=8099)
