"""Invoices are written when an order is paid, and taken back when money goes back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.money import Money
from core.shops import Shop, get_shop
from storefront.events import OrderPaid, OrderRefunded
from storefront.invoices.composing import compose, take_back
from storefront.invoices.content import Content
from storefront.invoices.finding import content_of, invoices_of, waiting_orders
from storefront.invoices.models import Invoice, InvoiceKind
from storefront.invoices.numbering import next_number, number_text
from storefront.invoices.sellers import find_seller, frozen, missing
from storefront.invoices.splitting import remaining
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.orders.states import lock_order
from storefront.storefronts import find_storefront
from storefront.times import now_of
from storefront.voices import translator_in


async def on_order_paid(session: AsyncSession, event: OrderPaid) -> None:
    order = await lock_order(session, event.shop_id, event.order_id)
    await write_invoice(session, order, now=now_of(session))


async def on_order_refunded(session: AsyncSession, event: OrderRefunded) -> None:
    order = await lock_order(session, event.shop_id, event.order_id)
    await write_cancellation(session, order, now=now_of(session))


async def write_invoice(session: AsyncSession, order: Order, *, now: datetime) -> Invoice | None:
    """Once for each order; the order must be locked.

    None while the shop's details are not complete: then the order waits for `write_waiting`.
    """
    for known in await invoices_of(session, order):
        return known
    seller = await find_seller(session, order.shop_id)
    if order.paid_at is None or missing(seller):
        return None
    shop = await get_shop(session, order.shop_id)
    window = await find_storefront(session, order.shop_id)
    content = compose(
        shop, order, await lines_of(session, order), frozen(seller, window),
        issued_on=now.astimezone(ZoneInfo(shop.timezone)).date(),
    )  # fmt: skip
    return await _write(
        session, shop, order, "invoice", content, subject=f"order:{order.key}",
        prefix=seller.prefix, now=now,
    )  # fmt: skip


async def write_cancellation(
    session: AsyncSession, order: Order, *, now: datetime
) -> Invoice | None:
    """For what has gone back and is not taken back yet; the order must be locked.

    None where nothing is to be taken back: no invoice was written, or a refund that failed has
    been counted off and is made good by the next one.
    """
    written = await invoices_of(session, order)
    if not written:
        return None
    first, *taken = written
    already = -sum(one.total_minor for one in taken)
    amount = Money(min(order.refunded_minor, first.total_minor) - already, order.currency)
    if amount.minor <= 0:
        return None
    original = content_of(first)
    left = remaining(original.rates, [content_of(one).rates for one in taken])
    shop = await get_shop(session, order.shop_id)
    seller = await find_seller(session, order.shop_id)
    _ = translator_in(session, order.locale)
    content = take_back(
        original, left, amount, number=first.number, issued_on=first.issued_on,
        said=_("Refund on invoice %(number)s") % {"number": first.number},
    )  # fmt: skip
    return await _write(
        session, shop, order, "cancellation", content,
        subject=f"order:{order.key}:back:{already + amount.minor}", cancels=first,
        prefix=seller.prefix, now=now,
    )  # fmt: skip


async def _write(
    session: AsyncSession,
    shop: Shop,
    order: Order,
    kind: InvoiceKind,
    content: Content,
    *,
    subject: str,
    prefix: str,
    cancels: Invoice | None = None,
    now: datetime,
) -> Invoice:
    """Numbered last of all, so that the shop's other buyers wait as short as can be."""
    issued_on = now.astimezone(ZoneInfo(shop.timezone)).date()
    running = await next_number(session, shop.key, issued_on.year)
    invoice = Invoice(
        shop_id=shop.key,
        order_id=order.key,
        kind=kind,
        cancels_id=cancels.key if cancels else None,
        subject=subject,
        year=issued_on.year,
        running=running,
        number=number_text(prefix, issued_on.year, running),
        issued_on=issued_on,
        issued_at=now,
        locale=order.locale,
        currency=order.currency,
        total_minor=content.total_minor,
        tax_minor=content.tax_minor,
        content=content.model_dump(mode="json"),
    )
    session.add(invoice)
    await session.flush()
    return invoice


async def write_waiting(db: Database, clock: Clock, *, shop_id: int) -> None:
    """Job. Orders paid before the shop's details were complete, each in a transaction of its own;
    what went back meanwhile is taken back at once."""
    async with db.reading() as session:
        orders = await waiting_orders(session, shop_id)
    for order_id in orders:
        async with db.transaction() as session:
            order = await lock_order(session, shop_id, order_id)
            if await write_invoice(session, order, now=clock()) is None:
                return
            await write_cancellation(session, order, now=clock())
