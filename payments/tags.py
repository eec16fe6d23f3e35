"""Marks our objects at Stripe carry: several installations may share one Stripe account."""

from sqlmodel.ext.asyncio.session import AsyncSession

from payments.accounts import get_account

ATTEMPT_TAG = "tresen_attempt"
REFUND_TAG = "tresen_refund"
REFERENCE_TAG = "tresen_reference"


def id_in(mark: str) -> int | None:
    """The number of a row of ours, if it can be one: whoever has the dashboard can write marks."""
    return int(mark) if mark.isascii() and mark.isdecimal() and len(mark) < 10 else None


async def tag_of(session: AsyncSession, shop_id: int) -> str:
    """Names this shop of this installation; random, and no secret by itself."""
    return (await get_account(session, shop_id)).tag


def tags_for(tag: str) -> dict[str, str]:
    return {"tresen": tag}
