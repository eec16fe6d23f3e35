"""The order page: the address, the summary, and the button that obliges to pay (§312j BGB)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from storefront.basket_pages import missing_for_free_delivery
from storefront.basket_views import BasketView, look_at
from storefront.countries import named
from storefront.entering import Entry, ShopRoutes, basket_in, enter, go_on, see_other
from storefront.errors import BasketEmpty
from storefront.forms import OrderForm
from storefront.limits import LIMITS
from storefront.models import Basket, Customer
from storefront.notes import Note, note_of
from storefront.orders.holding import is_held
from storefront.orders.models import Delivery, Order
from storefront.orders.placing import place
from storefront.pay_links import PayPage, open_page, plan_page
from storefront.shipping.days import earliest_day, limits_in_words
from storefront.shipping.reviews import CONSENT, review_page

routes = ShopRoutes()

_FIELDS = (
    "name", "email", "phone", "company", "vat_id", "street", "postcode", "town", "country",
    "recipient", "card_text", "wish_date", "remark", "review_wanted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """An order form as somebody left it, and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = "delivery"
    errors: Mapping[str, str] = field(default_factory=dict)
    trouble: Note | None = None
    status: int = 200


def _filled(data: MultiMapping[Any]) -> Filled:
    values = {name: str(data[name])[:2000] for name in _FIELDS if isinstance(data.get(name), str)}
    wished = data.get("switch") or data.get("delivery")
    return Filled(values, "pickup" if wished == "pickup" else "delivery")


@routes.at("GET", "order")
async def show_order_page(request: web.Request) -> web.StreamResponse:
    return await order_page(await enter(request), None)


@routes.at("POST", "order")
async def switch_delivery(request: web.Request) -> web.StreamResponse:
    """Delivery or pick-up: the total depends on it, so the page is shown anew, input kept."""
    return await order_page(await enter(request), _filled(await request.post()))


async def order_page(entry: Entry, filled: Filled | None) -> web.StreamResponse:
    app = entry.request.app
    async with app[DATABASE].reading() as session:
        basket = await basket_in(session, entry)
        if basket is None:
            view = None
        else:
            filled = filled or await _known(session, basket, entry)
            view = await look_at(
                session, entry.shop, basket, now=app[CLOCK](), delivery=filled.delivery,
                email=filled.values.get("email", ""), window=entry.front.storefront,
            )  # fmt: skip
    if view is None or view.is_empty or filled is None:
        return go_on(entry, "basket")
    return _show(entry, view, filled)


async def _known(session: Any, basket: Basket, entry: Entry) -> Filled:
    """What an earlier order or chat has told us already."""
    countries = entry.front.storefront.delivery_countries
    values = {"country": countries[0] if countries else ""}
    customer = await session.get(Customer, basket.customer_id) if basket.customer_id else None
    if customer is not None:
        values |= {"name": customer.name or "", "email": customer.email or ""}
    only_pickup = not countries and entry.front.storefront.pickup_offered
    return Filled(values, "pickup" if only_pickup else "delivery")


def _show(entry: Entry, view: BasketView, filled: Filled) -> web.Response:
    now = entry.request.app[CLOCK]()
    reviews_at = review_page(view.storefront, entry.front.page_id)
    return entry.page(
        "storefront/order.html",
        status=filled.status,
        view=view,
        filled=filled,
        errors=filled.errors,
        consent=CONSENT if reviews_at is not None else None,
        countries=named(view.storefront.delivery_countries, entry.locale),
        earliest=earliest_day(view.storefront, entry.shop, now),
        wish_limits=limits_in_words(
            view.storefront, entry.shop, entry.translate, entry.locale, now=now
        ),
        is_held=is_held(view.storefront, [item.product for item in view.items]),
        free_missing=missing_for_free_delivery(view),
    )


@routes.at("POST", "order/place")
async def place_order(request: web.Request) -> web.StreamResponse:
    """Places, then leads to the pay page. What does not fit is said beside it; nothing is lost."""
    entry, data, now = await enter(request), await request.post(), request.app[CLOCK]()
    filled = _filled(data)
    told = {**data, "came_from": entry.visit.door, "locale": entry.locale}
    try:
        form = OrderForm.read(told)
        request.app[LIMITS].orders.spend(f"{entry.shop.id}:{request.remote}", now=now)
        order, page = await _place(entry, form)
    except InvalidForm as wrong:
        again = Filled(filled.values, filled.delivery, wrong.fields, None, wrong.status)
        return await order_page(entry, again)
    except ShopError as refused:
        again = Filled(filled.values, filled.delivery, {}, note_of(refused), refused.status)
        return await order_page(entry, again)
    return await _to_payment(entry, order, page)


async def _place(entry: Entry, form: OrderForm) -> tuple[Order, PayPage | ShopError | None]:
    """In one transaction with what its pay page takes, whose trouble is no reason not to order.
    No page for what is not to be paid any more."""
    app = entry.request.app
    async with app[DATABASE].transaction() as session:
        basket = await basket_in(session, entry, lock=True)
        if basket is None:
            raise BasketEmpty()
        placed = await place(
            session, entry.shop, basket, form, now=app[CLOCK](), window=entry.front.storefront
        )
        order = placed.order
        if order.state != "placed":
            return order, None
        try:
            return order, await plan_page(
                session, app, entry.shop, order, placed.lines, address=_from(entry)
            )
        except ShopError as trouble:
            return order, trouble


async def _to_payment(
    entry: Entry, order: Order, page: PayPage | ShopError | None
) -> web.StreamResponse:
    """The order stands, whatever becomes of the way to the pay page."""
    status = f"/s/{entry.shop.slug}/o/{order.token}"
    if page is None:
        return see_other(status)
    try:
        if isinstance(page, ShopError):
            raise page
        app = entry.request.app
        return see_other(await open_page(app, entry.shop, order, page, address=_from(entry)))
    except ShopError as trouble:
        return see_other(f"{status}?trouble={trouble.code}")


def _from(entry: Entry) -> str:
    return entry.request.remote or ""


@routes.at("GET", "order/place")
async def back_to_order(request: web.Request) -> web.StreamResponse:
    return go_on(await enter(request), "order")
