"""Invoices: of an order, by number, of a month; and the paid orders that still wait for one."""

from datetime import date

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import NotFound
from storefront.invoices.content import Content
from storefront.invoices.models import Invoice
from storefront.orders.models import Order


class InvoiceUnknown(NotFound):
    sentence = "There is no invoice with this number."


def content_of(invoice: Invoice) -> Content:
    return Content.model_validate(invoice.content)


async def invoices_of(session: AsyncSession, order: Order) -> list[Invoice]:
    """The invoice first, then what takes it back."""
    query = select(Invoice).where(
        col(Invoice.shop_id) == order.shop_id, col(Invoice.order_id) == order.key
    )
    return list((await session.exec(query.order_by(col(Invoice.id)))).all())


async def find_invoice(session: AsyncSession, order: Order, number: str) -> Invoice:
    """Raises InvoiceUnknown, also for another order's invoice."""
    for invoice in await invoices_of(session, order):
        if invoice.number == number:
            return invoice
    raise InvoiceUnknown()


async def invoices_between(
    session: AsyncSession, shop_id: int, since: date, until: date
) -> list[Invoice]:
    """In the order of their numbers; `until` is exclusive."""
    query = select(Invoice).where(
        col(Invoice.shop_id) == shop_id,
        col(Invoice.issued_on) >= since,
        col(Invoice.issued_on) < until,
    )
    return list((await session.exec(query.order_by(col(Invoice.year), col(Invoice.running)))).all())


async def earliest_day(session: AsyncSession, shop_id: int) -> date | None:
    query = select(func.min(col(Invoice.issued_on))).where(col(Invoice.shop_id) == shop_id)
    return (await session.exec(query)).first()


async def waiting_orders(session: AsyncSession, shop_id: int) -> list[int]:
    """Ids of paid orders without an invoice, those paid first at the head."""
    has_one = select(Invoice.id).where(col(Invoice.order_id) == col(Order.id)).exists()
    query = (
        select(col(Order.id))
        .where(col(Order.shop_id) == shop_id, col(Order.paid_at).is_not(None), ~has_one)
        .order_by(col(Order.paid_at), col(Order.id))
    )
    return [found for found in (await session.exec(query)).all() if found is not None]
