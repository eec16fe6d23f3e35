"""Slips in an order, mended by the buyer behind its secret link, as long as the shop lets them."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from storefront.countries import country_name
from storefront.entering import Entry, ShopRoutes, enter, go_on
from storefront.forms import CorrectionForm
from storefront.notes import Note, note_of
from storefront.orders.correcting import (
    OWN_FIELDS,
    correct_own,
    fields_of,
    fingerprint,
    own_corrections_until,
)
from storefront.orders.finding import find_order
from storefront.orders.models import Order
from storefront.shipping.days import limits_in_words

routes = ShopRoutes()


@routes.at("GET", "o/{token}/correct")
async def show_form(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order = await _order(entry)
    until = own_corrections_until(order, entry.front.storefront)
    if until is None or request.app[CLOCK]() > until:
        return go_on(entry, f"o/{order.token}")
    return _form(entry, order, {name: getattr(order, name) for name in OWN_FIELDS}, {})


@routes.at("POST", "o/{token}/correct")
async def mend(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    order, data = await _order(entry), await request.post()
    try:
        form = CorrectionForm.read(
            {**data, "email": "", "delivery": order.delivery, "country": order.country}
        )
        async with request.app[DATABASE].transaction() as session:
            await correct_own(session, entry.shop, order.key, form, now=request.app[CLOCK]())
    except InvalidForm as wrong:
        return _form(entry, order, data, wrong.fields, status=422)
    except ShopError as refused:
        return _form(entry, await _order(entry), data, {}, trouble=note_of(refused),
                     status=refused.status)  # fmt: skip
    return go_on(entry, f"o/{order.token}")


async def _order(entry: Entry) -> Order:
    async with entry.request.app[DATABASE].reading() as session:
        return await find_order(session, entry.shop.key, entry.request.match_info["token"])


def _form(
    entry: Entry,
    order: Order,
    values: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    trouble: Note | None = None,
    status: int = 200,
) -> web.Response:
    """After a refusal with what has changed meanwhile as what was looked at."""
    seen = fingerprint(order) if trouble else values.get("seen") or fingerprint(order)
    return entry.page(
        "storefront/correct.html", status=status, order=order, values=values, errors=errors,
        seen=seen, trouble=trouble, names=fields_of(order, OWN_FIELDS),
        country=country_name(order.country, entry.locale),
        wish_limits=limits_in_words(
            entry.front.storefront, entry.shop, entry.translate, entry.locale,
            now=entry.request.app[CLOCK](),
        ),
    )  # fmt: skip
