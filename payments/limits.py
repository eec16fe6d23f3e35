"""How often pay pages may be opened: against card testing, which fills shops with tries of stolen
cards, and against whoever keeps goods held by ordering and not paying.

Counted in the database, so all processes share it; people and addresses are kept as keyed digests.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import TooManyRequests
from core.macs import mac
from core.shared_limits import SharedLimit, spend, wait
from payments.errors import TooManyPayPages, TooManyTries
from payments.models import PaymentAttempt, StripeAccount

HOUR, DAY = 3600.0, 86400.0
USUAL = 120


@dataclass(frozen=True, slots=True)
class Payer:
    """Who wants to pay: a network address, and what names the person (customer, e-mail).

    `per_ten_minutes`: orders one address may place in that time; the other limits follow it, so
    that an installation has one number to raise (behind one address for a whole town, say).
    """

    address: str = ""
    people: tuple[str, ...] = ()
    per_ten_minutes: int = USUAL

    def keys(self, account: StripeAccount) -> list[str]:
        """An address is told by its kind, because many people may share one."""
        told = [f"p:{_digest(account, one)}" for one in self.people if one]
        return told + ([f"a:{_digest(account, self.address)}"] if self.address else [])


NOBODY = Payer()


def _digest(account: StripeAccount, text: str) -> str:
    return mac(account.path_token, text.strip().lower().encode())[:12].hex()


def _pages(per_ten_minutes: int, key: str) -> SharedLimit:
    if key.startswith("a:"):
        return SharedLimit("pages", 2 * per_ten_minutes, 600)
    return SharedLimit("pages", max(20, per_ten_minutes // 6), HOUR)


def _failures(per_ten_minutes: int, key: str) -> SharedLimit:
    """An address has many people behind it, one of whom must not lock the others out."""
    if key.startswith("a:"):
        return SharedLimit("failed", max(100, per_ten_minutes), DAY)
    return SharedLimit("failed", max(10, per_ten_minutes // 12), DAY)


async def spend_page(
    session: AsyncSession, account: StripeAccount, reference: str, payer: Payer, *, now: datetime
) -> list[str]:
    """Count one more pay page, in the transaction that decides on it; the keys go with the attempt.

    Raises TooManyTries where too much has failed, TooManyPayPages where too many were opened.
    """
    shop_id, rate, keys = account.shop_id, payer.per_ten_minutes, payer.keys(account)
    left = await wait(
        session, shop_id, [(_failures(rate, key), key) for key in keys], now=now
    )  # fmt: skip
    if left:
        raise TooManyTries(seconds=left)
    order = SharedLimit("order", max(12, rate // 10), HOUR)
    pages = [(order, reference), *((_pages(rate, key), key) for key in keys)]
    try:
        await spend(session, shop_id, pages, now=now)
    except TooManyRequests as refused:
        raise TooManyPayPages(seconds=int(refused.details["seconds"])) from None
    return [f"{rate}:{key}" for key in keys]


async def count_failure(session: AsyncSession, attempt: PaymentAttempt, *, now: datetime) -> None:
    """It ended without money: declined until time ran out, bounced, or just left alone."""
    for rate, key in _payers(attempt):
        await _failures(rate, key).charge(session, attempt.shop_id, key, now=now)


async def forgive(session: AsyncSession, attempt: PaymentAttempt) -> None:
    """Who has paid is no card tester. Others behind the same address are not known by that."""
    for rate, key in _payers(attempt):
        if key.startswith("p:"):
            await _failures(rate, key).forgive(session, attempt.shop_id, key)


def _payers(attempt: PaymentAttempt) -> list[tuple[int, str]]:
    parted = [one.partition(":") for one in attempt.payers]
    return [(int(rate), key) for rate, _, key in parted]
