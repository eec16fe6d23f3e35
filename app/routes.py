"""Every address of the product: one table for each room."""

from collections.abc import Iterator

from aiohttp import web
from sqlmodel import select

from bot import webhook
from campaigns import admin_deals, admin_posts
from core import health, mail_hook, pictures, static
from core.database import DATABASE
from core.errors import NotFound
from core.guards import ELSEWHERE, tell_the_way
from core.pages import page
from core.shops import Shop
from inbox import admin as inbox_admin
from inbox import admin_actions as inbox_actions
from inbox import admin_start, streaming
from meta import admin as meta_admin
from payments import admin as payments_admin
from payments import admin_connecting as payments_connecting
from payments import admin_health as payments_health
from payments import routes as payments_routes
from staff import admin as staff_admin
from staff import routes as staff_routes
from storefront import admin as storefront_admin
from storefront import routes as storefront_routes
from storefront import tab

front = web.RouteTableDef()


@front.get("/")
async def show_front(request: web.Request) -> web.StreamResponse:
    """With one shop its window; with several a list of them."""
    async with request.app[DATABASE].reading() as session:
        shops = (await session.exec(select(Shop).order_by(Shop.name))).all()
    if not shops:
        raise NotFound()
    if len(shops) == 1:
        raise web.HTTPSeeOther(f"/s/{shops[0].slug}/")
    return page(request, "app/front.html", shops=shops)


elsewhere = [web.route("*", ELSEWHERE, tell_the_way)]

MODULES = (
    # from outside
    webhook,
    payments_routes,
    mail_hook,
    health,
    # for customers
    storefront_routes,
    pictures,
    static,
    # behind the counter
    staff_routes,
    staff_admin,
    admin_start,
    inbox_admin,
    inbox_actions,
    streaming,
    storefront_admin,
    admin_deals,
    admin_posts,
    meta_admin,
    payments_admin,
    payments_connecting,
    payments_health,
)


def every_route() -> Iterator[web.RouteDef]:
    """In the order in which addresses are compared."""
    for routes in (front, *(module.routes for module in MODULES), elsewhere):
        yield from routes


# Others may POST here; each proves who it is by a signature of its own.
OUTSIDERS = (
    webhook.PATH, mail_hook.PATH, "/webhooks/stripe/connect", "/webhooks/stripe/{path_token}",
    tab.TAB,
)  # fmt: skip
