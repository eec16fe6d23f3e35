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
from payments.clients import STRIPES
from payments.closing import may_expire
from staff.access import counter_page, member_of, shop_of
from storefront.cards import offered_variants
from storefront.catalogue import search
from storefront.changes.confirming import confirm
from storefront.changes.errors import ChangeUnknown
from storefront.changes.forms import added, kind_of, read_actions
from storefront.changes.looking import look
from storefront.changes.models import OrderChange
from storefront.changes.paying import drop
from storefront.changes.proposing import get_change, preview_of, propose
from storefront.counter_forms import ReasonForm
from storefront.counter_words import answer, refuse, sentences
from storefront.entering import see_other
from storefront.models import Product, Variant
from storefront.naming import full_name
from storefront.notes import note_of
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import Order
from storefront.references import reference_of

_ORDER = "/counter/orders/{order_id:\\d{1,9}}"
_CHANGE = _ORDER + "/changes/{change_id:\\d{1,9}}"

routes = web.RouteTableDef()


@routes.get(_ORDER + "/change")
async def show_form(request: web.Request) -> web.Response:
    return await _form(request, {}, {})


@routes.post(_ORDER + "/change")
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
                may_set_prices=member.is_owner, by=member.name, now=request.app[CLOCK](),
            )  # fmt: skip
    except InvalidForm as wrong:
        return await _form(request, data, sentences(request, wrong.fields), status=422)
    except ShopError as refused:
        if refused.status == 404:
            raise
        return await _form(request, data, {"": _told(request, refused)}, status=422)
    return see_other(f"/counter/orders/{order.key}/changes/{change.key}")


def _told(request: web.Request, refused: ShopError) -> str:
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
        may_set_prices=member_of(request).is_owner,
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


@routes.get(_CHANGE)
async def show_preview(request: web.Request) -> web.Response:
    return await _preview(request)


async def _preview(request: web.Request, *, trouble: str = "", status: int = 200) -> web.Response:
    order, change = await _change(request)
    if change.state != "draft":
        return answer(request, f"/counter/orders/{order.key}", "This change is settled already.",
                      kind="info")  # fmt: skip
    try:
        async with request.app[DATABASE].reading() as session:
            preview = await preview_of(session, order, change, now=request.app[CLOCK]())
    except ShopError as refused:
        return refuse(request, f"/counter/orders/{order.key}/change", refused)
    return counter_page(
        request, "storefront/changes/preview.html", status=status, order=order, change=change,
        preview=preview, reckoned=preview.reckoned, trouble=trouble,
    )  # fmt: skip


async def _change(request: web.Request) -> tuple[Order, OrderChange]:
    shop_id = shop_of(request).key
    async with request.app[DATABASE].reading() as session:
        order = await get_order(session, shop_id, _order_id(request))
        change = await get_change(session, shop_id, int(request.match_info["change_id"]))
    if change.order_id != order.key:
        raise ChangeUnknown()
    return order, change


def _seen(data: Mapping[str, Any]) -> str | None:
    """None from a page that does not say what it showed."""
    seen = data.get("seen")
    return seen if isinstance(seen, str) and seen else None


_SAID = {
    "settled": "Agreed. The customer gets an e-mail with how it stands now.",
    "waiting": "Agreed. The customer is asked to pay the difference; until then the order stays as it was.",
}


@routes.post(_CHANGE + "/confirm")
async def agree(request: web.Request) -> web.StreamResponse:
    """An unpaid order's pay page shows the old total: it is closed first."""
    data, (order, change) = await request.post(), await _change(request)
    app, shop = request.app, shop_of(request)
    try:
        if order.state == "placed":
            await may_expire(
                app[DATABASE], app[STRIPES], app[CLOCK], shop_id=shop.key,
                reference=reference_of(order.key),
            )  # fmt: skip
        async with app[DATABASE].transaction() as session:
            done = await confirm(
                session, shop, change.key, by=member_of(request).name, now=app[CLOCK](),
                waive=data.get("waive") == "1", seen=_seen(data),
            )  # fmt: skip
    except ShopError as refused:
        if refused.status == 404:
            raise
        return await _preview(request, trouble=_told(request, refused), status=refused.status)
    return answer(request, f"/counter/orders/{order.key}", _SAID[done.state])


@routes.post(_CHANGE + "/drop")
async def let_go(request: web.Request) -> web.StreamResponse:
    order, change = await _change(request)
    back = f"/counter/orders/{order.key}"
    try:
        async with request.app[DATABASE].transaction() as session:
            await drop(
                session, shop_of(request).key, change.key, by=member_of(request).name,
                now=request.app[CLOCK](),
            )  # fmt: skip
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, back, refused)
    return answer(request, back, "Dropped. The order stays as it was.", kind="info")
