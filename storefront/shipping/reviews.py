"""Asking for a review: only who agreed, once, some days after everything has arrived.

A request for feedback is advertising (BGH, 10 July 2018, VI ZR 225/17): by e-mail it wants express
consent beforehand (§7 Abs. 2 Nr. 2 UWG), and an easy way out in every message.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.events import record
from core.shops import Shop
from meta.models import MetaPage
from storefront.events import ReviewDue
from storefront.models import Storefront
from storefront.orders.models import Order
from storefront.orders.states import note
from storefront.shipping.finding import delivered_at
from storefront.shipping.models import ReviewConsent
from storefront.storefronts import find_storefront

WORDING = "2026-11"
CONSENT = (
    "Ask me once by e-mail, some days after delivery, for a review of this order. "
    "I can take this back at any time by the link in the e-mail."
)
"""What is agreed to. Whoever changes a word gives it a new WORDING: it is kept with the consent."""

_LOOK_BACK = timedelta(days=90)
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Invitation:
    """`link` is where the review is written, `stop` ends it all with one press."""

    link: str
    stop: str


async def review_link(session: AsyncSession, window: Storefront) -> str | None:
    """The shop's own, else its Facebook page's; None where nobody is asked."""
    if not window.review_days or window.review_link:
        return review_page(window, None)
    query = select(MetaPage.page_id).where(col(MetaPage.shop_id) == window.shop_id)
    return review_page(window, (await session.exec(query)).first())


def review_page(window: Storefront, page_id: str | None) -> str | None:
    """As `review_link`, where the shop's Facebook page is known."""
    if not window.review_days:
        return None
    if window.review_link:
        return window.review_link
    return f"https://www.facebook.com/{page_id}/reviews" if page_id else None


async def agree(session: AsyncSession, order: Order, *, now: datetime) -> None:
    """The buyer has ticked the box."""
    session.add(
        ReviewConsent(
            shop_id=order.shop_id, order_id=order.key, token=secrets.token_urlsafe(24),
            wording=WORDING, given_at=now,
        )
    )  # fmt: skip


async def ask_for_reviews(db: Database, clock: Clock) -> None:
    """Periodic. Each in a transaction of its own: one odd order keeps nobody else waiting."""
    now = clock()
    async with db.reading() as session:
        query = (
            select(ReviewConsent, Order.fulfilment)
            .join(Order, col(Order.id) == col(ReviewConsent.order_id))
            .where(
                col(ReviewConsent.asked_at).is_(None),
                col(ReviewConsent.stopped_at).is_(None),
                col(ReviewConsent.given_at) >= now - _LOOK_BACK,
                col(Order.fulfilment).in_(("delivered", "picked_up")),
                col(Order.state) == "closed",
            )
            .order_by(col(ReviewConsent.id))
            .limit(_AT_ONCE)
        )
        waiting = [one.id for one, _ in (await session.exec(query)).all() if one.id is not None]
    for consent_id in waiting:
        async with db.transaction() as session:
            await _ask(session, consent_id, now=now)


async def _ask(session: AsyncSession, consent_id: int, *, now: datetime) -> None:
    query = (
        select(ReviewConsent)
        .where(col(ReviewConsent.id) == consent_id)
        .with_for_update(key_share=True)
    )
    consent = (await session.exec(query)).one()
    order = await session.get_one(Order, consent.order_id)
    window = await find_storefront(session, order.shop_id)
    arrived = await delivered_at(session, order)
    if consent.asked_at or consent.stopped_at or await review_link(session, window) is None:
        return
    if arrived is None or arrived + timedelta(days=window.review_days) > now:
        return
    if order.owed_minor <= 0 < order.total_minor:
        # All the money went back: that is no moment to ask for praise.
        return
    consent.asked_at = now
    session.add(consent)
    note(session, order, "review_asked", by="system", now=now)
    record(session, ReviewDue(order.shop_id, order.key))


async def invitation_of(
    session: AsyncSession, shop: Shop, order: Order, origin: str, kind: str
) -> Invitation | None:
    """None where it is no letter of that kind, or somebody has stopped it meanwhile."""
    if kind != "review":
        return None
    query = select(ReviewConsent).where(col(ReviewConsent.order_id) == order.key)
    consent = (await session.exec(query)).first()
    link = await review_link(session, await find_storefront(session, shop.key))
    if consent is None or consent.stopped_at is not None or link is None:
        return None
    return Invitation(link, f"{origin}/s/{shop.slug}/reviews/stop/{consent.token}")


async def stop_asking(session: AsyncSession, shop_id: int, token: str, *, now: datetime) -> bool:
    """Taken back for all orders of that e-mail address. False where the link is none of ours."""
    query = (
        select(ReviewConsent, Order.email)
        .join(Order, col(Order.id) == col(ReviewConsent.order_id))
        .where(col(ReviewConsent.shop_id) == shop_id, col(ReviewConsent.token) == token)
    )
    found = (await session.exec(query)).first()
    if found is None:
        return False
    for consent in await _open_of(session, shop_id, found[1]):
        consent.stopped_at = now
        session.add(consent)
    return True


async def _open_of(session: AsyncSession, shop_id: int, email: str) -> list[ReviewConsent]:
    query = (
        select(ReviewConsent)
        .join(Order, col(Order.id) == col(ReviewConsent.order_id))
        .where(
            col(ReviewConsent.shop_id) == shop_id,
            func.lower(col(Order.email)) == email.lower(),
            col(ReviewConsent.stopped_at).is_(None),
        )
        .order_by(col(ReviewConsent.id))
        .with_for_update(key_share=True, of=ReviewConsent)
    )
    return list((await session.exec(query)).all())
