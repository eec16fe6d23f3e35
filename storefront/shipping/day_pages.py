"""Behind the counter: the working list, what goes out when."""

from typing import Any

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.pages import page
from staff.access import counter_page, shop_of
from storefront.orders.finding import lines_by_order
from storefront.orders.states import status_of
from storefront.shipping.days import DAYS, read_day
from storefront.shipping.going_out import count_by_day, going_out

_MOST = 100

routes = web.RouteTableDef()


@routes.get("/counter/orders/days")
async def show_days(request: web.Request) -> web.Response:
    return counter_page(request, "storefront/shipping/days.html", **await _list(request))


@routes.get("/counter/orders/days/rows")
async def show_day_rows(request: web.Request) -> web.Response:
    """The list alone: fetched anew when something about an order changes."""
    shop = shop_of(request)
    return page(request, "storefront/shipping/day_rows.html", shop=shop, **await _list(request))


async def _list(request: web.Request) -> dict[str, Any]:
    shop, now = shop_of(request), request.app[CLOCK]()
    day = read_day(request.query.get("day", ""))
    async with request.app[DATABASE].reading() as session:
        orders = list(await going_out(session, shop, day, now=now, limit=_MOST))
        counts = await count_by_day(session, shop, now=now)
        lines = await lines_by_order(session, orders)
    return {
        "orders": orders, "counts": counts, "day": day, "days": DAYS, "lines": lines,
        "status_of": status_of, "most": _MOST,
    }  # fmt: skip
