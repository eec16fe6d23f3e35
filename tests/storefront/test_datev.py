"""The month's file for DATEV, read back field by field; its sums are the month's invoices."""

import csv
import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from payments.models import LedgerEntry, Payable
from storefront.invoices.books import Account, InvoiceBooks, read_revenue, revenue_account
from storefront.invoices.datev import COLUMNS
from storefront.references import reference_of
from tests.storefront.bills import all_invoices, an_order, change, details, give_back, pay, roses
from tests.storefront.stall import Stall

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
NUMBERS = {"consultant": "29098", "client": "55003"}

# As DATEV describes them (developer.datev.de, Buchungsstapel, column "Ausdruck").
RULES = {
    "Umsatz (ohne Soll/Haben-Kz)": r"\d{1,10},\d{2}",
    "Soll/Haben-Kennzeichen": '"(S|H)"',
    "WKZ Umsatz": '"[A-Z]{3}"',
    "Konto": r"\d{1,9}",
    "Gegenkonto (ohne BU-Schlüssel)": r"\d{1,9}",
    "BU-Schlüssel": r'"(\d{4})?"',
    "Belegdatum": r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])",
    "Belegfeld 1": r'"[a-zA-Z0-9$&%*+\-/]{0,36}"',
    "Buchungstext": '"[^"]{0,60}"',
    "Festschreibung": "0",
}


FIELDS = re.compile(r'((?:"(?:[^"]|"")*")|[^";]*);')


def rows_of(raw: bytes) -> list[dict[str, str]]:
    text = raw.decode("cp1252")
    assert text.endswith("\r\n")
    head, names, *lines = text.removesuffix("\r\n").split("\r\n")
    assert tuple(names.split(";")) == COLUMNS
    rows = [dict(zip(COLUMNS, FIELDS.findall(line + ";"), strict=True)) for line in lines]
    for row in rows:
        for name, value in row.items():
            assert re.fullmatch(RULES.get(name, ""), plain(value)), (name, value)
    assert len(head.split(";")) == 31
    return rows


def plain(value: str) -> str:
    """Without what is doubled inside a text."""
    return '"' + value[1:-1].replace('""', "") + '"' if value[:1] == '"' else value


def read(raw: bytes) -> list[dict[str, Any]]:
    rows_of(raw)
    lines = io.StringIO(raw.decode("cp1252").split("\r\n", 1)[1], newline="")
    return [
        {name: value for name, value in row.items() if value}
        for row in csv.DictReader(lines, delimiter=";")
    ]


def signed(row: dict[str, Any]) -> Decimal:
    amount = Decimal(row["Umsatz (ohne Soll/Haben-Kz)"].replace(",", "."))
    return amount if row["Soll/Haben-Kennzeichen"] == "S" else -amount


async def download(stall: Stall, month: str = "2026-11") -> bytes:
    async with stall.fan.get(f"/counter/invoices/datev.csv?month={month}") as answer:
        assert answer.status == 200
        assert answer.charset == "windows-1252"
        assert (
            f'filename="EXTF_Buchungsstapel_{month}.csv"' in answer.headers["Content-Disposition"]
        )
        return await answer.read()


async def shop_with_books(stall: Stall, **changes: str) -> None:
    stall.clock.now = NOW
    await details(stall, prefix="RE")
    await stall.sign_in()
    told = {"chart": "03", "debtors": "10000"} | NUMBERS | changes
    await stall.fan.send("/counter/settings/accounts", **told)


async def test_the_file_holds_the_months_invoices_to_the_cent(each_stall: Stall) -> None:
    stall = each_stall
    await shop_with_books(stall)
    first = await an_order(stall, quantity=3, name='Zoë Łukasz; "die" Köchin')
    await pay(stall, first)
    await change(stall, first, roses(-1), roses(2))
    second = await an_order(stall, name="Anna Blum")
    await pay(stall, second)
    await give_back(stall, second, 1000, 1)
    rows = read(await download(stall))
    documents = await all_invoices(stall)
    assert [(row["Belegfeld 1"], signed(row)) for row in rows] == [
        (one.number, one.total.amount) for one in documents
    ]
    assert sum(map(signed, rows)) == sum(one.total.amount for one in documents)
    assert rows[0] == {
        "Umsatz (ohne Soll/Haben-Kz)": "74,70", "Soll/Haben-Kennzeichen": "S",
        "WKZ Umsatz": "EUR", "Konto": "10000", "Gegenkonto (ohne BU-Schlüssel)": "8400",
        "Belegdatum": "2711", "Belegfeld 1": "RE-2026-000001", "Festschreibung": "0",
        "Buchungstext": f'Zoë ?ukasz; "die" Köchin, Bestellung {first.number}',
    }  # fmt: skip
    assert read(await download(stall, "2026-10")) == []


