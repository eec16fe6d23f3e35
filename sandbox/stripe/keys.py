"""Who is asking: the secret key, the API version, and the account acted for."""

import base64
import binascii

from aiohttp import web
from stripe import api_version

from sandbox.stripe.errors import Invalid, NotAllowed, Unauthenticated
from sandbox.stripe.things import new_id
from sandbox.stripe.world import Account, Call, World

LIVE = ("sk_live_", "rk_live_")


def identify(world: World, request: web.Request, request_id: str) -> Call:
    key = _key(request)
    account = _account(world, key)
    wanted = f"{request.method} {request.path.removeprefix('/stripe')}"
    if any(wanted.startswith(right) for right in world.lacks[key]):
        raise NotAllowed(f"The provided key {_hidden(key)} lacks the right to {wanted}.")
    version = request.headers.get("Stripe-Version", api_version)
    if version != api_version:
        raise Invalid(f"Invalid Stripe API version: {version[:40]}. Here it is {api_version}.")
    acting_for = _acting_for(world, account, request.headers.get("Stripe-Account", account.id))
    return Call(
        world=world,
        account=acting_for,
        request_id=request_id,
        idempotency_key=request.headers.get("Idempotency-Key") or new_id("", 36).lower(),
        origin=str(request.url.origin()),
        platform=account.id if acting_for is not account else "",
    )


def _key(request: web.Request) -> str:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return value.strip() if scheme.lower() == "bearer" else ""


def _account(world: World, key: str) -> Account:
    if not key:
        raise Unauthenticated("No API key was provided: send it as a Bearer token.")
    if key.startswith(LIVE):
        raise Unauthenticated("A live key was sent to the sandbox. Take it out and roll it.")
    if key not in world.keys:
        raise Unauthenticated(f"Invalid API Key provided: {_hidden(key)}")
    return world.keys[key]


def _hidden(key: str) -> str:
    return f"{key[:8]}***{key[-4:]}" if len(key) > 16 else "***"


def _acting_for(world: World, account: Account, account_id: str) -> Account:
    """Itself, or an account connected to this platform (Stripe-Account header)."""
    if account_id == account.id:
        return account
    other = world.accounts.get(account_id)
    if other is None or other.settings.platform != account.id:
        raise NotAllowed(
            f"The provided key does not have access to account '{account_id[:60]}' "
            "(or that account does not exist).",
            code="account_invalid",
        )
    return other
