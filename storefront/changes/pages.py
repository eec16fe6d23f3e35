"""A change on the buyer's order page: the difference paid, or the change declined."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from payments.clients import STRIPES
from payments.settling import settle_reference
from storefront.changes.errors import ChangeUnknown
from storefront.changes.models import OrderChange
from storefront.changes.paying import drop
from storefront.changes.proposing import get_change
from storefront.entering import Entry, ShopRoutes, enter, go_on, see_other
from storefront.notes import note_of
from storefront.orders.finding import find_order
from storefront.orders.models import Order
from storefront.pay_links import difference_link
from storefront.references import change_reference
from storefront.status_pages import status_page

_CHANGE = "o/{token}/changes/{change_id:\\d{1,9}}"

routes = ShopRoutes()


@routes.at("POST", _CHANGE + "/pay")
async def pay_difference(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order, change = await _find(entry)
    try:
        link = await difference_link(
            request.app, entry.shop, order, change, address=request.remote or ""
        )
    except ShopError as trouble:
        return await status_page(entry, trouble=note_of(trouble), status=trouble.status)
    return see_other(link)


@routes.at("POST", _CHANGE + "/drop")
async def decline(request: web.Request) -> web.StreamResponse:
    """Somebody who has just paid it in another tab has agreed to it."""
    entry, app = await enter(request), request.app
    order, change = await _find(entry)
    try:
        await settle_reference(
            app[DATABASE], app[STRIPES], app[CLOCK], shop_id=entry.shop.key,
            reference=change_reference(order.key, change.key),
        )  # fmt: skip
        async with app[DATABASE].transaction() as session:
            await drop(session, entry.shop.key, change.key, by="customer", now=app[CLOCK]())
    except ShopError as refused:
        return await status_page(entry, trouble=note_of(refused), status=refused.status)
    return go_on(entry, f"o/{order.token}")


@routes.at("GET", _CHANGE + "/{anything:pay|drop}")
async def back_to_status(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order, _ = await _find(entry)
    return go_on(entry, f"o/{order.token}")


async def _find(entry: Entry) -> tuple[Order, OrderChange]:
    """Raises OrderUnknown, ChangeUnknown."""
    shop_id, match = entry.shop.key, entry.request.match_info
    async with entry.request.app[DATABASE].reading() as session:
        order = await find_order(session, shop_id, match["token"])
        change = await get_change(session, shop_id, int(match["change_id"]))
    if change.order_id != order.key or change.confirmed_at is None:
        raise ChangeUnknown()
    return order, change
