"""A shop's Stripe account: kept, found, and what is wrong with its key."""

import secrets
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.vault import Vault
from payments.errors import (
    NotAKey,
    NotAWebhookSecret,
    PaymentsNotSetUp,
    PaymentsPaused,
    PublishableKey,
    WebhookSecretInstead,
)
from payments.events import PaymentsResumed, PaymentsStopped, StripeKeyRejected
from payments.models import AccountProblem, StripeAccount

KEPT_WEBHOOK_SECRETS = 2
_LONGEST = 300

_OF_SHOP = select(StripeAccount).where(col(StripeAccount.shop_id) == bindparam("shop_id"))


async def find_account(session: AsyncSession, shop_id: int) -> StripeAccount | None:
    return (await session.exec(_OF_SHOP, params={"shop_id": shop_id})).first()


async def get_account(session: AsyncSession, shop_id: int) -> StripeAccount:
    """Raises PaymentsNotSetUp."""
    account = await find_account(session, shop_id)
    if account is None:
        raise PaymentsNotSetUp()
    return account


async def find_account_by_path(session: AsyncSession, path_token: str) -> StripeAccount | None:
    query = select(StripeAccount).where(col(StripeAccount.path_token) == path_token)
    return (await session.exec(query)).first()


async def find_connected(
    session: AsyncSession, account_id: str, *, livemode: bool
) -> StripeAccount | None:
    """Which shop a connected account belongs to; its ids in the two modes are two accounts."""
    query = select(StripeAccount).where(
        col(StripeAccount.account_id) == account_id,
        col(StripeAccount.is_connected),
        col(StripeAccount.livemode) == livemode,
    )
    return (await session.exec(query)).first()


async def begin_connecting(
    session: AsyncSession, shop_id: int, *, livemode: bool, by: str, now: datetime
) -> StripeAccount:
    """The row first, so that the account made for it at Stripe is made once."""
    account = await find_account(session, shop_id)
    if account is None:
        account = StripeAccount(
            shop_id=shop_id, sealed_key="", key_hint="", livemode=livemode, connected_at=now,
            path_token=new_path_token(), account_since=now,
        )  # fmt: skip
    if not account.is_connected or account.livemode != livemode:
        account.account_id = account.account_name = None
        account.charges_enabled = account.payouts_enabled = None
        account.requirements, account.rights = [], {}
        account.sealed_key = account.key_hint = ""
        account.account_since = account.connected_at = now
    account.is_connected, account.livemode, account.connected_by = True, livemode, by
    session.add(account)
    await session.flush()
    return account


async def keep_account(
    session: AsyncSession,
    vault: Vault,
    shop_id: int,
    *,
    key: SecretStr,
    webhook_secret: SecretStr | None = None,
    account_id: str | None = None,
    account_name: str | None = None,
    path_token: str | None = None,
    by: str | None = None,
    now: datetime,
) -> StripeAccount:
    """Store a key, in place of a former one. The webhook address stays the same for ever."""
    account = await find_account(session, shop_id)
    text = check_key(key)
    if account is None:
        account = StripeAccount(
            shop_id=shop_id, sealed_key="", key_hint="", livemode=False, connected_at=now,
            path_token=path_token or new_path_token(),
        )  # fmt: skip
    if account.is_connected or account.account_id != account_id or account.id is None:
        account.account_since = now
        account.charges_enabled = account.payouts_enabled = None
        account.events_until, account.requirements = None, []
    account.is_connected = False
    account.sealed_key = vault.seal(SecretStr(text))
    account.key_hint = f"{text[:8]}…{text[-4:]}"
    account.livemode = is_live_key(text)
    account.account_id, account.account_name = account_id, account_name
    account.connected_at, account.connected_by = now, by
    account.problem, account.problem_at = None, None
    session.add(account)
    if webhook_secret is not None:
        keep_webhook_secret(account, vault, webhook_secret)
    await session.flush()
    return account


def new_path_token() -> str:
    return secrets.token_urlsafe(24)


def check_key(key: SecretStr) -> str:
    """What was pasted, without the blanks around it. Raises NotAKey in the words that help."""
    text = key.get_secret_value().strip()
    if text.startswith("pk_"):
        raise PublishableKey()
    if text.startswith("whsec_"):
        raise WebhookSecretInstead()
    fits = text.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_"))
    if not fits or not 16 <= len(text) <= _LONGEST or not text.isascii() or not text.isprintable():
        raise NotAKey()
    return text


def is_live_key(text: str) -> bool:
    return text[3:8] == "live_"


def keep_webhook_secret(account: StripeAccount, vault: Vault, secret: SecretStr) -> None:
    """The former one stays valid beside it, for deliveries that are still under way."""
    text = secret.get_secret_value().strip()
    if not text.startswith("whsec_") or not 12 <= len(text) <= _LONGEST:
        raise NotAWebhookSecret()
    former = [
        sealed
        for sealed in account.sealed_webhook_secrets
        if vault.open(sealed).get_secret_value() != text
    ]
    newest = vault.seal(SecretStr(text))
    account.sealed_webhook_secrets = [newest, *former][:KEPT_WEBHOOK_SECRETS]


async def note_problem(
    session: AsyncSession, shop_id: int, problem: AccountProblem | None, *, now: datetime
) -> None:
    """Remember that Stripe refused the key, or (None) that it works again. Told once."""
    account = await find_account(session, shop_id)
    if account is None or account.problem == problem:
        return
    account.problem, account.problem_at = problem, now if problem else None
    session.add(account)
    if problem == "disconnected":
        record(session, PaymentsStopped(shop_id, problem))
    elif problem is not None:
        record(session, StripeKeyRejected(shop_id, problem))
    else:
        record(session, PaymentsResumed(shop_id))


def check_takes_money(account: StripeAccount) -> None:
    """Raises PaymentsPaused, in the buyer's words, where Stripe would take nothing."""
    if account.problem == "disconnected" or account.charges_enabled is False:
        raise PaymentsPaused()
    if account.is_connected and account.account_id is None:
        raise PaymentsPaused()
