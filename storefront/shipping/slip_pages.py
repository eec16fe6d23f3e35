"""Behind the counter: packing slips as PDF, one or a whole day's."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.pages import PAGES, SAFE_HEADERS
from staff.access import shop_of
from storefront.counter_words import answer
from storefront.orders.finding import get_order
from storefront.shipping.days import read_day
from storefront.shipping.finding import find_parcel
from storefront.shipping.going_out import going_out
from storefront.shipping.slip import Slip
from storefront.shipping.slips import print_slips, slip_of

_ORDER = "/counter/orders/{order_id:\\d{1,9}}"
_MOST = 100

routes = web.RouteTableDef()


@routes.get(_ORDER + "/slip.pdf")
async def show_slip(request: web.Request) -> web.Response:
    """Everything that is still to be packed."""
    return await _slip(request, None)


@routes.get(_ORDER + "/parcels/{shipment_id:\\d{1,9}}/slip.pdf")
async def show_parcel_slip(request: web.Request) -> web.Response:
    return await _slip(request, int(request.match_info["shipment_id"]))


async def _slip(request: web.Request, shipment_id: int | None) -> web.Response:
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        order = await get_order(session, shop.key, int(request.match_info["order_id"]))
        parcel = await find_parcel(session, order, shipment_id) if shipment_id else None
        slip = await slip_of(session, request.app[PAGES], shop, order, parcel)
    name = f"{order.number}-{slip.parcel}" if slip.parcel else str(order.number)
    return _as_pdf(await print_slips([slip]), name)


@routes.get("/counter/orders/slips.pdf")
async def show_slips(request: web.Request) -> web.Response:
    """Of all that goes out on the day asked for."""
    shop, day = shop_of(request), read_day(request.query.get("day", ""))
    slips: list[Slip] = []
    async with request.app[DATABASE].reading() as session:
        for order in await going_out(session, shop, day, now=request.app[CLOCK](), limit=_MOST):
            slips.append(await slip_of(session, request.app[PAGES], shop, order, None))
    if not slips:
        back = f"/counter/orders/days?day={day}"
        return answer(request, back, "There is nothing to be packed.", kind="info")
    return _as_pdf(await print_slips(slips), day)


def _as_pdf(body: bytes, name: str) -> web.Response:
    named = f'inline; filename="{name}.pdf"'
    headers = {"Content-Disposition": named, "Cache-Control": "private, no-store"}
    return web.Response(body=body, content_type="application/pdf", headers=SAFE_HEADERS | headers)
