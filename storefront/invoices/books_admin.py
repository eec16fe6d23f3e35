"""Behind the counter: the tax adviser's numbers and accounts, and the month's file for DATEV."""

from datetime import date, timedelta
from typing import Annotated, Any, ClassVar

from aiohttp import web
from pydantic import AfterValidator, Field

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from core.pages import SAFE_HEADERS
from staff.access import counter_page, shop_of
from storefront import settings_forms
from storefront.counter_words import answer, refuse
from storefront.forms import Form
from storefront.invoices.books import (
    CHARTS,
    InvoiceBooks,
    clearing_account,
    find_books,
    read_revenue,
    save_books,
    write_revenue,
)
from storefront.invoices.datev import Batch, as_extf
from storefront.invoices.finding import invoices_between
from storefront.invoices.months import Month, read_month, this_month
from storefront.invoices.postings import moves_as_postings, moves_of, postings_of
from storefront.settings_forms import Data, Typed

_SETTINGS = "/counter/settings/accounts"
_INVOICES = "/counter/invoices"

routes = web.RouteTableDef()


class AccountsMissing(ShopError):
    status = 409
    sentence = "Please enter your tax adviser's numbers first."


def _is_revenue(text: str) -> str:
    read_revenue(text)
    return text


class BooksForm(Form):
    """Numbers as DATEV has them: the consultant's from 1001 on, the client's up to 99999."""

    consultant: int = Field(ge=1001, le=9_999_999)
    client: int = Field(ge=1, le=99_999)
    year_begins: int = Field(default=1, ge=1, le=12)
    chart: str = Field(default="03", pattern="^0[34]$")
    debtors: str = Field(default="10000", pattern=r"^[0-9]{5,9}$")
    clearing: str = Field(default="", pattern=r"^([0-9]{4,8})?$")
    revenue: Annotated[str, AfterValidator(_is_revenue)] = Field(default="", max_length=1000)

    SENTENCES: ClassVar[dict[str, str]] = {
        "consultant": "Please enter the consultant's number, 1001 or higher.",
        "client": "Please enter the client's number, 1 to 99999.",
        "debtors": "Please enter an account of five digits or more.",
        "clearing": "Please enter an account of four digits or more, or leave this empty.",
        "revenue": "Please write one line for each rate, like 19 = 8400.",
    }


@routes.get(_SETTINGS)
async def show_accounts(request: web.Request) -> web.Response:
    return await settings_forms.show(request, _page)


async def _page(request: web.Request, typed: Typed) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        books = await find_books(session, shop_of(request).key)
    return counter_page(
        request, "storefront/invoices/accounts.html", status=typed.status,
        values=typed.over(_told(books)), errors=typed.errors,
    )  # fmt: skip


def _told(books: InvoiceBooks) -> dict[str, Any]:
    return books.model_dump() | {
        "consultant": books.consultant or "", "client": books.client or "",
        "clearing": clearing_account(books), "revenue": write_revenue(books),
    }  # fmt: skip


@routes.post(_SETTINGS)
async def save_accounts(request: web.Request) -> web.Response:
    return await settings_forms.take(request, _page, _save)


async def _save(request: web.Request, data: Data) -> web.Response:
    """What is the chart's own is not stored: another chart then brings its own accounts along."""
    form = BooksForm.read(data)
    async with request.app[DATABASE].transaction() as session:
        former = await find_books(session, shop_of(request).key)
        await save_books(session, shop_of(request).key, _kept(form, former))
    return answer(request, _SETTINGS, "Saved. Files for DATEV from now on use these accounts.")


def _kept(form: BooksForm, former: InvoiceBooks) -> dict[str, Any]:
    told: dict[str, Any] = form.model_dump() | {"revenue": read_revenue(form.revenue)}
    plain = [write_revenue(InvoiceBooks(shop_id=0, chart=chart)) for chart in CHARTS]
    if form.revenue.replace("\r\n", "\n").strip() in plain:
        told["revenue"] = []
    if form.clearing in {chart["clearing"] for chart in CHARTS.values()}:
        told["clearing"] = ""
    return told


@routes.get("/counter/invoices/datev.csv")
async def export_batch(request: web.Request) -> web.Response:
    shop, now = shop_of(request), request.app[CLOCK]()
    month = read_month(request.query.get("month", ""), this_month(shop, now))
    try:
        async with request.app[DATABASE].reading() as session:
            books = await find_books(session, shop.key)
            if not books.consultant:
                raise AccountsMissing()
            invoices = await invoices_between(session, shop.key, month.first, month.next.first)
            moves = await moves_of(session, shop, month)
        postings = [*postings_of(books, invoices), *moves_as_postings(books, moves)]
    except ShopError as refused:
        return refuse(request, f"{_INVOICES}?month={month.text}", refused)
    batch = Batch(
        books.consultant, books.client, _year_of(books, month), len(books.debtors) - 1, month.first,
        month.next.first - timedelta(days=1), books.chart, "EUR", now,
    )  # fmt: skip
    named = f'attachment; filename="EXTF_Buchungsstapel_{month.text}.csv"'
    return web.Response(
        body=as_extf(batch, postings), content_type="text/csv", charset="windows-1252",
        headers=SAFE_HEADERS | {"Content-Disposition": named, "Cache-Control": "no-store"},
    )  # fmt: skip


def _year_of(books: InvoiceBooks, month: Month) -> date:
    """When the fiscal year began in which the month lies."""
    return date(month.year - (month.month < books.year_begins), books.year_begins, 1)
