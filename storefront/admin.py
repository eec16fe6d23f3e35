"""All pages of the shop behind the counter."""

from aiohttp import web

from storefront import (
    admin_corrections,
    admin_goods,
    admin_orders,
    admin_parts,
    admin_products,
    admin_settings,
    admin_stock,
)
from storefront.changes import admin as admin_changes
from storefront.changes import admin_agreeing
from storefront.invoices import admin as admin_invoices
from storefront.invoices import books_admin
from storefront.letters import admin as admin_letters
from storefront.shipping import admin as admin_parcels
from storefront.shipping import day_pages, settings_pages, slip_pages
from storefront.withdrawals import admin as admin_withdrawals
from storefront.withdrawals import admin_actions as withdrawal_actions

routes: list[web.AbstractRouteDef] = [
    route
    for table in (
        admin_corrections.routes,
        admin_changes.routes,
        admin_agreeing.routes,
        admin_orders.routes,
        admin_parcels.routes,
        day_pages.routes,
        settings_pages.routes,
        slip_pages.routes,
        admin_products.routes,
        admin_goods.routes,
        admin_parts.routes,
        admin_settings.routes,
        admin_stock.routes,
        admin_invoices.routes,
        books_admin.routes,
        admin_letters.routes,
        admin_withdrawals.routes,
        withdrawal_actions.routes,
    )
    for route in table
]
