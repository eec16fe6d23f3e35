"""All pages of the shop that customers see."""

from urllib.parse import quote

from aiohttp import web

from storefront import (
    basket_pages,
    correction_pages,
    order_pages,
    public_pages,
    status_pages,
    tab,
)
from storefront.changes import pages as change_pages
from storefront.entering import see_other
from storefront.invoices import pages as invoice_pages
from storefront.shipping import pages as parcel_pages
from storefront.withdrawals import order_pages as withdrawal_order_pages
from storefront.withdrawals import pages as withdrawal_pages

_doors = web.RouteTableDef()


@_doors.get("/s/{shop}")
async def add_slash(request: web.Request) -> web.StreamResponse:
    """Links in the shop are relative, so its address ends in a slash."""
    return see_other(f"/s/{quote(request.match_info['shop'], safe='')}/")


# The pages asked for most come first: addresses are compared in this order.
routes: list[web.AbstractRouteDef] = [
    route
    for table in (
        tab.routes,
        public_pages.routes,
        basket_pages.routes,
        order_pages.routes,
        status_pages.routes,
        correction_pages.routes,
        change_pages.routes,
        invoice_pages.routes,
        parcel_pages.routes,
        withdrawal_pages.routes,
        withdrawal_order_pages.routes,
        _doors,
    )
    for route in table
]
