"""Passwords: hashed with argon2 beside the event loop, a few at a time."""

import asyncio

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from staff.errors import WeakPassword

SHORTEST, LONGEST = 10, 200


class Passwords:
    """One argon2 run takes about 0.1 s of a core and 64 MB: at most `at_once` run together,
    so that a flood of sign-ins makes sign-ins slow and nothing else."""

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = 2) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(at_once)
        # What an unknown address is checked against, so that it takes as long as a known one.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is the one behind the hash; the same work without a hash."""
        async with self._turn:
            right = await asyncio.to_thread(
                self._verify, password_hash or self._nobody, password[:LONGEST]
            )
        return right and password_hash is not None

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


PASSWORDS: web.AppKey[Passwords] = web.AppKey("passwords", Passwords)


def check_strength(password: str, email: str | None) -> None:
    """Raises WeakPassword. Length counts, not signs and digits (NIST SP 800-63B)."""
    if (
        not SHORTEST <= len(password) <= LONGEST
        or password.strip().lower() == (email or "").lower()
    ):
        raise WeakPassword()
