"""The same invoice for machines: Factur-X/ZUGFeRD in the profile EN 16931, inside the PDF.

EN 16931 counts in net amounts where the shop counts in gross ones: a line's net is its gross
less the VAT contained in it, so that nets and VAT add up to what was paid.
"""

import re
from decimal import Decimal
from typing import Any

from facturx import generate_from_binary, generate_xml

from core.money import Money, exponent
from storefront.invoices.content import Buyer, Content, Rate, Row, Seller
from storefront.invoices.sheets import Sheet

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# UNTDID 1001; UNECE Rec 20 for pieces; UNTDID 4461 for online payment services.
_INVOICE, _CREDIT_NOTE, _PIECE, _ONLINE = "380", "381", "C62", "68"


def can_be_electronic(sheet: Sheet) -> bool:
    """EN 16931 (BR-DEC) knows no currencies with three decimals."""
    return exponent(sheet.currency) <= 2


def with_xml(pdf: bytes, sheet: Sheet) -> bytes:
    """The PDF with its XML as an associated file. Blocks: call it in a thread."""
    named: dict[str, str] = {
        "author": sheet.content.seller.name,
        "title": f"{sheet.title} {sheet.number}",
        "subject": f"{sheet.title} {sheet.number}",
        "keywords": "Factur-X, ZUGFeRD",
    }
    finished: bytes = generate_from_binary(
        pdf, as_xml(sheet), flavor="factur-x", level="en16931", check_xsd=False,
        pdf_metadata=named, lang=sheet.locale[:2], afrelationship="alternative",
    )  # fmt: skip
    return finished


def as_xml(sheet: Sheet) -> bytes:
    """Checked against the profile's XSD on the way."""
    made: bytes = generate_xml(
        _told(sheet), flavor="factur-x", level="en16931", check_schematron=None
    )
    return made


def _told(sheet: Sheet) -> dict[str, Any]:
    """By the numbers EN 16931 gives to what is said."""
    content, sign = sheet.content, -1 if sheet.kind == "cancellation" else 1
    net = sum(rate.net_minor for rate in content.rates)
    told: dict[str, Any] = {
        "BT-1": sheet.number,
        "BT-2": sheet.issued_on,
        "BT-3": _CREDIT_NOTE if sign < 0 else _INVOICE,
        "BT-5": sheet.currency,
        "BT-13": str(content.order_number),
        "BT-72": content.performed_on,
        "BT-81": _ONLINE,
        "BG-4": _seller(content.seller),
        "BG-7": _buyer(content.buyer, content.seller),
        "BG-23": [_rate(sheet, rate, sign) for rate in content.rates],
        "BG-25": [
            _line(sheet, number, row, sign) for number, row in enumerate(_rows(sheet), start=1)
        ],
        "BT-106": _amount(sheet, net * sign),
        "BT-109": _amount(sheet, net * sign),
        "BT-110": _amount(sheet, content.tax_minor * sign),
        "BT-112": _amount(sheet, content.total_minor * sign),
        "BT-113": _amount(sheet, content.total_minor * sign),
        "BT-115": _amount(sheet, 0),
    }
    if content.earlier:
        told["BG-3"] = [{"BT-25": one.number, "BT-26": one.on} for one in content.earlier]
    if content.small_business:
        told["BG-1"] = [{"BT-22": _exempt(sheet)}]
    return told


def _amount(sheet: Sheet, minor: int) -> str:
    return f"{Money(minor, sheet.currency).amount:f}"


def _percent(tax_bp: int) -> str:
    return f"{Decimal(tax_bp) / 100:f}"


def _exempt(sheet: Sheet) -> str:
    _ = sheet.translate
    return _("Tax-exempt as a small business under §19 UStG; no VAT is shown.")


def _category(content: Content, tax_bp: int) -> str:
    """UNTDID 5305: standard, zero-rated, exempt."""
    if content.small_business:
        return "E"
    return "S" if tax_bp else "Z"


def _seller(seller: Seller) -> dict[str, Any]:
    """BR-CO-26 wants an identifier: without a VAT ID the tax number is one."""
    told: dict[str, Any] = _address(seller.name, seller)
    if seller.vat_id:
        told["vat_identifier"] = seller.vat_id
    else:
        told["identifiers"] = {"": seller.tax_number}
    if seller.tax_number:
        told["tax_identifier"] = seller.tax_number
    return told


def _buyer(buyer: Buyer, seller: Seller) -> dict[str, Any]:
    """Who picks up gave no address; EN 16931 wants a country at least."""
    told = _address(buyer.company or buyer.name, buyer)
    told["country_code"] = buyer.country or seller.country
    if buyer.vat_id:
        told["vat_identifier"] = buyer.vat_id
    if buyer.company:
        told["contacts"] = [{"name": _plain(buyer.name)}]
    return told


def _address(name: str, party: Buyer | Seller) -> dict[str, Any]:
    parts = {
        "addr_l1": party.street,
        "postcode": party.postcode,
        "city": party.town,
        "country_code": party.country,
    }
    return {"name": _plain(name)} | {key: _plain(value) for key, value in parts.items() if value}


def _plain(text: str) -> str:
    """Without what XML 1.0 cannot hold (section 2.2); a line must have a name (BR-25)."""
    return _NOT_XML.sub("", text).strip() or "-"


def _rate(sheet: Sheet, rate: Rate, sign: int) -> dict[str, Any]:
    category = _category(sheet.content, rate.tax_bp)
    told: dict[str, Any] = {
        "BT-116": _amount(sheet, rate.net_minor * sign),
        "BT-117": _amount(sheet, rate.tax_minor * sign),
        "BT-118": category,
        "BT-119": _percent(rate.tax_bp),
    }
    if category == "E":
        told["BT-120"] = _exempt(sheet)
    return told


def _rows(sheet: Sheet) -> list[Row]:
    """Delivery is a line like the others."""
    content, _ = sheet.content, sheet.translate
    if not content.shipping_minor:
        return content.rows
    delivery = Row(
        name=_("Delivery"), quantity=-1 if content.shipping_minor < 0 else 1,
        unit_minor=abs(content.shipping_minor), total_minor=content.shipping_minor,
        tax_bp=content.shipping_tax_bp, tax_minor=content.shipping_tax_minor,
    )  # fmt: skip
    return [*content.rows, delivery]


def _line(sheet: Sheet, number: int, row: Row, sign: int) -> dict[str, Any]:
    """A price is never negative (BR-27): what goes the other way is a negative number of pieces."""
    net = (row.total_minor - row.tax_minor) * sign
    pieces = (abs(row.quantity) or 1) * (-1 if net < 0 else 1)
    each = Money(net, sheet.currency).amount / pieces
    return {
        "BT-126": str(number),
        "BT-129": str(pieces),
        "BT-130": _PIECE,
        "BT-131": _amount(sheet, net),
        "BT-146": f"{each:.4f}",
        "BT-151": _category(sheet.content, row.tax_bp),
        "BT-152": _percent(row.tax_bp),
        "BT-153": _plain(row.name),
    }
