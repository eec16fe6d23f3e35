"""Whether Stripe lets an account take money, and what is missing where it does not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.events import record
from payments.accounts import find_account, get_account
from payments.asking import ask
from payments.clients import Stripes
from payments.events import PaymentsResumed, PaymentsStopped
from payments.models import StripeAccount

MOST_REQUIREMENTS = 20


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """`requirements` in Stripe's words; `payments.words` says them in ours."""

    account_id: str
    name: str | None
    country: str | None
    currency: str | None
    charges_enabled: bool | None
    payouts_enabled: bool | None
    requirements: tuple[str, ...]


def read_account(found: stripe.Account) -> SeenAccount:
    return SeenAccount(
        account_id=found.id,
        name=_name(found),
        country=(getattr(found, "country", None) or "")[:2].upper() or None,
        currency=(getattr(found, "default_currency", None) or "")[:3].upper() or None,
        charges_enabled=getattr(found, "charges_enabled", None),
        payouts_enabled=getattr(found, "payouts_enabled", None),
        requirements=_requirements(getattr(found, "requirements", None)),
    )


def _name(found: stripe.Account) -> str | None:
    settings = getattr(found, "settings", None)
    for part in (getattr(found, "business_profile", None), getattr(settings, "dashboard", None)):
        name = getattr(part, "name", None) or getattr(part, "display_name", None)
        if name:
            return str(name)[:200]
    return None


def _requirements(asked: Any) -> tuple[str, ...]:
    """What is overdue stops the money; what is due soon is asked for beside it."""
    if asked is None:
        return ()
    due = [
        *(getattr(asked, "past_due", None) or ()),
        *(getattr(asked, "currently_due", None) or ()),
    ]
    why = getattr(asked, "disabled_reason", None)
    return tuple(dict.fromkeys([*([str(why)] if why else []), *map(str, due)]))[:MOST_REQUIREMENTS]


async def look_at_account(
    db: Database, stripes: Stripes, clock: Clock, *, shop_id: int
) -> StripeAccount | None:
    """Job. Reads the account again; a restricted key need not be allowed to, and then nothing
    changes."""
    async with db.reading() as session:
        account = await find_account(session, shop_id)
    if account is None or (account.is_connected and account.account_id is None):
        return account

    async def retrieve(client: stripe.StripeClient) -> stripe.Account:
        return await client.v1.accounts.retrieve_current_async()

    is_needed = account.is_connected
    seen = read_account(await ask(db, stripes, clock, shop_id, retrieve, is_needed=is_needed))
    async with db.transaction() as session:
        return await apply_account(session, await get_account(session, shop_id), seen, clock())


async def apply_account(
    session: AsyncSession, account: StripeAccount, seen: SeenAccount, now: datetime
) -> StripeAccount:
    """Take over what was seen; when charges go off or on again, that is told once."""
    if account.account_id != seen.account_id and account.account_id is not None:
        account.account_since, account.events_until = now, None
    could = account.charges_enabled
    account.account_id, account.account_name = seen.account_id, seen.name
    account.country, account.currency = seen.country, seen.currency
    account.charges_enabled, account.payouts_enabled = seen.charges_enabled, seen.payouts_enabled
    account.requirements = list(seen.requirements)
    session.add(account)
    if could and seen.charges_enabled is False:
        record(session, PaymentsStopped(account.shop_id, "charges_off"))
    if could is False and seen.charges_enabled:
        record(session, PaymentsResumed(account.shop_id))
    return account
