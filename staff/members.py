"""Who works at a shop: hiring, roles, leaving."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from staff.errors import EmailTaken, LastOwner, UnknownMember
from staff.models import Member, Role
from staff.passwords import Passwords, check_strength
from staff.sessions import end_all_sessions


def normal_email(email: str) -> str:
    return email.strip().lower()


async def hire(  # noqa: PLR0917
    session: AsyncSession,
    shop_id: int,
    name: str,
    email: str,
    role: Role,
    password: str | None = None,
    *,
    passwords: Passwords | None = None,
    locale: str = "de",
    now: datetime,
) -> Member:
    """Somebody new. Without a password they choose one when they open their first link.

    Raises EmailTaken or WeakPassword.
    """
    member = Member(
        shop_id=shop_id,
        name=" ".join(name.split())[:80],
        email=normal_email(email),
        role=role,
        locale=locale,
        hired_at=now,
    )
    if password is not None:
        check_strength(password, member.email)
        member.password_hash = await (passwords or Passwords()).hash(password)
    try:
        async with session.begin_nested():
            session.add(member)
    except IntegrityError:
        raise EmailTaken() from None
    return member


async def list_members(session: AsyncSession, shop_id: int) -> Sequence[Member]:
    query = select(Member).where(col(Member.shop_id) == shop_id, col(Member.left_at).is_(None))
    return (await session.exec(query.order_by(col(Member.name), col(Member.id)))).all()


async def get_member(session: AsyncSession, shop_id: int, member_id: int) -> Member:
    """Somebody who works at this shop now. Raises UnknownMember."""
    member = await session.get(Member, member_id)
    if member is None or member.shop_id != shop_id or member.left_at is not None:
        raise UnknownMember()
    return member


async def find_by_email(session: AsyncSession, email: str) -> Member | None:
    query = select(Member).where(
        col(Member.email) == normal_email(email), col(Member.left_at).is_(None)
    )
    return (await session.exec(query)).first()


async def change_role(session: AsyncSession, shop_id: int, member_id: int, role: Role) -> Member:
    """Raises LastOwner."""
    member = await get_member(session, shop_id, member_id)
    if role != "owner":
        await _keep_an_owner(session, member)
    member.role = role
    session.add(member)
    return member


async def let_set_prices(
    session: AsyncSession, shop_id: int, member_id: int, *, allowed: bool
) -> Member:
    """Raises UnknownMember."""
    member = await get_member(session, shop_id, member_id)
    member.sets_prices = allowed
    session.add(member)
    return member


async def dismiss(session: AsyncSession, shop_id: int, member_id: int, *, now: datetime) -> Member:
    """They are signed out everywhere at once; what they wrote keeps their name. Raises LastOwner."""
    member = await get_member(session, shop_id, member_id)
    await _keep_an_owner(session, member)
    member.left_at, member.email, member.password_hash = now, None, None
    session.add(member)
    await end_all_sessions(session, member.key)
    return member


async def set_password(
    session: AsyncSession, member: Member, password: str, *, passwords: Passwords
) -> None:
    """A new password ends every session there is; the caller opens a new one. Raises WeakPassword."""
    check_strength(password, member.email)
    member.password_hash = await passwords.hash(password)
    session.add(member)
    await end_all_sessions(session, member.key)


async def _keep_an_owner(session: AsyncSession, leaving: Member) -> None:
    # All owners are locked, so that two owners who dismiss each other do not both succeed.
    query = (
        select(Member)
        .where(
            col(Member.shop_id) == leaving.shop_id,
            col(Member.role) == "owner",
            col(Member.left_at).is_(None),
        )
        .order_by(col(Member.id))
        .with_for_update(key_share=True)
    )
    if not {owner.id for owner in (await session.exec(query)).all()} - {leaving.id}:
        raise LastOwner()
