"""Letters written by jobs: into the outbox, once each, whatever happens."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.mail import Mail, write_mail
from core.pages import Pages
from core.shops import Shop, get_shop
from storefront.changes.models import OrderChange
from storefront.invoices.finding import invoices_of
from storefront.legal import blocks, legal_text
from storefront.letters.context import context_of
from storefront.notes import exact_time
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import Order, Withdrawal
from storefront.orders.tax import tax_rows
from storefront.shipping.reviews import invitation_of
from storefront.shipping.telling import is_worth_telling, news_of
from storefront.storefronts import find_storefront

SUBJECTS = {
    "received": "We have received your order %(number)s",
    "paid": "Your order %(number)s is paid",
    "failed": "The payment for your order %(number)s did not work",
    "ready": "Your order %(number)s is ready for pick-up",
    "cancelled": "Your order %(number)s was cancelled",
    "sent": "Your order %(number)s is on its way",
    "delivered": "Your order %(number)s has arrived",
    "undone": "Your order %(number)s: not on its way yet",
    "review": "How do you like your order %(number)s?",
    "refunded": "We have refunded your order %(number)s",
    "corrected": "Your order %(number)s was mended",
    "changed": "Your order %(number)s was changed",
    "change_waits": "A change of your order %(number)s: please pay the difference",
    "change_dropped": "Your order %(number)s stays as it was",
}


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
    change_id: int | None = None,
    shipment_id: int | None = None,
) -> None:
    """Job. Written once, whatever happens: the outbox row remembers what it was about."""
    async with db.transaction() as session:
        if await _is_written(session, shop_id, about):
            return
        shop = await get_shop(session, shop_id)
        order = await get_order(session, shop_id, order_id)
        window = await find_storefront(session, shop_id)
        news = await news_of(session, order, shipment_id) if shipment_id else None
        if news is not None and not await is_worth_telling(session, kind, news):
            return
        review = await invitation_of(session, shop, order, origin, kind)
        if kind == "review" and review is None:
            return
        context = context_of(pages, shop, window, order, origin) | {
            "lines": await lines_of(session, order),
            "invoices": await invoices_of(session, order),
            "amount": order.money(amount_minor),
            "news": news,
            "review": review,
            "change": await session.get(OrderChange, change_id) if change_id else None,
        }
        context["taxes"] = tax_rows(order, context["lines"])
        said = (news.subject(kind, order) if news else None) or SUBJECTS[kind]
        subject = pages.translator(order.locale)(said) % {"number": order.number}
        await _post(
            session, pages, shop, recipient=order.email, subject=subject, locale=order.locale,
            kind=kind, about=about, context=context, now=clock(),
        )  # fmt: skip


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
