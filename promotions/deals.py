"""Deals: made, ended, listed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidForm
from core.events import record
from core.money import Money
from promotions.errors import DealUnknown
from promotions.events import DealCreated, DealEnded
from promotions.models import CouponCode, Deal, DealKind
from promotions.rules import Rule


async def create_deal(
    session: AsyncSession,
    shop_id: int,
    *,
    title: str,
    kind: DealKind,
    currency: str,
    text: str = "",
    percent: int | None = None,
    amount: Money | None = None,
    minimum: Money | None = None,
    product_ids: Sequence[int] = (),
    needs_code: bool = False,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    picture_digest: str | None = None,
    by: str | None = None,
    now: datetime,
) -> Deal:
    """Raises InvalidForm naming the fields that do not fit together."""
    deal = Deal(
        shop_id=shop_id,
        title=title.strip(),
        text=text.strip(),
        kind=kind,
        currency=currency,
        percent=percent if kind == "percent" else None,
        amount_minor=amount.minor if amount and kind == "amount" else None,
        minimum_minor=minimum.minor if minimum else 0,
        product_ids=sorted(set(product_ids)),
        needs_code=needs_code,
        starts_at=starts_at,
        ends_at=ends_at,
        picture_digest=picture_digest,
        created_at=now,
        created_by=by,
    )
    _check(deal, amount, minimum)
    session.add(deal)
    await session.flush()
    record(session, DealCreated(shop_id, deal.key))
    return deal


def _check(deal: Deal, amount: Money | None, minimum: Money | None) -> None:
    wrong: dict[str, str] = {}
    if not 1 <= len(deal.title) <= 120:
        wrong["title"] = "Please give the deal a title of up to 120 characters."
    if deal.kind == "percent" and not 1 <= (deal.percent or 0) <= 100:
        wrong["percent"] = "Please enter a whole percentage from 1 to 100."
    if deal.kind == "amount" and not _is_between(amount, 1, deal.currency):
        wrong["amount"] = "Please enter an amount above zero in the shop's currency."
    if minimum is not None and not _is_between(minimum, 0, deal.currency):
        wrong["minimum"] = "Please enter an amount in the shop's currency, or leave it empty."
    if deal.starts_at is not None and deal.ends_at is not None and deal.ends_at <= deal.starts_at:
        wrong["ends_at"] = "The end must lie after the beginning."
    if wrong:
        raise InvalidForm(wrong)


def _is_between(amount: Money | None, least: int, currency: str) -> bool:
    """Up to what the database's integers hold."""
    return amount is not None and amount.currency == currency and least <= amount.minor < 2**31


async def get_deal(session: AsyncSession, shop_id: int, deal_id: int) -> Deal:
    deal = await session.get(Deal, deal_id)
    if deal is None or deal.shop_id != shop_id:
        raise DealUnknown()
    return deal


async def end_deal(
    session: AsyncSession, shop_id: int, deal_id: int, *, by: str | None = None, now: datetime
) -> Deal:
    """Ended at once, for new orders; orders already placed keep their price. Idempotent."""
    deal = await get_deal(session, shop_id, deal_id)
    if deal.state != "ended":
        deal.state, deal.ended_at, deal.ended_by = "ended", now, by
        session.add(deal)
        record(session, DealEnded(shop_id, deal.key))
    return deal


async def list_deals(session: AsyncSession, shop_id: int, *, limit: int = 200) -> list[Deal]:
    """All deals, the newest first."""
    query = select(Deal).where(col(Deal.shop_id) == shop_id).order_by(col(Deal.id).desc())
    return list((await session.exec(query.limit(limit))).all())


async def active_deals(session: AsyncSession, shop_id: int, *, now: datetime) -> list[Deal]:
    """What can be had now, with and without a code; what ends soonest comes first."""
    query = (
        select(Deal)
        .where(col(Deal.shop_id) == shop_id, is_active(now))
        .order_by(col(Deal.ends_at).is_(None), col(Deal.ends_at), col(Deal.id))
    )
    return list((await session.exec(query)).all())


def is_active(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Of a deal in a query: whether it can be had at that moment."""
    return and_(
        col(Deal.state) == "active",
        or_(col(Deal.starts_at).is_(None), col(Deal.starts_at) <= now),
        or_(col(Deal.ends_at).is_(None), col(Deal.ends_at) > now),
    )


async def next_change(session: AsyncSession, shop_id: int, *, now: datetime) -> datetime | None:
    """When the next deal begins or ends by the clock: until then a rendered price holds."""
    query = select(Deal.starts_at, Deal.ends_at).where(
        col(Deal.shop_id) == shop_id, col(Deal.state) == "active"
    )
    times = [at for row in (await session.exec(query)).all() for at in row]
    return min((at for at in times if at is not None and at > now), default=None)


def rule_of(deal: Deal, code: CouponCode | None = None) -> Rule:
    """The deal as plain values for pricing."""
    return Rule(
        deal_id=deal.key,
        title=deal.title,
        kind=deal.kind,  # type: ignore[arg-type]
        percent=deal.percent,
        amount=deal.amount,
        minimum=deal.minimum if deal.minimum_minor else None,
        product_ids=frozenset(deal.product_ids),
        code=code.code if code else None,
        code_id=code.key if code else None,
    )