async def test_the_head_is_as_datev_has_it(stall: Stall) -> None:
    """developer.datev.de, Einstieg: the example's fields, with our own values."""
    await shop_with_books(stall, chart="04", year_begins="12")
    raw = await download(stall)
    head = raw.decode("cp1252").split("\r\n")[0]
    made_at = f"{NOW:%Y%m%d%H%M%S}000"
    assert head == (
        f'"EXTF";700;21;"Buchungsstapel";13;{made_at};;"RE";"Tresen";"";29098;55003;20251201;4;'
        '20261101;20261130;"Rechnungen 11/2026";"";1;0;0;"EUR";;"";;;"04";;;"";""'
    )


async def test_without_the_advisers_numbers_it_says_what_is_missing(stall: Stall) -> None:
    await details(stall)
    await stall.sign_in()
    back = await stall.fan.look("/counter/invoices/datev.csv?month=2026-11", 303)
    assert back is not None
    assert "Please enter your tax adviser's numbers first." in await stall.fan.look(
        "/counter/invoices?month=2026-11"
    )


async def test_a_rate_without_an_account_is_named(stall: Stall) -> None:
    await shop_with_books(stall, revenue="7 = 8300")
    await pay(stall, await an_order(stall))
    await stall.fan.look("/counter/invoices/datev.csv?month=2026-11", 303)
    assert "No revenue account is set for 19 %." in await stall.fan.look("/counter/invoices")


async def test_money_goes_through_the_clearing_account(stall: Stall) -> None:
    """From the ledger, by the shop's calendar, with the invoice's number."""
    await shop_with_books(stall)
    order = await an_order(stall)
    await pay(stall, order)
    async with stall.db.transaction() as session:
        payable = (
            await session.exec(select(Payable).where(Payable.reference == reference_of(order.key)))
        ).first()
        if payable is None:
            payable = Payable(shop_id=stall.shop.key, reference=reference_of(order.key),
                              amount_minor=4980, currency="EUR", created_at=NOW)  # fmt: skip
            session.add(payable)
            await session.flush()
        for kind, minor, at in (
            ("capture", 4980, NOW), ("refund", -1000, NOW),
            ("dispute", -3980, datetime(2026, 11, 30, 23, 30, tzinfo=UTC)),
        ):  # fmt: skip
            session.add(LedgerEntry(shop_id=stall.shop.key, payable_id=payable.key, kind=kind,
                                    stripe_id=f"{kind}_1", amount_minor=minor, currency="EUR",
                                    recorded_at=at))  # fmt: skip
    rows = read(await download(stall))[1:]
    assert [(one["Konto"], one["Gegenkonto (ohne BU-Schlüssel)"], signed(one), one["Buchungstext"],
             one["Belegfeld 1"]) for one in rows] == [
        ("1360", "10000", Decimal("49.80"), "Zahlung", "RE-2026-000001"),
        ("1360", "10000", Decimal("-10.00"), "Erstattung", "RE-2026-000001"),
    ]  # fmt: skip
    [late] = read(await download(stall, "2026-12"))
    assert (late["Belegdatum"], signed(late)) == ("0112", Decimal("-39.80"))


def test_accounts_follow_the_chart_until_they_are_set() -> None:
    books = InvoiceBooks(shop_id=1, chart="04")
    assert [revenue_account(books, bp, small=False) for bp in (1900, 700, 0, 2000)] == [
        *(_account(one) for one in ("4400", "4300", "4200")), None,
    ]  # fmt: skip
    assert revenue_account(books, 0, small=True) == _account("4185")
    books.revenue = read_revenue("19 = 4401\n20 = 4320 / 240\n5,5: 4310\nklein = 4186")
    assert revenue_account(books, 1900, small=False) == _account("4401")
    assert revenue_account(books, 2000, small=False) == _account("4320", "0240")
    assert revenue_account(books, 550, small=False) == _account("4310")
    assert revenue_account(books, 0, small=True) == _account("4186")
    assert revenue_account(books, 700, small=False) is None


def _account(number: str, key: str = "") -> Any:
    return Account(number, key)


@pytest.mark.parametrize("typed", ["19", "19 = Erlöse", "= 8400", "19 = 84", "x = 8400"])
def test_what_is_no_account_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=re.escape(typed)):
        read_revenue(typed)


async def test_another_chart_brings_its_own_accounts_along(stall: Stall) -> None:
    await shop_with_books(stall)
    page = await stall.fan.look("/counter/settings/accounts")
    assert "19 = 8400" in page
    await stall.fan.send(
        "/counter/settings/accounts",
        chart="04",
        debtors="10000",
        clearing="1360",
        revenue="19 = 8400\r\n7 = 8300\r\n0 = 8200\r\nklein = 8195",
        **NUMBERS,
    )
    page = await stall.fan.look("/counter/settings/accounts")
    assert "19 = 4400" in page
    assert 'value="1460"' in page
    refused = await stall.fan.send("/counter/settings/accounts", 422, revenue="Erlöse",
                                   consultant="7", client="1")  # fmt: skip
    assert "Please write one line for each rate" in refused
    assert "1001 or higher" in refused
