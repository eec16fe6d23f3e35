"""Behind the counter: today at a glance, and whether everything works."""

from datetime import timedelta
from typing import Any

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import NotFound
from core.intake import INTAKE, Incoming
from core.jobs import JOBS
from core.pages import page, translate
from core.shops import is_only_shop
from inbox.conversations import count_unread
from inbox.failures import sentence
from inbox.health import look
from inbox.listing import Wish, count_by_show, list_conversations
from inbox.reading import names_of_members
from meta.pages import find_page
from meta.tokens import SENTENCES
from payments.troubles import troubles
from payments.webhooks import STRIPE_INTAKE
from promotions.deals import active_deals
from staff.access import counter_page, member_of, require_owner, shop_of
from staff.cookies import flash
from storefront.orders.finding import count_orders, list_orders
from storefront.orders.states import status_of
from storefront.stock_books import latest_check
from storefront.withdrawals.finding import pressing

routes = web.RouteTableDef()

HEALTH = "/counter/health"
# They are compared every hour: after three, no worker is there that does it.
_BOOKS_LATE = timedelta(hours=3)


@routes.get("/counter")
async def find_start(request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther("/counter/")


@routes.get("/counter/")
async def show_start(request: web.Request) -> web.Response:
    """A few counts and the latest of each: what somebody wants to know in the morning."""
    shop, me, now = shop_of(request), member_of(request).key, request.app[CLOCK]()
    async with request.app[DATABASE].reading() as session:
        context: dict[str, Any] = {
            "counts": await count_by_show(session, shop.key, staff_id=me),
            "waiting": await count_unread(session, shop.key),
            "conversations": await list_conversations(
                session, shop.key, Wish(), staff_id=me, limit=5
            ),
            "open_orders": await count_orders(session, shop.key, "open"),
            "attention": await count_orders(session, shop.key, "attention"),
            "refunds_due": await pressing(session, shop.key, shop.timezone, now=now),
            "orders": await list_orders(session, shop.key, limit=5),
            "deals": await active_deals(session, shop.key, now=now),
            "page": await find_page(session, shop.key),
            "books": await latest_check(session, shop.key),
            "names": await names_of_members(session, shop.key),
            "status_of": status_of,
            "money_troubles": await troubles(session, shop.key, now=now),
            "problems": SENTENCES,
        }
    return counter_page(request, "inbox/start.html", **context)


@routes.get("/counter/start/conversations")
async def show_latest(request: web.Request) -> web.Response:
    shop, me = shop_of(request), member_of(request).key
    async with request.app[DATABASE].reading() as session:
        found = await list_conversations(session, shop.key, Wish(), staff_id=me, limit=5)
        names = await names_of_members(session, shop.key)
    return page(request, "inbox/latest.html", shop=shop, conversations=found, names=names)


@routes.get(HEALTH)
async def show_health(request: web.Request) -> web.Response:
    shop, now = shop_of(request), request.app[CLOCK]()
    async with request.app[DATABASE].reading() as session:
        health = await look(session, request.app[JOBS], shop.key, now=now)
        books = await latest_check(session, shop.key)
    return counter_page(
        request, "inbox/health.html", health=health, problems=SENTENCES, why=sentence, books=books,
        books_late=books is not None and now - books.checked_at > _BOOKS_LATE,
    )  # fmt: skip


@routes.post(HEALTH + "/events/{incoming_id:\\d{1,9}}/again")
async def work_again(request: web.Request) -> web.StreamResponse:
    """Each source has its own way of working on events."""
    require_owner(request)
    number, shop_id = int(request.match_info["incoming_id"]), shop_of(request).key
    async with request.app[DATABASE].transaction() as session:
        incoming = await session.get(Incoming, number)
        if incoming is None or incoming.shop_id != shop_id:
            raise NotFound()
        source = INTAKE if incoming.source == "meta" else STRIPE_INTAKE
        await request.app[source].retry(session, shop_id, number)
    return _done(request, "It is being worked on again.")


@routes.post(HEALTH + "/jobs/{job_id:\\d{1,9}}/again")
async def run_again(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    async with request.app[DATABASE].transaction() as session:
        if not await is_only_shop(session):
            raise NotFound()
        await request.app[JOBS].rerun(session, int(request.match_info["job_id"]))
    return _done(request, "The job runs again.")


def _done(request: web.Request, said: str) -> web.StreamResponse:
    redirect = web.Response(status=303, headers={"Location": HEALTH})
    flash(redirect, "success", translate(request, said))
    return redirect
