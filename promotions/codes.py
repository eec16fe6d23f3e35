"""Coupon codes: made, found, and why one does not work (yet, any more, for you)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import UtcDateTime
from core.errors import InvalidForm
from promotions.deals import get_deal, is_active, rule_of
from promotions.errors import (
    CodeExpired,
    CodeHeldByYou,
    CodeMistyped,
    CodeNotAllowed,
    CodeNotYetValid,
    CodeTaken,
    CodeUnknown,
    CodeUsedByYou,
    CodeUsedUp,
)
from promotions.models import CouponCode, Deal, Redemption
from promotions.rules import Rule
from promotions.spelling import (
    LONGEST,
    SHORTEST,
    check_fits,
    fold,
    generate,
    looks_generated,
    spell,
)

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


async def create_code(
    session: AsyncSession,
    shop_id: int,
    deal_id: int,
    *,
    code: str | None = None,
    total_limit: int | None = None,
    per_customer_limit: int | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    now: datetime,
) -> CouponCode:
    """A code of the merchant's choice, or a generated one. Limits: None unlimited, 0 none.

    Raises CodeNotAllowed, CodeTaken (also by one that is only nearly spelled alike), InvalidForm.
    """
    deal = await get_deal(session, shop_id, deal_id)
    _check(total_limit, per_customer_limit, valid_from, valid_until)
    spelled = generate() if code is None else spell(code)
    if not SHORTEST <= len(spelled) <= LONGEST:
        raise CodeNotAllowed()
    if (near := await _look_up(session, shop_id, spelled)) is not None:
        raise CodeTaken(code=near.code)
    made = CouponCode(
        shop_id=shop_id, deal_id=deal.key, code=spelled, folded=fold(spelled),
        total_limit=total_limit, per_customer_limit=per_customer_limit,
        valid_from=valid_from, valid_until=valid_until, created_at=now,
    )  # fmt: skip
    try:
        async with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise CodeTaken(code=spelled) from None
    return made


def _check(
    total_limit: int | None,
    per_customer_limit: int | None,
    valid_from: datetime | None,
    valid_until: datetime | None,
) -> None:
    wrong: dict[str, str] = {}
    for name, limit in (("total_limit", total_limit), ("per_customer_limit", per_customer_limit)):
        if limit is not None and not 0 <= limit <= 1_000_000:
            wrong[name] = "Please enter a number from 0 to 1,000,000, or nothing for unlimited."
    if valid_from is not None and valid_until is not None and valid_until <= valid_from:
        wrong["valid_until"] = "The end must lie after the beginning."
    if wrong:
        raise InvalidForm(wrong)


async def list_codes(
    session: AsyncSession, shop_id: int, deal_ids: Sequence[int]
) -> list[CouponCode]:
    query = select(CouponCode).where(
        col(CouponCode.shop_id) == shop_id, col(CouponCode.deal_id).in_(deal_ids)
    )
    return list((await session.exec(query.order_by(col(CouponCode.id)))).all())


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


async def _look_up(session: AsyncSession, shop_id: int, code_text: str) -> CouponCode | None:
    folded = fold(code_text[:_LONGEST_TYPED])
    query = select(CouponCode).where(
        col(CouponCode.shop_id) == shop_id, col(CouponCode.folded) == folded
    )
    return (await session.exec(query)).first() if folded else None


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


async def automatic_rules(session: AsyncSession, shop_id: int, *, now: datetime) -> list[Rule]:
    """The deals that apply by themselves, oldest first."""
    return list((await find_at_hand(session, shop_id, None, now=now)).rules)


async def count_uses(
    session: AsyncSession, shop_id: int, code_ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    """For each code how many uses are "reserved" and "kept"."""
    query = (
        select(Redemption.code_id, Redemption.state, func.count())
        .where(col(Redemption.shop_id) == shop_id, col(Redemption.code_id).in_(code_ids))
        .group_by(col(Redemption.code_id), col(Redemption.state))
    )
    counts = {code_id: {"reserved": 0, "kept": 0} for code_id in code_ids}
    for code_id, state, number in (await session.exec(query)).all():
        if state in counts[code_id]:
            counts[code_id][state] = number
    return counts
