"""An order's invoices behind its secret link."""

from aiohttp import web

from core.cache import CACHE
from core.database import DATABASE
from core.pages import PAGES, SAFE_HEADERS
from core.shops import Shop
from storefront.entering import ShopRoutes, enter
from storefront.invoices.finding import find_invoice
from storefront.invoices.models import Invoice
from storefront.invoices.printing import print_invoice
from storefront.orders.finding import find_order

routes = ShopRoutes()


@routes.at("GET", "o/{token}/invoice/{number}.pdf")
async def show_invoice(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    async with request.app[DATABASE].reading() as session:
        order = await find_order(session, entry.shop.key, request.match_info["token"])
        invoice = await find_invoice(session, order, request.match_info["number"])
    return await as_pdf(request, entry.shop, invoice)


async def as_pdf(request: web.Request, shop: Shop, invoice: Invoice) -> web.Response:
    body = await print_invoice(request.app[CACHE], request.app[PAGES], shop, invoice)
    # The number is made of letters, digits and hyphens only.
    named = f'inline; filename="{invoice.number}.pdf"'
    headers = {"Content-Disposition": named, "Cache-Control": "private, no-store"}
    return web.Response(body=body, content_type="application/pdf", headers=SAFE_HEADERS | headers)
