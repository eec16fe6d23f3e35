"""Documents put on file: numbered, frozen, each for one reason only."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop, get_shop
from storefront.invoices.content import Content, Earlier
from storefront.invoices.models import Invoice, InvoiceKind
from storefront.invoices.numbering import next_number, number_text
from storefront.invoices.sellers import find_seller
from storefront.orders.models import Order


@dataclass(frozen=True, slots=True)
class Desk:
    """What documents of one order are filed with."""

    shop: Shop
    order: Order
    prefix: str
    now: datetime

    @property
    def today(self) -> date:
        """By the shop's own calendar."""
        return self.now.astimezone(ZoneInfo(self.shop.timezone)).date()


async def desk_for(session: AsyncSession, order: Order, *, now: datetime) -> Desk:
    shop = await get_shop(session, order.shop_id)
    seller = await find_seller(session, order.shop_id)
    return Desk(shop, order, seller.prefix, now)


async def put_on_file(
    session: AsyncSession,
    desk: Desk,
    kind: InvoiceKind,
    content: Content,
    *,
    subject: str,
    cancels: Invoice | None = None,
) -> Invoice:
    """`subject` is what it is written for, below the order. Numbered last of all, so that the
    shop's other buyers wait as short as can be."""
    order, day = desk.order, desk.today
    running = await next_number(session, desk.shop.key, day.year)
    invoice = Invoice(
        shop_id=desk.shop.key,
        order_id=order.key,
        kind=kind,
        cancels_id=cancels.key if cancels else None,
        subject=f"order:{order.key}{subject}",
        year=day.year,
        running=running,
        number=number_text(desk.prefix, day.year, running),
        issued_on=day,
        issued_at=desk.now,
        locale=order.locale,
        currency=order.currency,
        total_minor=content.total_minor,
        tax_minor=content.tax_minor,
        content=content.model_dump(mode="json"),
    )
    session.add(invoice)
    await session.flush()
    return invoice


def named(invoice: Invoice) -> Earlier:
    return Earlier(number=invoice.number, on=invoice.issued_on)
