"""A month's invoices for the tax adviser: one row for each invoice and VAT rate."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from core.money import Money
from storefront.invoices.content import Content, Rate
from storefront.invoices.finding import content_of
from storefront.invoices.models import Invoice

_HEAD = (
    "Rechnungsnummer", "Art", "Rechnungsdatum", "Leistungsdatum", "Bestellnummer", "Kunde", "USt-IdNr.",
    "Land", "Währung", "Steuersatz", "Netto", "Umsatzsteuer", "Brutto", "Bezahlt am",
    "Storniert Rechnung", "Kleinunternehmer",
)  # fmt: skip
_KINDS = {"invoice": "Rechnung", "cancellation": "Stornorechnung"}
# What a spreadsheet would take for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(invoices: Sequence[Invoice]) -> bytes:
    """As German spreadsheets open it: semicolons, decimal commas, UTF-8 with a byte order mark."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_HEAD)
    for invoice in invoices:
        writer.writerows(_rows(invoice, content_of(invoice)))
    return out.getvalue().encode("utf-8-sig")


def _rows(invoice: Invoice, content: Content) -> Iterable[list[str]]:
    none = [Rate(tax_bp=0, gross_minor=0, tax_minor=0)]
    for rate in content.rates or none:
        yield [
            invoice.number,
            _KINDS[invoice.kind],
            f"{invoice.issued_on:%d.%m.%Y}",
            f"{content.performed_on:%d.%m.%Y}",
            str(content.order_number),
            _harmless(content.buyer.company or content.buyer.name),
            _harmless(content.buyer.vat_id),
            content.buyer.country or content.seller.country,
            invoice.currency,
            _comma(Decimal(rate.tax_bp) / 100),
            _amount(rate.net_minor, invoice.currency),
            _amount(rate.tax_minor, invoice.currency),
            _amount(rate.gross_minor, invoice.currency),
            f"{content.paid_on:%d.%m.%Y}" if content.paid_on else "",
            content.cancels_number,
            "ja" if content.small_business else "nein",
        ]


def _amount(minor: int, currency: str) -> str:
    return _comma(Money(minor, currency).amount)


def _comma(number: Decimal) -> str:
    return f"{number:f}".replace(".", ",")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
