"""Is this key any good? Asked of Stripe before it is kept, without changing anything there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import stripe
from pydantic import SecretStr

from payments.accounts import check_key, is_live_key
from payments.asking import TROUBLE, translate
from payments.clients import Stripes
from payments.errors import KeyLacksRights, KeyRefusedByStripe, KeyRejected, PaymentsRefused

Try = Callable[[stripe.StripeClient], Awaitable[Any]]

# Rights the shop cannot sell without, by the names Stripe's dashboard gives them. Writing is
# tried with an empty request: refused as invalid where the right is there, as forbidden elsewhere.
NEEDED: dict[str, Try] = {
    "Checkout Sessions: write": lambda client: client.v1.checkout.sessions.create_async({}),
    "Checkout Sessions: read": lambda client: client.v1.checkout.sessions.list_async({"limit": 1}),
    "Payment Intents: read": lambda client: client.v1.payment_intents.list_async({"limit": 1}),
    "Refunds: write": lambda client: client.v1.refunds.create_async({}),
    "Refunds: read": lambda client: client.v1.refunds.list_async({"limit": 1}),
    "Disputes: read": lambda client: client.v1.disputes.list_async({"limit": 1}),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """`missing` names rights the key lacks; empty is what it should be."""

    livemode: bool
    account_id: str | None
    account_name: str | None
    missing: tuple[str, ...]


async def check_with_stripe(stripes: Stripes, key: SecretStr) -> Checked:
    """Raises NotAKey, KeyRefusedByStripe, or PaymentsUnavailable when Stripe cannot be asked."""
    text = check_key(key)
    client = stripes.client_with(SecretStr(text))
    missing = tuple([name for name, attempt in NEEDED.items() if not await _may(client, attempt)])
    account = await _account(client)
    return Checked(
        livemode=is_live_key(text),
        account_id=account.id if account else None,
        account_name=_name(account),
        missing=missing,
    )


async def _may(client: stripe.StripeClient, attempt: Try) -> bool:
    try:
        await attempt(client)
    except TROUBLE as error:
        failure = translate(error)
        if isinstance(failure, KeyLacksRights):
            return False
        if isinstance(failure, KeyRejected):
            raise KeyRefusedByStripe() from None
        if not isinstance(failure, PaymentsRefused):
            raise failure from error
    return True


async def _account(client: stripe.StripeClient) -> stripe.Account | None:
    """Restricted keys need not be allowed to see it; it is only for showing."""
    try:
        return await client.v1.accounts.retrieve_current_async()
    except TROUBLE:
        return None


def _name(account: stripe.Account | None) -> str | None:
    if account is None:
        return None
    for part in (account.business_profile, account.settings and account.settings.dashboard):
        name = getattr(part, "name", None) or getattr(part, "display_name", None)
        if name:
            return str(name)[:200]
    return None
