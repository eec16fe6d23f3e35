"""How far a shop has got with its payments: steps, and what each still needs, in words."""

import ipaddress
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import stripe

from payments.amounts import NOT_TAKEN
from payments.models import StripeAccount
from payments.rights import missing_of

State = Literal["good", "open", "bad"]


@dataclass(frozen=True, slots=True)
class Check:
    """`label` and `sentence` are msgids."""

    label: str
    state: State
    sentence: str = ""


def is_public(origin: str) -> bool:
    """Whether Stripe's webhooks can get here: over https, and from outside."""
    parts = urlsplit(origin)
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or "." not in host or host.endswith((".local", ".localhost")):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True


def readiness(account: StripeAccount, currency: str, origin: str) -> list[Check]:
    return [
        _mode(account), _charges(account), _payouts(account), _currency(account, currency),
        _address(origin), _endpoint(account, origin),
    ]  # fmt: skip


def is_ready(account: StripeAccount) -> bool:
    """Whether a test payment is worth a try."""
    return (
        account.charges_enabled is not False
        and account.problem is None
        and not missing_of(account.rights)
        and (not account.is_connected or account.account_id is not None)
    )


def _mode(account: StripeAccount) -> Check:
    if account.livemode:
        return Check("Mode", "good", "Live: customers pay with real money.")
    return Check("Mode", "open", "Test mode: nothing is charged. Paste a live key (rk_live_…) when you open.")  # fmt: skip


def _charges(account: StripeAccount) -> Check:
    if account.charges_enabled:
        return Check("Taking payments", "good")
    if account.charges_enabled is False:
        return Check("Taking payments", "bad", "Stripe does not let this account take payments yet.")  # fmt: skip
    return Check("Taking payments", "open", "This key may not look. Stripe's dashboard says at the top if something is missing.")  # fmt: skip


def _payouts(account: StripeAccount) -> Check:
    if account.payouts_enabled:
        return Check("Payouts to your bank", "good")
    if account.payouts_enabled is False:
        return Check("Payouts to your bank", "bad", "Stripe keeps the money for now: add your bank account in Stripe's dashboard.")  # fmt: skip
    return Check("Payouts to your bank", "open", "This key may not look. Stripe's dashboard says it under Balances.")  # fmt: skip


def _currency(account: StripeAccount, currency: str) -> Check:
    if currency in NOT_TAKEN:
        return Check("Currency", "bad", "Stripe does not take payments in your shop's currency.")
    if account.currency and account.currency != currency:
        return Check("Currency", "open", "Your account is kept in another currency than the shop's prices. Stripe exchanges what comes in, for a fee.")  # fmt: skip
    return Check("Currency", "good")


def _address(origin: str) -> Check:
    if is_public(origin):
        return Check("Address of the shop", "good")
    return Check("Address of the shop", "open", "Stripe cannot reach this address (BASE_URL is not a public https address). The shop asks Stripe every few minutes instead; payments are noticed a little later.")  # fmt: skip


def _endpoint(account: StripeAccount, origin: str) -> Check:
    if account.is_connected:
        return Check("News from Stripe", "good", "They come through the platform.")
    if not account.sealed_webhook_secrets:
        return Check("News from Stripe", "open", "Not set up yet.")
    if account.endpoint_status == "missing":
        return Check("News from Stripe", "bad", "Stripe has no endpoint for this shop any more. Set it up anew.")  # fmt: skip
    if account.endpoint_status == "disabled":
        return Check("News from Stripe", "bad", "Stripe has switched the endpoint off. Set it up anew.")  # fmt: skip
    if account.endpoint_version not in (None, stripe.api_version):
        return Check("News from Stripe", "open", "The endpoint speaks another version of Stripe's API than this program. It works; set it up anew to bring it up to date.")  # fmt: skip
    return Check("News from Stripe", "good")
