"""Behind the counter: withdrawals and other returns, the most pressing first, and each case."""

from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.pages import page
from staff.access import counter_page, shop_of
from storefront.orders.finding import get_order
from storefront.orders.states import status_of
from storefront.storefronts import find_storefront
from storefront.withdrawals.admin_actions import CASE, LIST, OPENING, case_id_of
from storefront.withdrawals.errors import WithdrawalUnknown
from storefront.withdrawals.finding import SHOWN, count_cases, find_label, get_case, list_cases
from storefront.withdrawals.goods import choosable
from storefront.withdrawals.matching import candidates
from storefront.withdrawals.order_pages import as_label
from storefront.withdrawals.showing import view_of

routes = web.RouteTableDef()


@routes.get(LIST)
async def show_cases(request: web.Request) -> web.Response:
    return counter_page(request, "storefront/counter/withdrawals.html", **await _rows(request))


@routes.get(LIST + "/rows")
async def show_rows(request: web.Request) -> web.Response:
    """The list alone: fetched anew when something about a case changes."""
    context = await _rows(request)
    return page(
        request, "storefront/counter/withdrawal_rows.html", shop=shop_of(request), **context
    )  # fmt: skip


async def _rows(request: web.Request) -> dict[str, Any]:
    shop, now = shop_of(request), request.app[CLOCK]()
    show = request.query.get("show", "open")
    show = show if show in SHOWN else "open"
    async with request.app[DATABASE].reading() as session:
        return {
            "cases": await list_cases(session, shop.key, shop.timezone, show=show, now=now),
            "open_cases": await count_cases(session, shop.key, "open"),
            "show": show,
        }


@routes.get(CASE)
async def show_case(request: web.Request) -> web.Response:
    return counter_page(request, "storefront/counter/withdrawal.html", **await _case(request))


@routes.get(CASE + "/now")
async def show_case_now(request: web.Request) -> web.Response:
    context = await _case(request)
    return page(
        request, "storefront/counter/withdrawal_now.html", shop=shop_of(request), **context
    )  # fmt: skip


async def _case(request: web.Request) -> dict[str, Any]:
    shop, now, text = shop_of(request), request.app[CLOCK](), request.query.get("q", "")[:100]
    async with request.app[DATABASE].reading() as session:
        case = await get_case(session, shop.key, case_id_of(request))
        window = await find_storefront(session, shop.key)
        view = await view_of(session, shop, window, case, now=now)
        matching = await candidates(session, case, text) if view.order is None else []
        lines = await choosable(session, view.order, besides=case.key) if view.order else []
    chosen = {one.line.key: one.row.quantity for one in view.goods}
    return {
        "view": view, "case": case, "candidates": matching, "text": text, "lines": lines,
        "chosen": chosen, "window": window, "status_of": status_of,
    }  # fmt: skip


@routes.get(CASE + "/label.pdf")
async def show_label(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        case = await get_case(session, shop_of(request).key, case_id_of(request))
        label = await find_label(session, case)
    if label is None:
        raise WithdrawalUnknown()
    return as_label(label.pdf, case.key)


@routes.get(OPENING)
async def show_opening(request: web.Request) -> web.Response:
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        order = await get_order(session, shop.key, int(request.match_info["order_id"]))
        lines = await choosable(session, order)
    return counter_page(
        request, "storefront/counter/return_new.html", order=order, lines=lines,
        today=request.app[CLOCK]().astimezone(ZoneInfo(shop.timezone)).date(),
    )  # fmt: skip
