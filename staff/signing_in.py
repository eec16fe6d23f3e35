"""Signing in with e-mail address and password."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.limits import Limit
from staff.errors import SignInRefused
from staff.members import find_by_email, normal_email
from staff.models import Member
from staff.passwords import Passwords
from staff.sessions import forget_ended_sessions, open_session


class SignInLimits:
    """Who guesses is slowed down, by where they sit and by whose account they try."""

    def __init__(self) -> None:
        self.by_address = Limit(20, 600)
        self.by_email = Limit(8, 600)
        self.letters = Limit(3, 1800)

    def spend(self, address: str, email: str, *, now: datetime) -> None:
        """Raises TooManyRequests."""
        self.by_address.spend(address, now=now)
        self.by_email.spend(normal_email(email), now=now)

    def forgive(self, address: str, email: str) -> None:
        self.by_address.forgive(address)
        self.by_email.forgive(normal_email(email))


SIGN_IN_LIMITS: web.AppKey[SignInLimits] = web.AppKey("sign_in_limits", SignInLimits)


async def sign_in(
    db: Database,
    passwords: Passwords,
    email: str,
    password: str,
    *,
    browser: str,
    clock: Callable[[], datetime],
) -> tuple[Member, str]:
    """The member and the token for the cookie.

    Raises SignInRefused after the same work whether or not the address is known; the password
    is checked outside of any transaction, because it takes a while on purpose.
    """
    async with db.reading() as session:
        member = await find_by_email(session, email)
    fits = await passwords.fits(password, member.password_hash if member else None)
    if member is None or not fits:
        raise SignInRefused()
    async with db.transaction() as session:
        await _still_the_same(session, member)
        await forget_ended_sessions(session, now=clock())
        token = await open_session(session, member, browser=browser, now=clock())
    return member, token


async def _still_the_same(session: AsyncSession, member: Member) -> None:
    # Somebody may have been dismissed, or changed their password, while it was being checked.
    current = await session.get(Member, member.key)
    if current is None or current.password_hash != member.password_hash:
        raise SignInRefused()
