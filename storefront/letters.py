"""E-mails about orders and withdrawals: decided in a transaction, written by a job."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.jobs import enqueue
from core.mail import Mail, write_mail
from core.pages import Pages
from core.shops import Shop, get_shop
from payments.events import PaymentFailed
from storefront.countries import country_name
from storefront.events import (
    OrderCancelled,
    OrderCorrected,
    OrderPaid,
    OrderPlaced,
    OrderReady,
    OrderRefunded,
    OrderSent,
    WithdrawalReceived,
)
from storefront.invoices.finding import invoices_of
from storefront.legal import blocks, legal_text
from storefront.models import Storefront
from storefront.notes import exact_time, percent
from storefront.orders.finding import events_of, get_order, lines_of, status_link
from storefront.orders.models import Order, Withdrawal
from storefront.orders.tax import tax_rows
from storefront.references import order_id_of
from storefront.storefronts import find_storefront

SUBJECTS = {
    "received": "We have received your order %(number)s",
    "paid": "Your order %(number)s is paid",
    "failed": "The payment for your order %(number)s did not work",
    "ready": "Your order %(number)s is ready for pick-up",
    "cancelled": "Your order %(number)s was cancelled",
    "sent": "Your order %(number)s is on its way",
    "refunded": "We have refunded your order %(number)s",
    "corrected": "Your order %(number)s was mended",
}


async def on_order_placed(session: AsyncSession, event: OrderPlaced) -> None:
    """What costs nothing is confirmed by one e-mail, that of `on_order_paid`."""
    if event.total_minor:
        await _write_later(session, event.shop_id, event.order_id, "received")


async def on_order_paid(session: AsyncSession, event: OrderPaid) -> None:
    await _write_later(session, event.shop_id, event.order_id, "paid")


async def on_payment_failed(session: AsyncSession, event: PaymentFailed) -> None:
    """A direct debit came back after days: the buyer has to hear of it. A pay page that was
    only left alone is nothing to write about."""
    order_id = order_id_of(event.reference)
    if event.reason == "failed" and order_id is not None:
        order = await get_order(session, event.shop_id, order_id)
        times = [one for one in await events_of(session, order) if one.what == "payment_failed"]
        if order.state == "placed":
            await _write_later(session, event.shop_id, order_id, "failed", mark=f":{len(times)}")


async def on_order_ready(session: AsyncSession, event: OrderReady) -> None:
    await _write_later(session, event.shop_id, event.order_id, "ready")


async def on_order_cancelled(session: AsyncSession, event: OrderCancelled) -> None:
    """Who gave the order up themselves knows it."""
    if event.by != "customer":
        await _write_later(session, event.shop_id, event.order_id, "cancelled")


async def on_order_corrected(session: AsyncSession, event: OrderCorrected) -> None:
    """On a durable medium, whoever mended it: nobody else's slip may slip in."""
    order = await get_order(session, event.shop_id, event.order_id)
    times = [one for one in await events_of(session, order) if one.what == "corrected"]
    await _write_later(
        session, event.shop_id, event.order_id, "corrected", mark=f":{len(times)}"
    )  # fmt: skip


async def on_order_sent(session: AsyncSession, event: OrderSent) -> None:
    await _write_later(session, event.shop_id, event.order_id, "sent")


async def on_order_refunded(session: AsyncSession, event: OrderRefunded) -> None:
    order = await get_order(session, event.shop_id, event.order_id)
    await _write_later(
        session, event.shop_id, event.order_id, "refunded", amount_minor=event.amount_minor,
        mark=f":{order.refunded_minor}",
    )  # fmt: skip


async def on_withdrawal_received(session: AsyncSession, event: WithdrawalReceived) -> None:
    await enqueue(
        session, write_withdrawal_receipt,
        {"shop_id": event.shop_id, "withdrawal_id": event.withdrawal_id},
        key=f"letter:withdrawal:{event.withdrawal_id}",
    )  # fmt: skip


