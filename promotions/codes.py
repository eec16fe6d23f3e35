"""What a code that somebody types gives, or why it does not work (yet, any more, for you)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import UtcDateTime
from promotions.deals import is_active, rule_of
from promotions.errors import (
    CodeExpired,
    CodeHeldByYou,
    CodeMistyped,
    CodeNotYetValid,
    CodeUnknown,
    CodeUsedByYou,
    CodeUsedUp,
)
from promotions.models import CouponCode, Deal, Redemption
from promotions.rules import Rule
from promotions.spelling import check_fits, fold, looks_generated

_LONGEST_TYPED = 100

# Made once: to put a statement together costs as much as to run it.
_TYPED = and_(
    col(CouponCode.deal_id) == col(Deal.id), col(CouponCode.folded) == bindparam("folded")
)
_BY_ITSELF = and_(~col(Deal.needs_code), is_active(bindparam("now", type_=UtcDateTime())))
_AT_HAND = (
    select(Deal, CouponCode)
    .outerjoin(CouponCode, _TYPED)
    .where(
        col(Deal.shop_id) == bindparam("shop_id"),
        or_(col(CouponCode.id).is_not(None), _BY_ITSELF),
    )
    .order_by(col(Deal.id))
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A code that works for this customer now; whether the basket fits is for pricing to say."""

    code_id: int
    code: str
    deal: Deal
    rule: Rule


@dataclass(frozen=True, slots=True)
class AtHand:
    """The deals that apply by themselves, oldest first; the code somebody typed, and its deal."""

    rules: tuple[Rule, ...]
    code: CouponCode | None = None
    deal: Deal | None = None


async def find_offer(
    session: AsyncSession, shop_id: int, code_text: str, *, customer: str | None, now: datetime
) -> Offer:
    """What the code gives. `customer` is the same text that `reserve` will get.

    Raises CodeUnknown (or CodeMistyped), CodeNotYetValid, CodeExpired, CodeUsedUp, CodeUsedByYou
    (or CodeHeldByYou). Limits are looked at here so that people hear it early; `reserve` decides.
    """
    at_hand = await find_at_hand(session, shop_id, code_text, now=now)
    return await offer_of(session, at_hand, code_text, customer=customer, now=now)


async def offer_of(
    session: AsyncSession, at_hand: AtHand, code_text: str, *, customer: str | None, now: datetime
) -> Offer:
    """As `find_offer`, where what is at hand has been read already."""
    code, deal = at_hand.code, at_hand.deal
    if code is None or deal is None:
        folded = fold(code_text[:_LONGEST_TYPED])
        mistyped = looks_generated(folded) and not check_fits(folded)
        raise CodeMistyped() if mistyped else CodeUnknown()
    _check_times(code, deal, now)
    if code.total_limit is not None and code.taken >= code.total_limit:
        raise CodeUsedUp()
    if customer is not None:
        await check_customer(session, code, customer)
    return Offer(code.key, code.code, deal, rule_of(deal, code))


async def find_at_hand(
    session: AsyncSession, shop_id: int, code_text: str | None, *, now: datetime
) -> AtHand:
    """Read in one go. Whether the code works is for `offer_of` to say."""
    which = {"folded": fold((code_text or "")[:_LONGEST_TYPED]), "shop_id": shop_id, "now": now}
    # A code is never stored folded to nothing, so nothing typed meets none.
    rows = (await session.exec(_AT_HAND, params=which)).all()
    used = next(((code, deal) for deal, code in rows if code is not None), (None, None))
    rules = [rule_of(deal) for deal, _ in rows if not deal.needs_code and _runs(deal, now)]
    return AtHand(tuple(rules), *used)


def _runs(deal: Deal, now: datetime) -> bool:
    begun = deal.starts_at is None or deal.starts_at <= now
    return deal.state == "active" and begun and (deal.ends_at is None or deal.ends_at > now)


def _check_times(code: CouponCode, deal: Deal, now: datetime) -> None:
    if deal.state == "ended":
        raise CodeExpired()
    begins = max((at for at in (code.valid_from, deal.starts_at) if at), default=None)
    ends = min((at for at in (code.valid_until, deal.ends_at) if at), default=None)
    if ends is not None and now >= ends:
        raise CodeExpired()
    if begins is not None and now < begins:
        raise CodeNotYetValid(since=begins)


async def check_customer(session: AsyncSession, code: CouponCode, customer: str) -> None:
    """Raises CodeUsedByYou, or CodeHeldByYou where an unpaid order of theirs holds it."""
    limit = code.per_customer_limit
    if limit is None:
        return
    query = (
        select(Redemption)
        .where(
            col(Redemption.code_id) == code.key,
            col(Redemption.customer) == customer,
            col(Redemption.state) != "released",
        )
        .order_by(col(Redemption.id).desc())
    )
    used = (await session.exec(query)).all()
    if len(used) >= limit:
        held = next((one for one in used if one.state == "reserved"), None)
        raise CodeHeldByYou(reference=held.reference) if held else CodeUsedByYou()
