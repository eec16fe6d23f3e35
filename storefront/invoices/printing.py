"""A stored invoice as the PDF people get."""

import asyncio

from core.cache import Cache
from core.pages import Pages
from core.shops import Shop
from storefront.invoices.drawing import draw
from storefront.invoices.einvoice import can_be_electronic, with_xml
from storefront.invoices.finding import content_of
from storefront.invoices.models import Invoice
from storefront.invoices.sheets import Sheet

_KEPT_SECONDS = 600


async def print_invoice(cache: Cache, pages: Pages, shop: Shop, invoice: Invoice) -> bytes:
    """Drawn in a thread, once however many ask for it at the same time."""
    sheet = sheet_of(pages, shop, invoice)
    return await cache.fetch(
        f"invoice:{shop.key}:{invoice.key}:{shop.name}",
        lambda: asyncio.to_thread(finish, sheet),
        seconds=_KEPT_SECONDS,
    )


def finish(sheet: Sheet) -> bytes:
    """Drawn, with its XML inside where there can be one. Blocks."""
    pdf = draw(sheet)
    return with_xml(pdf, sheet) if can_be_electronic(sheet) else pdf


def sheet_of(pages: Pages, shop: Shop, invoice: Invoice) -> Sheet:
    return Sheet(
        kind=invoice.kind,
        number=invoice.number,
        issued_on=invoice.issued_on,
        issued_at=invoice.issued_at,
        currency=invoice.currency,
        locale=invoice.locale,
        shop_name=shop.name,
        content=content_of(invoice),
        translate=pages.translator(invoice.locale),
    )
