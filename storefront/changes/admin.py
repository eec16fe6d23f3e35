"""Behind the counter: an order changed. A form, a preview of who owes what to whom, agreed."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.pages import translate
from staff.access import counter_page, member_of, shop_of
from storefront.cards import offered_variants
from storefront.catalogue import search
from storefront.changes.forms import added, kind_of, read_actions
from storefront.changes.looking import look
from storefront.changes.proposing import propose
from storefront.counter_forms import ReasonForm
from storefront.counter_words import answer, sentences
from storefront.entering import see_other
from storefront.models import Product, Variant
from storefront.naming import full_name
from storefront.notes import note_of
from storefront.orders.finding import get_order, lines_of

ORDER = "/counter/orders/{order_id:\\d{1,9}}"

routes = web.RouteTableDef()


@routes.get(ORDER + "/change")
async def show_form(request: web.Request) -> web.Response:
    return await _form(request, {}, {})


@routes.post(ORDER + "/change")
async def draft(request: web.Request) -> web.StreamResponse:
    """A search for more goods keeps what was typed; everything else becomes a draft."""
    data, member = await request.post(), member_of(request)
    if "search" in data:
        return await _form(request, data, {}, find=str(data.get("find", ""))[:100])
    try:
        reason = ReasonForm.read(data).reason
        async with request.app[DATABASE].transaction() as session:
            order = await get_order(session, shop_of(request).key, _order_id(request))
            actions = read_actions(data, order, await lines_of(session, order))
            change = await propose(
                session, shop_of(request), order.key, kind_of(actions), actions, reason=reason,
                may_set_prices=member.may_set_prices, by=member.name, now=request.app[CLOCK](),
            )  # fmt: skip
    except InvalidForm as wrong:
        return await _form(request, data, sentences(request, wrong.fields), status=422)
    except ShopError as refused:
        if refused.status == 404:
            raise
        return await _form(request, data, {"": told(request, refused)}, status=422)
    return see_other(f"/counter/orders/{order.key}/changes/{change.key}")


def told(request: web.Request, refused: ShopError) -> str:
    locale = member_of(request).locale
    return note_of(refused).text(lambda text: translate(request, text), locale)


def _order_id(request: web.Request) -> int:
    return int(request.match_info["order_id"])


async def _form(
    request: web.Request,
    data: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    find: str = "",
    status: int = 200,
) -> web.Response:
    shop, now = shop_of(request), request.app[CLOCK]()
    async with request.app[DATABASE].reading() as session:
        order = await get_order(session, shop.key, _order_id(request))
        seen = await look(session, order, [], now=now)
        sizes = await _sizes(session, seen.lines)
        more = await _more(session, shop.key, data, find, now=now)
    if order.state in ("cancelled", "expired"):
        return answer(request, f"/counter/orders/{order.key}",
                      "This order has come to nothing, so there is nothing to change.",
                      kind="error")  # fmt: skip
    return counter_page(
        request, "storefront/changes/form.html", status=status, order=order, seen=seen,
        sizes=sizes, more=more, find=find, values=data, errors=errors,
        may_set_prices=member_of(request).may_set_prices,
    )  # fmt: skip


async def _sizes(session: AsyncSession, lines: Any) -> dict[int, list[Variant]]:
    """By product: what a line could be swapped for."""
    found: dict[int, list[Variant]] = {line.product_id: [] for line in lines}
    for variant in await offered_variants(session, list(found)):
        found[variant.product_id].append(variant)
    return found


async def _more(
    session: AsyncSession, shop_id: int, data: Mapping[str, Any], find: str, *, now: Any
) -> list[tuple[Variant, str]]:
    """Goods to add: those that were chosen before, and what the search has found."""
    ids = [one for one in added(data) if str(data.get(f"add-{one}", "")).strip() not in ("", "0")]
    if find.strip():
        for card in await search(session, shop_id, find, limit=8, now=now):
            ids += [one.variant_id for one in card.variants]
    query = (
        select(Variant, Product)
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(col(Variant.id).in_(ids), col(Variant.shop_id) == shop_id)
    )
    rows = {one.key: (one, full_name(product, one)) for one, product in await session.exec(query)}
    return [rows[one] for one in dict.fromkeys(ids) if one in rows]
