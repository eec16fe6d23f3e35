"""Behind the counter: the stock books, every movement of a variant, and whether all adds up."""

from typing import Any

from aiohttp import web
from sqlmodel import col, select

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from staff.access import counter_page, require_owner, shop_of
from storefront.counter_forms import ReasonForm
from storefront.counter_words import answer, refuse
from storefront.models import Order
from storefront.naming import full_name
from storefront.products import get_product
from storefront.references import any_order_id_of
from storefront.stock_books import (
    book_difference,
    check_shop,
    differences,
    latest_check,
    list_stock,
    movements_of,
    rebuild,
)
from storefront.variants import find_variant

STOCK = "/counter/stock"
_ONE = STOCK + "/{variant_id:\\d{1,9}}"
_PAGE = 50
_GOODS = 100

routes = web.RouteTableDef()


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@routes.get(STOCK)
async def show_books(request: web.Request) -> web.Response:
    shop, after = shop_of(request), _number(request, "after") or 0
    async with request.app[DATABASE].reading() as session:
        goods = await list_stock(session, shop.key, after=after, limit=_GOODS + 1)
        context: dict[str, Any] = {
            "goods": goods[:_GOODS],
            "further": goods[_GOODS - 1][0].key if len(goods) > _GOODS else None,
            "check": await latest_check(session, shop.key),
            "differing": await differences(session, shop.key),
        }
    return counter_page(request, "storefront/counter/stock.html", **context)


@routes.post(STOCK + "/check")
async def check_now(request: web.Request) -> web.Response:
    async with request.app[DATABASE].transaction() as session:
        check = await check_shop(session, shop_of(request).key, now=request.app[CLOCK]())
    if check.differing:
        return answer(
            request, STOCK, "Some counters are not what the movements add up to.", kind="warning"
        )
    return answer(request, STOCK, "Checked: everything adds up.")


@routes.get(_ONE)
async def show_movements(request: web.Request) -> web.Response:
    shop, variant_id = shop_of(request), int(request.match_info["variant_id"])
    async with request.app[DATABASE].reading() as session:
        variant = await find_variant(session, shop.key, variant_id)
        product = await get_product(session, shop.key, variant.product_id)
        moves = await movements_of(
            session, shop.key, variant_id, before=_number(request, "before"), limit=_PAGE + 1
        )
        told = {one.reference: any_order_id_of(one.reference or "") for one in moves}
        ids = [one for one in told.values() if one is not None]
        query = select(Order).where(col(Order.shop_id) == shop.key, col(Order.id).in_(ids))
        orders = {order.key: order for order in (await session.exec(query)).all()}
    return counter_page(
        request, "storefront/counter/movements.html", variant=variant, product=product,
        name=full_name(product, variant), moves=moves[:_PAGE],
        further=moves[_PAGE - 1].id if len(moves) > _PAGE else None,
        orders={name: orders[key] for name, key in told.items() if key in orders},
    )  # fmt: skip


@routes.post(_ONE + "/{what:rebuild|book}")
async def mend_books(request: web.Request) -> web.Response:
    """By an owner, with a name on it: never silently."""
    by, shop, now = require_owner(request).name, shop_of(request), request.app[CLOCK]()
    form = ReasonForm.read(await request.post())
    variant_id = int(request.match_info["variant_id"])
    try:
        async with request.app[DATABASE].transaction() as session:
            if request.match_info["what"] == "rebuild":
                await rebuild(session, shop.key, variant_id, by=by, now=now)
            else:
                await book_difference(
                    session, shop.key, variant_id, reason=form.reason, by=by, now=now
                )
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, STOCK, refused)
    return answer(request, STOCK, "The books add up again.")
