"""Coupon codes issued for a deal, listed, and how often each was used."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidForm
from promotions.deals import get_deal
from promotions.errors import CodeNotAllowed, CodeTaken
from promotions.models import CouponCode, Redemption
from promotions.spelling import LONGEST, SHORTEST, fold, generate, spell


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
    folded = fold(spelled)
    if (near := await _find_near(session, shop_id, folded)) is not None:
        raise CodeTaken(code=near.code)
    made = CouponCode(
        shop_id=shop_id, deal_id=deal.key, code=spelled, folded=folded,
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


async def _find_near(session: AsyncSession, shop_id: int, folded: str) -> CouponCode | None:
    query = select(CouponCode).where(
        col(CouponCode.shop_id) == shop_id, col(CouponCode.folded) == folded
    )
    return (await session.exec(query)).first()


async def list_codes(
    session: AsyncSession, shop_id: int, deal_ids: Sequence[int]
) -> list[CouponCode]:
    query = select(CouponCode).where(
        col(CouponCode.shop_id) == shop_id, col(CouponCode.deal_id).in_(deal_ids)
    )
    return list((await session.exec(query.order_by(col(CouponCode.id)))).all())


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
