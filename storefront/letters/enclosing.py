"""Invoices that go with a letter: for businesses, whose bookkeeping wants the file itself."""

import asyncio

from core.database import Database
from core.mail import Enclosure
from core.pages import Pages
from core.shops import get_shop
from storefront.invoices.finding import invoices_of
from storefront.invoices.models import Invoice
from storefront.invoices.printing import finish, sheet_of
from storefront.orders.finding import get_order


async def enclosures(
    db: Database, pages: Pages, *, shop_id: int, order_id: int, kind: str, change_id: int | None
) -> list[Enclosure]:
    """Drawn in a thread, before the letter's transaction begins."""
    async with db.reading() as session:
        order = await get_order(session, shop_id, order_id)
        if not order.company:
            return []
        shop = await get_shop(session, shop_id)
        chosen = _chosen(await invoices_of(session, order), kind, change_id)
    files = []
    for invoice in chosen:
        pdf = await asyncio.to_thread(finish, sheet_of(pages, shop, invoice))
        files.append(Enclosure(f"{invoice.number}.pdf", "application/pdf", pdf))
    return files


def _chosen(documents: list[Invoice], kind: str, change_id: int | None) -> list[Invoice]:
    """What this letter is about."""
    if kind == "paid":
        return [one for one in documents if one.subject == f"order:{one.order_id}"]
    if kind == "changed" and change_id is not None:
        mark = f":change:{change_id}:"
        return [one for one in documents if mark in one.subject]
    if kind == "invoice":
        marks = (":withdrawn:", ":anew:")
        return [one for one in documents if any(mark in one.subject for mark in marks)][-2:]
    return []
