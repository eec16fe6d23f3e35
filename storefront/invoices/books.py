"""Into which accounts of the books invoices and payments go: settings, with the usual defaults."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import Json
from storefront.storefronts import insert_or_leave

SMALL = "klein"

# Accounts that know their VAT themselves ("Automatikkonten") need no tax key.
CHARTS: Mapping[str, Mapping[str, str]] = {
    "03": {"19": "8400", "7": "8300", "0": "8200", SMALL: "8195", "clearing": "1360"},
    "04": {"19": "4400", "7": "4300", "0": "4200", SMALL: "4185", "clearing": "1460"},
}
_LINE = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?|klein)\s*%?\s*[=:]\s*(\d{4,8})(?:\s*/\s*(\d{1,4}))?")


class InvoiceBooks(SQLModel, table=True):
    """The tax adviser's numbers. `revenue` is typed line by line, empty where the chart decides."""

    __tablename__ = "invoice_books"

    shop_id: int = Field(foreign_key="shop.id", primary_key=True)
    consultant: int = 0
    client: int = 0
    year_begins: int = 1
    chart: str = Field(default="03", max_length=2)
    debtors: str = Field(default="10000", max_length=9)
    clearing: str = Field(default="", max_length=8)
    revenue: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)


@dataclass(frozen=True, slots=True)
class Account:
    number: str
    tax_key: str = ""


async def find_books(session: AsyncSession, shop_id: int) -> InvoiceBooks:
    """The row, or (before anything was saved) an empty one that is not stored."""
    return await session.get(InvoiceBooks, shop_id) or InvoiceBooks(shop_id=shop_id)


async def save_books(session: AsyncSession, shop_id: int, told: Mapping[str, Any]) -> InvoiceBooks:
    await insert_or_leave(session, InvoiceBooks, shop_id=shop_id)
    books = await session.get_one(InvoiceBooks, shop_id, with_for_update={"key_share": True})
    books.sqlmodel_update(dict(told))
    session.add(books)
    return books


def read_revenue(text: str) -> list[dict[str, Any]]:
    """`19 = 8400`, `7 = 8300`, `klein = 8195`, with a tax key `20 = 8320 / 240`. Raises ValueError."""
    found = []
    for line in filter(None, (one.strip() for one in text.splitlines())):
        read = _LINE.fullmatch(line)
        if read is None:
            raise ValueError(line)
        rate, number, key = read.groups()
        found.append({"rate": _rate(rate), "account": number, "key": key or ""})
    return found


def _rate(text: str) -> str:
    if text == SMALL:
        return SMALL
    whole, _, decimals = text.replace(",", ".").partition(".")
    return f"{int(whole)}.{decimals}".rstrip("0").rstrip(".") if decimals else str(int(whole))


def write_revenue(books: InvoiceBooks) -> str:
    """As it was typed, or as the chart has it."""
    rows = books.revenue or [
        {"rate": rate, "account": CHARTS[books.chart][rate], "key": ""}
        for rate in ("19", "7", "0", SMALL)
    ]
    return "\n".join(
        f"{one['rate']} = {one['account']}" + (f" / {one['key']}" if one["key"] else "")
        for one in rows
    )


def revenue_account(books: InvoiceBooks, tax_bp: int, *, small: bool) -> Account | None:
    """None where nobody has said into which account a rate goes."""
    rate = SMALL if small else f"{tax_bp / 100:g}"
    for one in books.revenue:
        if one["rate"] == rate:
            return Account(one["account"], one["key"].zfill(4) if one["key"] else "")
    number = None if books.revenue else CHARTS[books.chart].get(rate)
    return Account(number) if number else None


def clearing_account(books: InvoiceBooks) -> str:
    return books.clearing or CHARTS[books.chart]["clearing"]
