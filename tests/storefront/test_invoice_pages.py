"""Where invoices are had: the order's page, the e-mail, the counter, the tax adviser's file."""

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from tests.storefront.bills import all_invoices, an_order, details, give_back, pay
from tests.storefront.stall import Stall

NOVEMBER = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


async def a_pdf(stall: Stall, path: str) -> PdfReader:
    answer = await stall.fan.get(path)
    assert (answer.status, answer.content_type) == (200, "application/pdf"), path
    assert "no-store" in answer.headers["Cache-Control"]
    return PdfReader(io.BytesIO(await answer.read()))


def words(pdf: PdfReader) -> str:
    return " ".join("\n".join(page.extract_text() for page in pdf.pages).split())


async def test_the_buyer_has_the_invoice_on_the_orders_page_and_in_the_letter(
    stall: Stall,
) -> None:
    stall.clock.now = NOVEMBER
    await details(stall)
    order = await an_order(stall, name="Łucja Ñandú-Þórsdóttir")
    page = await stall.fan.look(f"/s/blumen/o/{order.token}")
    assert ".pdf" not in page
    await pay(stall, order)
    await stall.till.work()
    path = f"/s/blumen/o/{order.token}/invoice/2026-000001.pdf"
    page = await stall.fan.look(f"/s/blumen/o/{order.token}")
    assert f'../o/{order.token}/invoice/2026-000001.pdf"' in page
    [mail] = [one for one in await stall.mails() if one.about.endswith(":paid")]
    assert path in mail.text
    assert path in mail.html
    said = words(await a_pdf(stall, path))
    for text in ("Rechnung", "2026-000001", "Łucja Ñandú-Þórsdóttir", "Gartenweg 3", "49,80 €",
                 "DE123456789", "Mia Blum e. K.", "7,95 €", "22. November 2026"):  # fmt: skip
        assert text in said.replace("\u00a0", " "), text


async def test_only_the_orders_own_secret_opens_its_invoice(stall: Stall) -> None:
    stall.clock.now = NOVEMBER
    await details(stall)
    orders = [await an_order(stall) for _ in range(2)]
    for order in orders:
        await pay(stall, order)
    for path in (
        f"/s/blumen/o/{orders[0].token}/invoice/2026-000002.pdf",
        f"/s/blumen/o/{orders[0].token}/invoice/2026-000003.pdf",
        "/s/blumen/o/guessed/invoice/2026-000001.pdf",
    ):
        await stall.fan.look(path, status=404)


async def test_a_refund_puts_the_cancellation_beside_the_invoice(stall: Stall) -> None:
    stall.clock.now = NOVEMBER
    await details(stall)
    order = await an_order(stall, locale="en")
    await pay(stall, order)
    await give_back(stall, order, 1000, 1)
    await stall.till.work()
    page = await stall.fan.look(f"/s/blumen/o/{order.token}")
    assert "Cancellation invoice 2026-000002 (PDF)" in page
    path = f"/s/blumen/o/{order.token}/invoice/2026-000002.pdf"
    [mail] = [one for one in await stall.mails() if ":refunded:" in one.about]
    assert path in mail.text
    said = words(await a_pdf(stall, path))
    assert "part of invoice 2026-000001 of November 22, 2026" in said
    assert "\u2212€10.00" in said


async def test_the_counter_lists_a_months_invoices(stall: Stall) -> None:
    stall.clock.now = NOVEMBER
    await stall.sign_in()
    page = await stall.fan.look("/counter/invoices")
    assert "No invoices in this month" in page
    assert "Still missing: Name or company" in page
    order = await an_order(stall)
    await pay(stall, order)
    assert "1 paid order waits for its invoice." in await stall.fan.look("/counter/invoices")
    assert "This order has no invoice yet" in await stall.fan.look(f"/counter/orders/{order.key}")
    await details(stall)
    await stall.till.work()
    page = await stall.fan.look("/counter/invoices?month=2026-11")
    path = f"/counter/orders/{order.key}/invoices/2026-000001.pdf"
    assert path in page
    assert "Still missing" not in page
    assert path in await stall.fan.look(f"/counter/orders/{order.key}")
    assert "Rechnung" in words(await a_pdf(stall, path))
    page = await stall.fan.look("/counter/invoices?month=2026-10")
    assert path not in page
    assert "October 2026" in page
    for odd in ("2026-13", "../..", "9999-99", "2026-1", ""):
        assert path in await stall.fan.look(f"/counter/invoices?month={odd}")


async def test_the_tax_adviser_gets_a_german_file(stall: Stall) -> None:
    stall.clock.now = NOVEMBER
    await details(stall)
    await stall.sign_in()
    order = await an_order(stall, name='=SUMME(1;2) "Blum"')
    await pay(stall, order)
    await give_back(stall, order, 1000, 1)
    answer = await stall.fan.get("/counter/invoices.csv?month=2026-11")
    assert answer.content_type == "text/csv"
    assert 'filename="rechnungen-2026-11.csv"' in answer.headers["Content-Disposition"]
    raw = await answer.read()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, first, back, end = raw.decode("utf-8-sig").split("\r\n")
    assert head.startswith("Rechnungsnummer;Art;Rechnungsdatum;Leistungsdatum;Bestellnummer;")
    assert first == (
        '2026-000001;Rechnung;22.11.2026;22.11.2026;1001;"\'=SUMME(1;2) ""Blum""";;DE;EUR;19;'
        "41,85;7,95;49,80;22.11.2026;;nein"
    )
    assert back.startswith("2026-000002;Stornorechnung;")
    assert ";-8,40;-1,60;-10,00;22.11.2026;2026-000001;nein" in back
    assert end == ""
    empty = await (await stall.fan.get("/counter/invoices.csv?month=2026-10")).read()
    assert empty.decode("utf-8-sig").split("\r\n") == [head, ""]


async def test_details_are_entered_and_what_does_not_fit_is_said(stall: Stall) -> None:
    await stall.sign_in()
    told = {"name": "Mia Blum", "street": "Markt 3", "postcode": "01067", "town": "Dresden",
            "country": "DE", "vat_id": "de 123 456 789", "prefix": "RE"}  # fmt: skip
    path = "/counter/settings/invoices"
    for field, wrong, said in (
        ("vat_id", "1234", "VAT ID like DE123456789"),
        ("prefix", "R/E", "letters, digits and hyphens"),
        ("country", "US", "Please choose a country."),
    ):
        page = await stall.fan.send(path, status=422, **(told | {field: wrong}))
        assert said in page
        assert "Markt 3" in page
    assert await stall.fan.send(path, **told) == path
    page = await stall.fan.look(path)
    assert 'value="DE123456789"' in page
    await pay(stall, await an_order(stall))
    [invoice] = await all_invoices(stall)
    assert invoice.number.startswith("RE-")


async def test_only_owners_change_the_details(stall: Stall) -> None:
    await stall.sign_in("agent")
    await stall.fan.look("/counter/settings/invoices", status=403)
    await stall.fan.send("/counter/settings/invoices", status=403, name="Eve")
    await stall.fan.look("/counter/invoices")
