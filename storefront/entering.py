"""Who comes in: which shop, by which door, in which language, with which basket."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession
from yarl import URL

from core.csrf import OWN_ORIGIN, OWN_ORIGINS
from core.pages import CHOSEN_LOCALE, PAGES, headers_for
from core.shops import Shop
from core.signing import SIGNER
from core.translations import LOCALES, choose_locale
from storefront.baskets import find_basket
from storefront.models import Basket
from storefront.notes import Note, percent
from storefront.settings import SHOP
from storefront.visits import MAX_AGE, Visit, open_basket_token, read_visit, sign_basket
from storefront.window import WINDOW, Front

Handler = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]

LONGEST_VISIT = 400


class ShopRoutes(web.RouteTableDef):
    """Every page of a shop stands at two addresses: with the visit in the path and without."""

    def at(self, method: str, path: str) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.route(method, "/s/{shop}/" + path)(handler)
            self.route(method, "/s/{shop}/~{visit}/" + path)(handler)
            return handler

        return register


@dataclass(slots=True)
class Entry:
    """`root` leads from this page to the start of the shop, relative, under the same visit."""

    request: web.Request
    front: Front
    visit: Visit
    locale: str
    root: str

    @property
    def shop(self) -> Shop:
        return self.front.shop

    @property
    def base(self) -> str:
        """`/s/blumen/~tab-de-…/`: where redirects lead."""
        return f"/s/{self.shop.slug}/{self.visit.segment}"

    @property
    def look(self) -> str:
        """What public pages differ by, besides what they are about."""
        return f"{self.locale}:{'tab' if self.visit.is_embedded else 'shop'}"

    @property
    def context(self) -> dict[str, Any]:
        return {
            "shop": self.shop,
            "storefront": self.front.storefront,
            "root": self.root,
            "origin": self.request.app[OWN_ORIGIN],
            "is_embedded": self.visit.is_embedded,
        }

    def translate(self, sentence: str) -> str:
        told: str = self.request.app[PAGES].translator(self.locale)(sentence)
        return told

    def percent(self, tax_bp: int) -> str:
        return percent(tax_bp, self.locale)

    def say(self, note: Note) -> str:
        return note.text(self.translate, self.locale)

    def page(self, template: str, *, status: int = 200, **context: Any) -> web.Response:
        """A page for this person alone."""
        text = self.request.app[PAGES].text(
            template, self.locale, say=self.say, percent=self.percent, **self.context, **context
        )
        settings = self.request.app[SHOP]
        headers = headers_for(frames=settings.frames, forms=settings.payment_origins)
        return web.Response(
            text=text, content_type="text/html", status=status,
            headers=headers | {"Cache-Control": "no-store"},
        )  # fmt: skip


async def enter(request: web.Request, visit: Visit | None = None) -> Entry:
    """Raises UnknownShop. `?lang=` leads to the same page with the language in its address.

    `visit` is for the page at which a visit begins, and whose address does not tell it yet.
    """
    front = await request.app[WINDOW].front(request.match_info["shop"])
    root = "../" * _rest(request).count("/") if visit is None else visit.segment
    visit = visit or _visit_in(request)
    wish = request.query.get("lang") if "?" in request.raw_path else None
    if wish in LOCALES:
        raise web.HTTPSeeOther(_in_language(request, front.shop, visit.speaking(wish)))
    locale = visit.locale or _wished(request.headers.get("Accept-Language", ""), front.locale)
    request[CHOSEN_LOCALE] = locale
    return Entry(request, front, visit, locale, root)


def _visit_in(request: web.Request) -> Visit:
    segment = request.match_info.get("visit")
    return read_visit(segment) if segment and len(segment) <= LONGEST_VISIT else Visit()


@lru_cache(maxsize=512)
def _wished(accept_language: str, default: str) -> str:
    return choose_locale(accept_language, default=default)


def _rest(request: web.Request) -> str:
    """The path behind the shop and the visit: `p/rote-rosen`."""
    raw = request.rel_url.raw_path
    return raw.split("/", 4 if "visit" in request.match_info else 3)[-1]


def _in_language(request: web.Request, shop: Shop, visit: Visit) -> URL:
    rest = _rest(request)
    # The tab is opened by Facebook with a POST; what it shows also stands at the shop's start.
    path = f"/s/{shop.slug}/{visit.segment}{'' if rest == 'tab' else rest}"
    query = {name: value for name, value in request.query.items() if name != "lang"}
    return URL.build(path=path, query=query, encoded=False)


async def basket_in(session: AsyncSession, entry: Entry, *, lock: bool = False) -> Basket | None:
    """The basket the address names, else the one the cookie remembers."""
    signer, shop_id = entry.request.app[SIGNER], entry.shop.key
    remembered = entry.request.cookies.get(cookie_name(entry.request, shop_id), "")
    for signed in (entry.visit.signed, remembered):
        token = open_basket_token(signer, shop_id, signed)
        basket = await find_basket(session, shop_id, token, lock=lock) if token else None
        if basket is not None:
            return basket
    return None


def see_other(location: str) -> web.Response:
    """Returned, where aiohttp's own redirects want to be raised: no transaction is in the way."""
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


def go_on(entry: Entry, path: str, basket: Basket | None = None) -> web.Response:
    """On to another page of the shop, taking the basket along in the address and in a cookie.

    The cookie is a convenience only: inside Facebook's iframe it may never come back.
    """
    if basket is None:
        return see_other(entry.base + path)
    signed = sign_basket(entry.request.app[SIGNER], basket)
    visit = Visit(entry.visit.door, entry.visit.locale, signed)
    on = see_other(f"/s/{entry.shop.slug}/{visit.segment}{path}")
    on.headers.add("Set-Cookie", _cookie(entry, signed))
    return on


def _cookie(entry: Entry, signed: str) -> str:
    """By hand, because `http.cookies` knows "Partitioned" only from Python 3.14 on."""
    name = cookie_name(entry.request, entry.shop.key)
    secure = _is_secure(entry.request)
    site = "Secure; SameSite=None; Partitioned" if secure else "SameSite=Lax"
    return f"{name}={signed}; Path=/; Max-Age={MAX_AGE}; HttpOnly; {site}"


def cookie_name(request: web.Request, shop_id: int) -> str:
    """Browsers take `__Host-` with https only."""
    return f"{'__Host-' if _is_secure(request) else ''}visit-{shop_id}"


def _is_secure(request: web.Request) -> bool:
    return all(origin.startswith("https://") for origin in request.app[OWN_ORIGINS])
