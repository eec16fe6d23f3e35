"""Whom the alarms about money are written to."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from staff.models import Member


async def owners_of(session: AsyncSession, shop_id: int) -> Sequence[Member]:
    query = select(Member).where(
        col(Member.shop_id) == shop_id,
        col(Member.role) == "owner",
        col(Member.left_at).is_(None),
    )
    return (await session.exec(query.order_by(col(Member.id)))).all()
