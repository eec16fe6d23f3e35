"""Behind the counter: slips in an order mended on the spot."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from staff.access import counter_page, member_of, shop_of
from storefront.counter_words import answer, refuse, sentences
from storefront.countries import country_name
from storefront.forms import CorrectionForm
from storefront.orders.correcting import FIELDS, correct, fields_of, fingerprint, is_correctable
from storefront.orders.finding import get_order
from storefront.orders.models import Order

_CORRECT = "/counter/orders/{order_id:\\d{1,9}}/correct"

routes = web.RouteTableDef()


@routes.get(_CORRECT)
async def show_form(request: web.Request) -> web.Response:
    order = await _order(request)
    if not is_correctable(order):
        return answer(request, f"/counter/orders/{order.key}",
                      "This order is on its way already.", kind="error")  # fmt: skip
    return _form(request, order, {name: getattr(order, name) for name in FIELDS}, {})


@routes.post(_CORRECT)
async def mend(request: web.Request) -> web.Response:
    shop, order, data = shop_of(request), await _order(request), await request.post()
    back = f"/counter/orders/{order.key}"
    try:
        form = CorrectionForm.read({**data, "delivery": order.delivery, "country": order.country})
        async with request.app[DATABASE].transaction() as session:
            mended = await correct(
                session, shop, order.key, form, by=member_of(request).name,
                now=request.app[CLOCK](),
            )  # fmt: skip
    except InvalidForm as wrong:
        return _form(request, order, data, sentences(request, wrong.fields), status=422)
    except ShopError as refused:
        return refuse(request, back, refused)
    if not mended:
        return answer(request, back, "Nothing was different.", kind="info")
    return answer(request, back, "Mended. The customer gets an e-mail with how it stands now.")


async def _order(request: web.Request) -> Order:
    async with request.app[DATABASE].reading() as session:
        return await get_order(session, shop_of(request).key, int(request.match_info["order_id"]))


def _form(
    request: web.Request,
    order: Order,
    values: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    status: int = 200,
) -> web.Response:
    return counter_page(
        request, "storefront/counter/correct.html", status=status, order=order, values=values,
        errors=errors, seen=values.get("seen") or fingerprint(order), names=fields_of(order),
        country=country_name(order.country, member_of(request).locale),
    )  # fmt: skip
