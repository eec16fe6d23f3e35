"""All pages of the shop behind the counter."""

from aiohttp import web

from storefront import admin_corrections, admin_goods, admin_orders, admin_products, admin_settings
from storefront.invoices import admin as admin_invoices
from storefront.shipping import admin as admin_parcels
from storefront.shipping import day_pages, settings_pages, slip_pages

routes: list[web.AbstractRouteDef] = [
    route
    for table in (
        admin_corrections.routes,
        admin_orders.routes,
        admin_parcels.routes,
        day_pages.routes,
        settings_pages.routes,
        slip_pages.routes,
        admin_products.routes,
        admin_goods.routes,
        admin_settings.routes,
        admin_invoices.routes,
    )
    for route in table
]
