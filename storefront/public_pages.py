"""Pages that are the same for everybody: the catalogue, a product, a search, the legal texts."""

from typing import Any

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import NotFound
from core.money import Money
from core.pages import PAGES
from promotions.deals import active_deals
from storefront.catalogue import count_products, find_product, list_products, search
from storefront.countries import named
from storefront.entering import Entry, ShopRoutes, enter
from storefront.legal import TITLES, blocks, legal_text
from storefront.window import WINDOW, Kept

PER_PAGE = 24
_FOUND = 24
_LONGEST_SEARCH = 100

routes = ShopRoutes()


@routes.at("GET", "")
async def show_catalogue(request: web.Request) -> web.Response:
    entry = await enter(request)
    return request.app[WINDOW].answer(request, await catalogue(entry, _number(request)))


async def catalogue(entry: Entry, number: int = 1) -> Kept:
    """The shop's first page. The tab's address differs, so its root is part of the page."""
    app, front = entry.request.app, entry.front

    async def make() -> str:
        now, shop_id = app[CLOCK](), front.shop.key
        async with app[DATABASE].reading() as session:
            offset = (number - 1) * PER_PAGE
            cards = await list_products(session, shop_id, now=now, limit=PER_PAGE, offset=offset)
            count = await count_products(session, shop_id)
            deals = await active_deals(session, shop_id, now=now)
        return _render(
            entry, "storefront/catalogue.html", cards=cards, number=number, count=count,
            last=max(1, -(-count // PER_PAGE)),
            deals=[deal for deal in deals if not deal.needs_code],
            address=f"?page={number}" if number > 1 else "",
            share_picture=front.storefront.cover_digest,
        )  # fmt: skip

    return await app[WINDOW].page(front, f"list:{entry.look}:{entry.root}:{number}", make)


def _number(request: web.Request) -> int:
    text = request.query.get("page", "1")
    return min(int(text), 1000) if text.isascii() and text.isdigit() and int(text) > 0 else 1


@routes.at("GET", "p/{slug}")
async def show_product(request: web.Request) -> web.Response:
    entry = await enter(request)
    slug = request.match_info["slug"]
    kept = await product_page(entry, slug)
    return request.app[WINDOW].answer(request, kept)


async def product_page(entry: Entry, slug: str) -> Kept:
    """Raises ProductUnknown."""
    app, front = entry.request.app, entry.front

    async def make() -> str:
        async with app[DATABASE].reading() as session:
            view = await find_product(session, front.shop.key, slug, now=app[CLOCK]())
        return _render(
            entry, "storefront/product.html", view=view, card=view.card, product=view.product,
            description=blocks(view.product.description), address=f"p/{slug}",
            share_picture=view.card.picture,
        )  # fmt: skip

    return await app[WINDOW].page(front, f"product:{entry.look}:{entry.root}:{slug}", make)


@routes.at("GET", "search")
async def show_search(request: web.Request) -> web.Response:
    entry = await enter(request)
    app, front = request.app, entry.front
    text = " ".join(request.query.get("q", "").split())[:_LONGEST_SEARCH]

    async def make() -> str:
        now, shop_id = app[CLOCK](), front.shop.key
        async with app[DATABASE].reading() as session:
            found = await search(session, shop_id, text, limit=_FOUND, now=now) if text else []
            others = [] if found else await list_products(session, shop_id, now=now, limit=4)
        return _render(entry, "storefront/search.html", text=text, cards=found, others=others)

    name = f"search:{entry.look}:{entry.root}:{text.lower()}"
    return app[WINDOW].answer(request, await app[WINDOW].page(front, name, make, shared=False))


@routes.at("GET", "legal/{page}")
async def show_legal(request: web.Request) -> web.Response:
    entry = await enter(request)
    app, front, page = request.app, entry.front, request.match_info["page"]
    if page not in TITLES:
        raise NotFound()

    async def make() -> str:
        text = "" if page == "delivery" else legal_text(
            app[PAGES], page, front.shop, front.storefront, entry.locale
        )  # fmt: skip
        return _render(
            entry, "storefront/legal.html", legal_page=page, legal_title=TITLES[page],
            text=blocks(text), address=f"legal/{page}", **_delivery(entry),
        )  # fmt: skip

    kept = await app[WINDOW].page(front, f"legal:{entry.look}:{entry.root}:{page}", make)
    return app[WINDOW].answer(request, kept)


def _delivery(entry: Entry) -> dict[str, Any]:
    window, currency = entry.front.storefront, entry.shop.currency
    threshold = window.free_shipping_from_minor
    countries = [name for _, name in named(window.delivery_countries, entry.locale)]
    return {
        "countries": ", ".join(countries),
        "fee": Money(window.shipping_fee_minor, currency) if window.shipping_fee_minor else None,
        "free_from": None if threshold is None else Money(threshold, currency),
    }


def _render(entry: Entry, template: str, **context: Any) -> str:
    text: str = entry.request.app[PAGES].text(template, entry.locale, **entry.context, **context)
    return text