async def _write_later(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    kind: str,
    *,
    amount_minor: int = 0,
    mark: str = "",
) -> None:
    """What may happen several times is told apart by its `mark`; everything else is told once."""
    about = f"order:{order_id}:{kind}{mark}"
    args = {"shop_id": shop_id, "order_id": order_id, "kind": kind, "amount_minor": amount_minor,
            "about": about}  # fmt: skip
    # One after another for each order, so that they arrive in the order of what happened.
    await enqueue(session, write_letter, args, key=about, lock=f"letters:{order_id}")


async def write_letter(
    db: Database,
    pages: Pages,
    clock: Clock,
    origin: str,
    *,
    shop_id: int,
    order_id: int,
    kind: str,
    amount_minor: int,
    about: str,
) -> None:
    """Job. Written once, whatever happens: the outbox row remembers what it was about."""
    async with db.transaction() as session:
        if await _is_written(session, shop_id, about):
            return
        shop = await get_shop(session, shop_id)
        order = await get_order(session, shop_id, order_id)
        window = await find_storefront(session, shop_id)
        context = _context(pages, shop, window, order, origin) | {
            "lines": await lines_of(session, order),
            "invoices": await invoices_of(session, order),
            "amount": order.money(amount_minor),
        }
        context["taxes"] = tax_rows(order, context["lines"])
        subject = pages.translator(order.locale)(SUBJECTS[kind]) % {"number": order.number}
        await _post(
            session, pages, shop, recipient=order.email, subject=subject, locale=order.locale,
            kind=kind, about=about, context=context, now=clock(),
        )  # fmt: skip


def _context(
    pages: Pages, shop: Shop, window: Storefront, order: Order, origin: str
) -> dict[str, Any]:
    locale = order.locale
    texts = {
        page: blocks(legal_text(pages, page, shop, window, locale))
        for page in ("terms", "withdrawal", "imprint")
    }
    return {
        "shop": shop,
        "storefront": window,
        "order": order,
        "origin": origin,
        "link": status_link(origin, shop, order),
        "texts": texts,
        "country": country_name(order.country, locale),
        "percent": lambda tax_bp: percent(tax_bp, locale),
    }


async def write_withdrawal_receipt(
    db: Database, pages: Pages, clock: Clock, origin: str, *, shop_id: int, withdrawal_id: int
) -> None:
    """Job. §356a BGB: at once, on a durable medium, with content, date and time."""
    about = f"withdrawal:{withdrawal_id}"
    async with db.transaction() as session:
        if await _is_written(session, shop_id, about):
            return
        shop = await get_shop(session, shop_id)
        window = await find_storefront(session, shop_id)
        declared = await session.get_one(Withdrawal, withdrawal_id)
        order = await session.get(Order, declared.order_id) if declared.order_id else None
        locale = order.locale if order else shop.locale
        subject = pages.translator(locale)("We have received your withdrawal")
        imprint = blocks(legal_text(pages, "imprint", shop, window, locale))
        context = {
            "shop": shop, "storefront": window, "declared": declared, "origin": origin,
            "received": exact_time(declared.received_at, shop, locale),
            "texts": {"imprint": imprint},
        }  # fmt: skip
        await _post(
            session, pages, shop, recipient=declared.email, subject=subject, locale=locale,
            kind="withdrawal", about=about, context=context, now=clock(),
        )  # fmt: skip


async def _is_written(session: AsyncSession, shop_id: int, about: str) -> bool:
    query = select(Mail.id).where(col(Mail.shop_id) == shop_id, col(Mail.about) == about)
    return (await session.exec(query)).first() is not None


async def _post(
    session: AsyncSession,
    pages: Pages,
    shop: Shop,
    *,
    recipient: str,
    subject: str,
    locale: str,
    kind: str,
    about: str,
    context: dict[str, Any],
    now: datetime,
) -> None:
    text, html = (
        pages.text(f"storefront/mail/{kind}.{form}", locale, **context) for form in ("txt", "html")
    )
    await write_mail(
        session, shop.key, recipient, subject, text=text, html=html, sender_name=shop.name,
        about=about, now=now,
    )  # fmt: skip
