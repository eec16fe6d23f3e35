"""Links that let somebody in once: invitations, forgotten passwords, the first owner."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.signing import LinkNoLongerValid, Signer
from staff.models import Member, SignInLink
from staff.sessions import digest

PURPOSE = "sign-in link"
INVITATION_LASTS = timedelta(days=7)
SIGN_IN_LASTS = timedelta(minutes=30)


async def make_link(
    session: AsyncSession,
    signer: Signer,
    member: Member,
    origin: str,
    now: datetime,
    *,
    lasts: timedelta = INVITATION_LASTS,
) -> str:
    """The whole address. Opening it asks for a press on a button, so that programs that look at
    links in messages do not use it up."""
    token = secrets.token_urlsafe(24)
    session.add(
        SignInLink(
            member_id=member.key, token_digest=digest(token), made_at=now, expires_at=now + lasts
        )
    )
    await session.flush()
    return f"{origin}/counter/welcome/{signer.sign(token, purpose=PURPOSE)}"


async def look_at_link(
    session: AsyncSession, signer: Signer, signed: str, *, now: datetime
) -> Member:
    """Whose link this is, without using it. Raises LinkNoLongerValid."""
    link = await _find(session, signer, signed, now=now)
    return await _whose(session, link)


async def use_link(session: AsyncSession, signer: Signer, signed: str, *, now: datetime) -> Member:
    """Use it up. Of two presses at once only one gets in. Raises LinkNoLongerValid."""
    link = await _find(session, signer, signed, now=now)
    used = await session.exec(
        update(SignInLink)
        .where(col(SignInLink.id) == link.id, col(SignInLink.used_at).is_(None))
        .values(used_at=now)
    )
    if used.rowcount != 1:
        raise LinkNoLongerValid()
    return await _whose(session, link)


async def _find(session: AsyncSession, signer: Signer, signed: str, *, now: datetime) -> SignInLink:
    token = signer.open(signed, purpose=PURPOSE, max_age=int(INVITATION_LASTS.total_seconds()))
    query = select(SignInLink).where(
        col(SignInLink.token_digest) == digest(str(token)),
        col(SignInLink.used_at).is_(None),
        col(SignInLink.expires_at) > now,
    )
    link = (await session.exec(query)).first()
    if link is None:
        raise LinkNoLongerValid()
    return link


async def _whose(session: AsyncSession, link: SignInLink) -> Member:
    member = await session.get(Member, link.member_id)
    if member is None or member.left_at is not None:
        raise LinkNoLongerValid()
    return member
