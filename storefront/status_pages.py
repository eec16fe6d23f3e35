"""An order's page behind its secret link: where it stands, pay now, give it up, order again."""

from functools import partial
from urllib.parse import quote

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from core.logs import log
from meta.settings import META
from payments.clients import STRIPES
from payments.settling import settle_reference
from storefront.basket_filling import put
from storefront.baskets import open_basket
from storefront.changes.models import OrderChange
from storefront.changes.proposing import waiting_change
from storefront.countries import country_name
from storefront.entering import Entry, ShopRoutes, basket_in, enter, go_on, see_other
from storefront.invoices.finding import invoices_of
from storefront.notes import Note, note_of
from storefront.orders.apologies import code_given
from storefront.orders.correcting import own_corrections_until
from storefront.orders.ending import cancel
from storefront.orders.finding import events_of, find_order, lines_of
from storefront.orders.holding import holder_of
from storefront.orders.models import Order
from storefront.orders.states import status_of
from storefront.pay_links import pay_link
from storefront.references import change_reference, reference_of
from storefront.shipping.arriving import may_take_back
from storefront.shipping.finding import parcels_of
from storefront.shipping.telling import still_to_come
from storefront.withdrawals.showing import offer_for, views_of

# What may be told after a redirect; anything else in the address says nothing.
TROUBLES = {
    "PaymentsUnavailable": "The pay page cannot be reached just now. Your order is kept: please try again in a minute.",
    "KeyRejected": "The pay page cannot be reached just now. Your order is kept: please try again in a minute.",
    "PaymentsNotSetUp": "This shop cannot take payments yet. Your order is kept; please contact the shop.",
    "PaymentsRefused": "The payment could not be started. Your order is kept; please contact the shop.",
    "AmountTooSmall": "This amount is too small to be paid online. Please contact the shop.",
}

routes = ShopRoutes()


@routes.at("GET", "o/{token}")
async def show_status(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order = await _find(entry)
    if order.state in ("placed", "expired") and order.total_minor:
        await _ask_stripe(entry, reference_of(order.key))
    elif (change := await _waiting(entry, order)) is not None:
        await _ask_stripe(entry, change_reference(order.key, change.key))
    return await status_page(entry)


async def _waiting(entry: Entry, order: Order) -> OrderChange | None:
    async with entry.request.app[DATABASE].reading() as session:
        return await waiting_change(session, order)


async def _ask_stripe(entry: Entry, reference: str) -> None:
    """Stripe's webhook may be slower than the buyer. Without an answer the page shows what we
    know; it looks again by itself."""
    app = entry.request.app
    try:
        await settle_reference(
            app[DATABASE], app[STRIPES], app[CLOCK], shop_id=entry.shop.key, reference=reference
        )
    except ShopError as trouble:
        log(__name__).warning("status_not_settled", reference=reference, trouble=str(trouble))


async def status_page(
    entry: Entry, *, trouble: Note | None = None, status: int = 200
) -> web.Response:
    app, request = entry.request.app, entry.request
    async with app[DATABASE].reading() as session:
        order = await find_order(session, entry.shop.key, request.match_info["token"])
        lines = await lines_of(session, order)
        events = await events_of(session, order)
        invoices = await invoices_of(session, order)
        waiting = await waiting_change(session, order)
        code = await code_given(session, order)
        holder = await holder_of(session, order) if order.hold == "moved" else None
        whose = (entry.shop, entry.front.storefront, order)
        returns = await views_of(session, *whose, now=app[CLOCK]())
        withdrawing = await offer_for(session, *whose, now=app[CLOCK]())
        parcels = await parcels_of(session, order)
    told = TROUBLES.get(request.query.get("trouble", ""))
    return entry.page(
        "storefront/status.html",
        status=status,
        order=order,
        lines=lines,
        events=events,
        invoices=invoices,
        waiting=waiting,
        holder=holder,
        code=code,
        returns=returns,
        withdrawing=withdrawing,
        state=status_of(order),
        trouble=trouble or (Note(told, "error") if told else None),
        back=request.query.get("back", ""),
        country=country_name(order.country, entry.locale),
        can_pay=order.state == "placed" and order.processing_at is None,
        chat=_chat_link(entry, order),
        correctable_until=own_corrections_until(order, entry.front.storefront),
        now=app[CLOCK](),
        parcels=parcels,
        lines_by_id={line.key: line for line in lines},
        still=still_to_come(lines, parcels),
        may_take_back=partial(may_take_back, now=app[CLOCK]()),
    )


def _chat_link(entry: Entry, order: Order) -> str | None:
    """Over it the order's news come into Messenger too: whoever opens it there is its buyer.

    Messenger Platform docs, m.me links: letters, digits and `-_=`, which is what tokens are of.
    """
    page_id = entry.front.page_id
    if page_id is None or order.customer_id is not None:
        return None
    return f"{entry.request.app[META].chat_url}/{page_id}?ref=order-{order.token}"


async def _find(entry: Entry) -> Order:
    async with entry.request.app[DATABASE].reading() as session:
        return await find_order(session, entry.shop.key, entry.request.match_info["token"])


@routes.at("POST", "o/{token}/pay")
async def pay(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order = await _find(entry)
    try:
        link = await pay_link(request.app, entry.shop, order, address=request.remote or "")
    except ShopError as trouble:
        await _ask_stripe(entry, reference_of(order.key))
        return await status_page(entry, trouble=note_of(trouble), status=trouble.status)
    return see_other(link)


@routes.at("POST", "o/{token}/cancel")
async def give_up(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order = await _find(entry)
    try:
        await _ask_stripe(entry, reference_of(order.key))
        async with request.app[DATABASE].transaction() as session:
            await cancel(
                session, entry.shop.key, order.key, by="customer", now=request.app[CLOCK]()
            )
    except ShopError as refused:
        return await status_page(entry, trouble=note_of(refused), status=refused.status)
    return go_on(entry, f"o/{order.token}")


@routes.at("POST", "o/{token}/again")
async def order_again(request: web.Request) -> web.StreamResponse:
    """The same goods back into the basket, as far as they can still be had."""
    entry, now = await enter(request), request.app[CLOCK]()
    order, gone = await _find(entry), False
    async with request.app[DATABASE].transaction() as session:
        found = await basket_in(session, entry)
        basket = found or await open_basket(session, entry.shop.key, now=now)
        for line in await lines_of(session, order):
            try:
                await put(session, basket, line.variant_id, line.quantity, now=now)
            except ShopError:
                gone = True
    return go_on(entry, "basket?gone=1" if gone else "basket", basket)


@routes.at("GET", "o/{token}/{anything:pay|cancel|again}")
async def back_to_status(request: web.Request) -> web.StreamResponse:
    return go_on(await enter(request), f"o/{quote(request.match_info['token'], safe='')}")
