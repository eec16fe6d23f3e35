"""The basket's pages: look, put in, change, take out, use a code."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from core.money import Money
from promotions.errors import CodeUnknown
from storefront.basket_filling import accept_prices, drop_code, put, set_quantity, use_code
from storefront.basket_views import BasketView, look_at
from storefront.baskets import count_pieces, open_basket
from storefront.entering import Entry, ShopRoutes, basket_in, enter, go_on
from storefront.forms import PutForm
from storefront.limits import LIMITS
from storefront.models import Basket
from storefront.notes import Note, note_of

_LONGEST_CODE = 100

routes = ShopRoutes()


@routes.at("GET", "basket/count")
async def show_count(request: web.Request) -> web.Response:
    """The number in the header of cached pages, fetched by a script; empty when there is none."""
    entry = await enter(request)
    async with request.app[DATABASE].reading() as session:
        basket = await basket_in(session, entry)
        pieces = await count_pieces(session, basket) if basket else 0
    return web.Response(text=str(pieces or ""), headers={"Cache-Control": "no-store"})


@routes.at("GET", "basket")
async def show_basket(request: web.Request) -> web.Response:
    gone = (
        Note("Not all of it can be had any more.", "warning") if "gone" in request.query else None
    )
    return await basket_page(await enter(request), trouble=gone)


async def basket_page(
    entry: Entry,
    *,
    status: int = 200,
    trouble: Note | None = None,
    typed_code: str = "",
    code_trouble: Note | None = None,
) -> web.Response:
    """`trouble` is what just did not work; what was typed stays in its field."""
    app = entry.request.app
    async with app[DATABASE].reading() as session:
        basket = await basket_in(session, entry)
        view = None
        if basket is not None:
            view = await look_at(
                session, entry.shop, basket, now=app[CLOCK](), window=entry.front.storefront
            )
    return entry.page(
        "storefront/basket.html", status=status, view=view, trouble=trouble,
        typed_code=typed_code, code_trouble=code_trouble,
        free_missing=missing_for_free_delivery(view) if view else None,
    )  # fmt: skip


def missing_for_free_delivery(view: BasketView) -> Money | None:
    if view.free_from is None or not view.quote.shipping or view.is_empty:
        return None
    return view.free_from - view.quote.goods


@routes.at("POST", "basket/add")
async def add_to_basket(request: web.Request) -> web.StreamResponse:
    entry, data, now = await enter(request), await request.post(), request.app[CLOCK]()
    try:
        form = PutForm.read(data)
        async with request.app[DATABASE].transaction() as session:
            found = await basket_in(session, entry, lock=True)
            basket = found or await open_basket(session, entry.shop.key, now=now)
            await put(session, basket, form.variant, max(1, form.quantity), now=now)
    except ShopError as refused:
        return await basket_page(entry, status=refused.status, trouble=note_of(refused))
    return go_on(entry, "basket", basket)


@routes.at("POST", "basket/set")
async def change_quantity(request: web.Request) -> web.StreamResponse:
    """A quantity of none takes the line out."""
    entry, data, now = await enter(request), await request.post(), request.app[CLOCK]()
    basket: Basket | None = None
    try:
        form = PutForm.read({**data, "quantity": "0"} if "remove" in data else data)
        async with request.app[DATABASE].transaction() as session:
            basket = await basket_in(session, entry, lock=True)
            if basket is not None:
                await set_quantity(session, basket, form.variant, form.quantity, now=now)
    except ShopError as refused:
        return await basket_page(entry, status=refused.status, trouble=note_of(refused))
    return go_on(entry, "basket", basket)


@routes.at("POST", "basket/seen")
async def accept_changes(request: web.Request) -> web.StreamResponse:
    """Changed prices have been read; they are not told again."""
    entry, now = await enter(request), request.app[CLOCK]()
    async with request.app[DATABASE].transaction() as session:
        basket = await basket_in(session, entry, lock=True)
        if basket is not None:
            await accept_prices(session, basket, now=now)
    return go_on(entry, "basket", basket)


@routes.at("POST", "basket/code")
async def enter_code(request: web.Request) -> web.StreamResponse:
    entry, data, now = await enter(request), await request.post(), request.app[CLOCK]()
    typed = str(data.get("code", "")).strip()[:_LONGEST_CODE]
    limits = request.app[LIMITS]
    basket: Basket | None = None
    try:
        async with request.app[DATABASE].transaction() as session:
            basket = await basket_in(session, entry, lock=True)
            if "remove" in data and basket is not None:
                await drop_code(session, basket, now=now)
            elif basket is not None:
                limits.codes.spend(f"{entry.shop.id}:{request.remote}", now=now)
                if not typed:
                    raise CodeUnknown()
                await use_code(session, basket, typed, now=now)
    except ShopError as refused:
        return await basket_page(
            entry, status=refused.status, typed_code=typed, code_trouble=note_of(refused)
        )
    back = "order" if data.get("from") == "order" else "basket"
    return go_on(entry, back, basket)


@routes.at("GET", "basket/{anything:add|set|seen|code}")
async def back_to_basket(request: web.Request) -> web.StreamResponse:
    """Reloaded, or another language chosen, on an answer to one of the forms above."""
    return go_on(await enter(request), "basket")
