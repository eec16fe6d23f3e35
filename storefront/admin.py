"""All pages of the shop behind the counter."""

from aiohttp import web

from storefront import admin_goods, admin_orders, admin_products, admin_settings

routes: list[web.AbstractRouteDef] = [
    route
    for table in (
        admin_orders.routes,
        admin_products.routes,
        admin_goods.routes,
        admin_settings.routes,
    )
    for route in table
]
