"""Behind the counter: a month's invoices, each as a PDF, all as CSV, and the details on them."""

from aiohttp import web
from babel.dates import format_date

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.money import Money
from core.pages import SAFE_HEADERS
from staff.access import counter_page, member_of, shop_of
from storefront import settings_forms
from storefront.counter_words import answer, refuse
from storefront.countries import OFFERED, country_name, named
from storefront.invoices.abroad import sold_abroad
from storefront.invoices.anew import write_anew
from storefront.invoices.exporting import as_csv
from storefront.invoices.finding import (
    content_of,
    earliest_day,
    find_invoice,
    invoices_between,
    waiting_orders,
)
from storefront.invoices.forms import SellerForm
from storefront.invoices.months import Month, months_since, read_month, this_month
from storefront.invoices.pages import as_pdf
from storefront.invoices.sellers import find_seller, missing, save_seller
from storefront.orders.finding import get_order
from storefront.settings_forms import Data, Typed

_SETTINGS = "/counter/settings/invoices"

routes = web.RouteTableDef()


@routes.get("/counter/orders/{order_id:\\d{1,9}}/invoices/{number}.pdf")
async def show_invoice(request: web.Request) -> web.Response:
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        order = await get_order(session, shop.key, int(request.match_info["order_id"]))
        invoice = await find_invoice(session, order, request.match_info["number"])
    return await as_pdf(request, shop, invoice)


@routes.post("/counter/orders/{order_id:\\d{1,9}}/invoices/anew")
async def write_invoice_anew(request: web.Request) -> web.Response:
    order_id, now = int(request.match_info["order_id"]), request.app[CLOCK]()
    back = f"/counter/orders/{order_id}"
    try:
        async with request.app[DATABASE].transaction() as session:
            invoice = await write_anew(
                session, shop_of(request).key, order_id, by=member_of(request).name, now=now
            )
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, back, refused)
    return answer(request, back, "Invoice %(number)s is written; the customer gets a letter.",
                  number=invoice.number)  # fmt: skip


def _asked(request: web.Request) -> Month:
    today = this_month(shop_of(request), request.app[CLOCK]())
    return read_month(request.query.get("month", ""), today)


@routes.get("/counter/invoices")
async def show_invoices(request: web.Request) -> web.Response:
    shop, month = shop_of(request), _asked(request)
    today = this_month(shop, request.app[CLOCK]())
    async with request.app[DATABASE].reading() as session:
        invoices = await invoices_between(session, shop.key, month.first, month.next.first)
        months = months_since(await earliest_day(session, shop.key), today)
        waiting = await waiting_orders(session, shop.key)
        seller = await find_seller(session, shop.key)
        abroad = await sold_abroad(session, shop.key, seller.country, month.year)
    locale = member_of(request).locale
    named_so = [
        (one.text, format_date(one.first, "LLLL y", locale=locale)) for one in _with(months, month)
    ]
    return counter_page(
        request, "storefront/invoices/counter.html", month=month, months=named_so,
        invoices=[(one, content_of(one)) for one in invoices], waiting=len(waiting),
        gaps=missing(seller), abroad=abroad,
        went_to=[(country_name(one, locale), net) for one, net in abroad.countries],
        money_of=lambda minor, currency: Money(minor, currency).text(locale),
    )  # fmt: skip


def _with(months: list[Month], chosen: Month) -> list[Month]:
    """A month that was asked for can be chosen, though it may be long before the first invoice."""
    return months if chosen in months else [*months, chosen]


@routes.get("/counter/invoices.csv")
async def export_invoices(request: web.Request) -> web.Response:
    shop, month = shop_of(request), _asked(request)
    async with request.app[DATABASE].reading() as session:
        invoices = await invoices_between(session, shop.key, month.first, month.next.first)
    named_so = f'attachment; filename="rechnungen-{month.text}.csv"'
    return web.Response(
        body=as_csv(invoices), content_type="text/csv", charset="utf-8",
        headers=SAFE_HEADERS | {"Content-Disposition": named_so, "Cache-Control": "no-store"},
    )  # fmt: skip


@routes.get(_SETTINGS)
async def show_details(request: web.Request) -> web.Response:
    return await settings_forms.show(request, _details)


async def _details(request: web.Request, typed: Typed) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        seller = await find_seller(session, shop_of(request).key)
    return counter_page(
        request, "storefront/invoices/details.html", status=typed.status, gaps=missing(seller),
        values=typed.over(seller.model_dump()), errors=typed.errors,
        countries=named(OFFERED, member_of(request).locale),
    )  # fmt: skip


@routes.post(_SETTINGS)
async def save_details(request: web.Request) -> web.Response:
    return await settings_forms.take(request, _details, _save)


async def _save(request: web.Request, data: Data) -> web.Response:
    form = SellerForm.read(data)
    if form.country not in OFFERED:
        raise InvalidForm({"country": SellerForm.SENTENCES["country"]})
    async with request.app[DATABASE].transaction() as session:
        await save_seller(session, shop_of(request).key, form)
    return answer(request, _SETTINGS, "Saved. Invoices from now on carry these details.")
