"""Where somebody is signed in: a random token in a cookie, its digest in a row."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop
from staff.models import Member, StaffSession

LASTS = timedelta(days=30)
IDLE = timedelta(days=7)
# A row is touched at most this often, so that reading a page is not a write.
TOUCH_EVERY = timedelta(hours=1)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(
    session: AsyncSession, member: Member, *, browser: str = "", now: datetime
) -> str:
    """The token for the cookie."""
    token = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            member_id=member.key,
            token_digest=digest(token),
            browser=browser[:120],
            started_at=now,
            seen_at=now,
            expires_at=now + LASTS,
        )
    )
    return token


async def find_session(
    session: AsyncSession, token: str, *, now: datetime
) -> tuple[StaffSession, Member, Shop] | None:
    query = (
        select(StaffSession, Member, Shop)
        .join(Member, col(Member.id) == col(StaffSession.member_id))
        .join(Shop, col(Shop.id) == col(Member.shop_id))
        .where(
            col(StaffSession.token_digest) == digest(token),
            col(StaffSession.expires_at) > now,
            col(StaffSession.seen_at) > now - IDLE,
            col(Member.left_at).is_(None),
        )
    )
    found = (await session.exec(query)).first()
    return None if found is None else (found[0], found[1], found[2])


async def touch_session(session: AsyncSession, session_id: int, *, now: datetime) -> None:
    await session.exec(
        update(StaffSession).where(col(StaffSession.id) == session_id).values(seen_at=now)
    )


async def list_sessions(session: AsyncSession, member_id: int) -> Sequence[StaffSession]:
    query = select(StaffSession).where(col(StaffSession.member_id) == member_id)
    return (await session.exec(query.order_by(col(StaffSession.seen_at).desc()))).all()


async def end_session(session: AsyncSession, token: str) -> None:
    await session.exec(delete(StaffSession).where(col(StaffSession.token_digest) == digest(token)))


async def end_all_sessions(session: AsyncSession, member_id: int) -> None:
    await session.exec(delete(StaffSession).where(col(StaffSession.member_id) == member_id))


async def forget_ended_sessions(session: AsyncSession, *, now: datetime) -> None:
    await session.exec(
        delete(StaffSession).where(
            (col(StaffSession.expires_at) < now) | (col(StaffSession.seen_at) < now - IDLE)
        )
    )
