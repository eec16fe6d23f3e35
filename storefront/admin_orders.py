"""Behind the counter: orders, what was done with them, and what can be done now."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from core.pages import page
from payments.ledger import standing
from payments.refunds import list_refunds
from payments.warnings import confirm_debit, debit_until
from payments.words import explain_refund
from staff.access import counter_page, member_of, shop_of
from storefront.changes.proposing import changes_of
from storefront.counter_forms import ConcernForm, NoteForm, ReasonForm, RefundForm
from storefront.counter_words import answer, refuse
from storefront.countries import country_name
from storefront.customers import get_customer, identities_of
from storefront.invoices.anew import has_another_buyer
from storefront.invoices.finding import invoices_of
from storefront.invoices.sellers import find_seller, missing
from storefront.letters.finding import letters_of
from storefront.letters.states import letter_status
from storefront.notes import percent
from storefront.orders.correcting import is_correctable, mended_in
from storefront.orders.ending import cancel
from storefront.orders.finding import (
    FILTERS,
    count_orders,
    events_of,
    get_order,
    lines_by_order,
    lines_of,
    list_orders,
)
from storefront.orders.refunding import refund_order
from storefront.orders.sending import mark_ready, mark_sent, settle_concern, write_note
from storefront.orders.states import status_of
from storefront.orders.tax import tax_rows
from storefront.references import reference_of
from storefront.shipping.admin import parcels_page
from storefront.withdrawals.finding import cases_of, count_cases, pressing, word_of

_ORDER = "/counter/orders/{order_id:\\d{1,9}}"
_PAGE = 30


Verb = Callable[..., Awaitable[object]]

routes = web.RouteTableDef()


@routes.get("/counter/orders")
async def show_orders(request: web.Request) -> web.Response:
    return counter_page(request, "storefront/counter/orders.html", **await _rows(request))


@routes.get("/counter/orders/rows")
async def show_rows(request: web.Request) -> web.Response:
    """The list alone: fetched anew when something about an order changes."""
    shop = shop_of(request)
    return page(request, "storefront/counter/order_rows.html", shop=shop, **await _rows(request))


async def _rows(request: web.Request) -> dict[str, Any]:
    shop, query = shop_of(request), request.query
    show = query.get("show", "all")
    show, text = show if show in FILTERS else "all", query.get("q", "")[:100]
    before = query.get("before", "")
    async with request.app[DATABASE].reading() as session:
        orders = await list_orders(
            session, shop.key, show=show, text=text, limit=_PAGE + 1,
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None,
        )  # fmt: skip
        lines = await lines_by_order(session, orders[:_PAGE])
        counts = {
            name: await count_orders(session, shop.key, name) for name in ("open", "attention")
        }
        cases = await count_cases(session, shop.key, "open")
        overdue = await pressing(session, shop.key, shop.timezone, now=request.app[CLOCK]())
    return {
        "orders": orders[:_PAGE], "more": len(orders) > _PAGE, "lines": lines, "show": show,
        "text": text, "before": before, "counts": counts, "status_of": status_of,
        "open_cases": cases, "pressing": overdue, "filters": FILTERS,
    }  # fmt: skip


def _order_id(request: web.Request) -> int:
    return int(request.match_info["order_id"])


@routes.get(_ORDER)
async def show_order(request: web.Request) -> web.Response:
    return counter_page(request, "storefront/counter/order.html", **await _order(request))


@routes.get(_ORDER + "/now")
async def show_order_now(request: web.Request) -> web.Response:
    """The part of the page that follows what happens."""
    shop = shop_of(request)
    return page(request, "storefront/counter/order_now.html", shop=shop, **await _order(request))


async def _order(request: web.Request) -> dict[str, Any]:
    shop, locale = shop_of(request), member_of(request).locale
    async with request.app[DATABASE].reading() as session:
        order = await get_order(session, shop.key, _order_id(request))
        lines = await lines_of(session, order)
        events = await events_of(session, order)
        cases = await cases_of(session, order)
        invoices = await invoices_of(session, order)
        changes = await changes_of(session, order)
        letters = await letters_of(session, order)
        invoice_gaps = missing(await find_seller(session, shop.key))
        money = await standing(session, shop.key, reference_of(order.key))
        refunds = await list_refunds(session, shop.key, reference_of(order.key))
        debit = await debit_until(
            session, shop.key, reference_of(order.key), now=request.app[CLOCK]()
        )
        customer = (
            await get_customer(session, shop.key, order.customer_id) if order.customer_id else None
        )
        identities = await identities_of(session, customer) if customer else []
        shipping = await parcels_page(session, order)
    return {
        **shipping,
        "order": order,
        "lines": lines,
        "events": events,
        "cases": cases,
        "case_word": word_of,
        "invoices": invoices,
        "changes": changes,
        "can_change": order.state not in ("cancelled", "expired"),
        "has_another_buyer": has_another_buyer(order, invoices),
        "letters": letters,
        "letter_status": letter_status,
        "invoice_gaps": invoice_gaps,
        "money": money,
        "refunds": refunds,
        "customer": customer,
        "identities": identities,
        "explain_refund": explain_refund,
        "debit_until": debit,
        "can_correct": is_correctable(order),
        "mended_in": mended_in,
        "state": status_of(order),
        "taxes": tax_rows(order, lines),
        "percent": lambda tax_bp: percent(tax_bp, locale),
        "country": country_name(order.country, locale),
    }


@routes.post(_ORDER + "/{what:ready|sent}")
async def move_order(request: web.Request) -> web.Response:
    verbs: dict[str, tuple[Verb, str]] = {
        "ready": (mark_ready, "The customer can come and get it."),
        "sent": (mark_sent, "Marked as handed over."),
    }
    verb, said = verbs[request.match_info["what"]]
    return await _do(request, verb, said)


@routes.post(_ORDER + "/looked-after")
async def look_after(request: web.Request) -> web.Response:
    form = ConcernForm.read(await request.post())
    return await _do(
        request, settle_concern, "Noted: you have looked after it.", concern=form.concern
    )


@routes.post(_ORDER + "/refund")
async def give_money_back(request: web.Request) -> web.Response:
    form = RefundForm.read(await request.post())

    async def refund(session: AsyncSession, shop_id: int, order_id: int, **more: Any) -> None:
        await confirm_debit(
            session, shop_id, reference_of(order_id), is_sure=form.sure, now=more["now"]
        )
        await refund_order(session, shop_id, order_id, reason=form.reason, **more)

    said = "The refund is on its way. The customer is told when it has gone through."
    return await _do(request, refund, said)


@routes.post(_ORDER + "/cancel")
async def call_off(request: web.Request) -> web.Response:
    form = ReasonForm.read(await request.post())
    return await _do(request, cancel, "The order is cancelled.", reason=form.reason)


@routes.post(_ORDER + "/note")
async def save_note(request: web.Request) -> web.Response:
    form = NoteForm.read(await request.post())
    return await _do(request, write_note, "Saved.", text=form.note)


async def _do(request: web.Request, verb: Verb, said: str, **more: Any) -> web.Response:
    back, now = f"/counter/orders/{_order_id(request)}", request.app[CLOCK]()
    try:
        async with request.app[DATABASE].transaction() as session:
            await verb(
                session, shop_of(request).key, _order_id(request), by=member_of(request).name,
                now=now, **more,
            )  # fmt: skip
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, back, refused)
    return answer(request, back, said)
