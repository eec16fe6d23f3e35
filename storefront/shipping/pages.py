"""What buyers do about their parcels: it has arrived, it has not, and no more questions please."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from storefront.entering import ShopRoutes, enter, go_on
from storefront.errors import ShipmentUnknown
from storefront.forms import LARGEST_ID
from storefront.notes import note_of
from storefront.orders.finding import find_order
from storefront.shipping.arriving import mark_delivered, take_back_delivered
from storefront.shipping.reviews import stop_asking
from storefront.status_pages import status_page

Verb = Callable[..., Awaitable[object]]

routes = ShopRoutes()


@routes.at("POST", "o/{token}/arrived")
async def it_arrived(request: web.Request) -> web.StreamResponse:
    return await _do(request, mark_delivered)


@routes.at("POST", "o/{token}/not-arrived")
async def it_did_not(request: web.Request) -> web.StreamResponse:
    """Pressed by mistake."""
    return await _do(request, take_back_delivered)


async def _do(request: web.Request, verb: Verb) -> web.StreamResponse:
    entry, data = await enter(request), await request.post()
    told = str(data.get("parcel", ""))
    try:
        async with request.app[DATABASE].transaction() as session:
            order = await find_order(session, entry.shop.key, request.match_info["token"])
            if not told.isascii() or not told.isdigit() or len(told) > 9 or int(told) > LARGEST_ID:
                raise ShipmentUnknown()
            await verb(
                session, entry.shop.key, order.key, int(told), by="customer",
                now=request.app[CLOCK](),
            )  # fmt: skip
    except ShopError as refused:
        # The order's page is there; where the order is unknown too, it says so itself.
        status = 409 if isinstance(refused, ShipmentUnknown) else refused.status
        return await status_page(entry, trouble=note_of(refused), status=status)
    return go_on(entry, f"o/{request.match_info['token']}")


@routes.at("GET", "o/{token}/{anything:arrived|not-arrived}")
async def back_to_order(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    async with request.app[DATABASE].reading() as session:
        order = await find_order(session, entry.shop.key, request.match_info["token"])
    return go_on(entry, f"o/{order.token}")


@routes.at("GET", "reviews/stop/{consent}")
async def ask_no_more(request: web.Request) -> web.StreamResponse:
    """One press on the link in the e-mail, no sign-in (§7 UWG); pressed twice it is as once."""
    entry = await enter(request)
    async with request.app[DATABASE].transaction() as session:
        known = await stop_asking(
            session, entry.shop.key, request.match_info["consent"], now=request.app[CLOCK]()
        )
    return entry.page("storefront/shipping/stopped.html", known=known, status=200 if known else 404)
