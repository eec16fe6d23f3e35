"""Behind the counter: what a change comes to, agreed or dropped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from payments.clients import STRIPES
from payments.closing import may_expire
from payments.errors import DebitMayComeBack
from payments.warnings import debit_until
from staff.access import counter_page, member_of, shop_of
from storefront.changes.admin import ORDER, told
from storefront.changes.confirming import confirm
from storefront.changes.errors import ChangeUnknown
from storefront.changes.models import OrderChange
from storefront.changes.paying import drop
from storefront.changes.proposing import Preview, get_change, preview_of
from storefront.counter_words import answer, refuse
from storefront.orders.finding import get_order
from storefront.orders.models import Order
from storefront.references import reference_of

_CHANGE = ORDER + "/changes/{change_id:\\d{1,9}}"

routes = web.RouteTableDef()


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
            debit = await _debit_until(session, preview, now=request.app[CLOCK]())
    except ShopError as refused:
        return refuse(request, f"/counter/orders/{order.key}/change", refused)
    return counter_page(
        request, "storefront/changes/preview.html", status=status, order=order, change=change,
        preview=preview, reckoned=preview.reckoned, trouble=trouble, debit=debit,
    )  # fmt: skip


async def _debit_until(
    session: AsyncSession, preview: Preview, *, now: datetime
) -> datetime | None:
    """Money that goes back although the bank can still call the debit back would be lost twice."""
    if not preview.reckoned.to_refund or not preview.is_paid:
        return None
    order = preview.order
    return await debit_until(session, order.shop_id, reference_of(order.key), now=now)


async def _change(request: web.Request) -> tuple[Order, OrderChange]:
    shop_id = shop_of(request).key
    async with request.app[DATABASE].reading() as session:
        order = await get_order(session, shop_id, int(request.match_info["order_id"]))
        change = await get_change(session, shop_id, int(request.match_info["change_id"]))
    if change.order_id != order.key:
        raise ChangeUnknown()
    return order, change


async def _check_debit(
    session: AsyncSession, order: Order, change: OrderChange, *, now: datetime
) -> None:
    """Raises DebitMayComeBack."""
    preview = await preview_of(session, order, change, now=now)
    if await _debit_until(session, preview, now=now) is not None:
        raise DebitMayComeBack()


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
    app, shop, member = request.app, shop_of(request), member_of(request)
    try:
        if order.state == "placed":
            await may_expire(
                app[DATABASE], app[STRIPES], app[CLOCK], shop_id=shop.key,
                reference=reference_of(order.key),
            )  # fmt: skip
        async with app[DATABASE].transaction() as session:
            if data.get("sure") != "1":
                await _check_debit(session, order, change, now=app[CLOCK]())
            done = await confirm(
                session, shop, change.key, by=member.name, now=app[CLOCK](),
                waive=data.get("waive") == "1", seen=_seen(data),
                may_set_prices=member.may_set_prices,
            )  # fmt: skip
    except ShopError as refused:
        if refused.status == 404:
            raise
        return await _preview(request, trouble=told(request, refused), status=refused.status)
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
