"""Letters written by jobs: into the outbox, once each, whatever happens."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.mail import Enclosure, Mail, write_mail
from core.pages import Pages
from core.shops import Shop, get_shop
from core.translations import Translate
from storefront.changes.models import OrderChange
from storefront.invoices.finding import invoices_of
from storefront.letters.context import context_of
from storefront.letters.enclosing import enclosures
from storefront.orders.apologies import code_given
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import Order
from storefront.orders.tax import tax_rows
from storefront.shipping.reviews import invitation_of
from storefront.shipping.telling import News, is_worth_telling, news_of
from storefront.storefronts import find_storefront

SUBJECTS = {
    "received": "We have received your order %(number)s",
    "paid": "Your order %(number)s is paid",
    "failed": "The payment for your order %(number)s did not work",
    "ready": "Your order %(number)s is ready for pick-up",
    "cancelled": "Your order %(number)s was cancelled",
    "gone": "Your money for order %(number)s is on its way back",
    "sent": "Your order %(number)s is on its way",
    "tracking": "Follow the parcel of your order %(number)s",
    "delivered": "Your order %(number)s has arrived",
    "undone": "Your order %(number)s: not on its way yet",
    "review": "How do you like your order %(number)s?",
    "refunded": "We have refunded your order %(number)s",
    "corrected": "Your order %(number)s was mended",
    "invoice": "A new invoice for your order %(number)s",
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
    files = await enclosures(db, pages, shop_id=shop_id, order_id=order_id, kind=kind,
                             change_id=change_id)  # fmt: skip
    async with db.transaction() as session:
        if await is_written(session, shop_id, about):
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
            "code": await code_given(session, order),
            "news": news,
            "review": review,
            "change": await session.get(OrderChange, change_id) if change_id else None,
        }
        context["taxes"] = tax_rows(order, context["lines"])
        subject = _subject(pages.translator(order.locale), kind, order, news, context["change"])
        await post_letter(
            session, pages, shop, recipient=order.email, subject=subject, locale=order.locale,
            kind=kind, about=about, context=context, files=files, now=clock(),
        )  # fmt: skip


def _subject(
    translate: Translate, kind: str, order: Order, news: News | None, change: OrderChange | None
) -> str:
    if kind == "changed" and change is not None and change.to_refund_minor:
        amount = change.money(change.to_refund_minor).text(order.locale)
        said = translate("Your order %(number)s was changed: %(amount)s go back to you")
        return said % {"number": order.number, "amount": amount}
    said = (news.subject(kind, order) if news else None) or SUBJECTS[kind]
    return translate(said) % {"number": order.number}


async def is_written(session: AsyncSession, shop_id: int, about: str) -> bool:
    query = select(Mail.id).where(col(Mail.shop_id) == shop_id, col(Mail.about) == about)
    return (await session.exec(query)).first() is not None


async def post_letter(
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
    files: Sequence[Enclosure] = (),
    now: datetime,
) -> None:
    text, html = (
        pages.text(f"storefront/mail/{kind}.{form}", locale, **context) for form in ("txt", "html")
    )
    await write_mail(
        session, shop.key, recipient, subject, text=text, html=html, sender_name=shop.name,
        about=about, files=files, now=now,
    )  # fmt: skip
