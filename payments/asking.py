"""Every call to Stripe goes through here: errors get our names, a dead key is remembered."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import stripe

from core.clock import Clock
from core.database import Database
from core.logs import log, scrub
from payments.accounts import get_account, note_problem
from payments.clients import Stripes
from payments.errors import KeyLacksRights, KeyRejected, PaymentsRefused, PaymentsUnavailable
from payments.models import AccountProblem, StripeAccount

T = TypeVar("T")

# The SDK reads the body outside its own try block, so a cut connection surfaces raw.
TROUBLE = (stripe.StripeError, aiohttp.ClientError, TimeoutError)

# Seconds: somebody has to paste a new key first.
KEY_PATIENCE = 600.0


async def ask(
    db: Database,
    stripes: Stripes,
    clock: Clock,
    shop_id: int,
    call: Callable[[stripe.StripeClient], Awaitable[T]],
    *,
    is_needed: bool = True,
    account: StripeAccount | None = None,
) -> T:
    """Call Stripe with the shop's client; never inside a transaction. A key that lacks a right
    for what is not needed (`is_needed`) has no problem. `account`: if the caller has just read it.

    Raises PaymentsNotSetUp, PaymentsRefused, PaymentsUnavailable or KeyRejected.
    """
    if account is None:
        async with db.reading() as session:
            account = await get_account(session, shop_id)
    try:
        answer = await call(stripes.client_of(account))
    except TROUBLE as error:
        failure = translate(error)
        problem = _problem_of(failure, account)
        if problem is not None and (is_needed or problem != "key_lacks_rights"):
            await _note(db, clock, shop_id, problem)
        log(__name__).warning("stripe_trouble", shop_id=shop_id, trouble=str(failure))
        raise failure from error
    if account.problem is not None and (is_needed or account.problem != "key_lacks_rights"):
        await _note(db, clock, shop_id, None)
    return answer


def _problem_of(failure: Exception, account: StripeAccount) -> AccountProblem | None:
    """Stripe answers 403 for an account that the platform may not act for any more."""
    if isinstance(failure, KeyLacksRights):
        return "disconnected" if account.is_connected else "key_lacks_rights"
    return "key_rejected" if isinstance(failure, KeyRejected) else None


async def _note(db: Database, clock: Clock, shop_id: int, problem: AccountProblem | None) -> None:
    async with db.transaction() as session:
        await note_problem(session, shop_id, problem, now=clock())


def translate(error: Exception) -> PaymentsRefused | PaymentsUnavailable:
    """Stripe's error classes as our two families."""
    reason = _reason(error)
    match error:
        case stripe.PermissionError():
            return KeyLacksRights(reason=reason, retry_after=KEY_PATIENCE)
        case stripe.AuthenticationError():
            return KeyRejected(reason=reason, retry_after=KEY_PATIENCE)
        case stripe.InvalidRequestError() | stripe.CardError():
            return PaymentsRefused(
                reason=reason, stripe_code=error.code or "", param=error.param or ""
            )
        case stripe.StripeError():
            return PaymentsUnavailable(reason=reason, is_stored=_is_stored(error))
    return PaymentsUnavailable(reason=reason)


def _is_stored(error: stripe.StripeError) -> bool:
    status = error.http_status or 0
    if isinstance(error, stripe.IdempotencyError):
        # 409: the key is in use this moment. 400: it was used for something else.
        return status == 400
    return status >= 500 and not isinstance(error, stripe.APIConnectionError)


def _reason(error: Exception) -> str:
    if isinstance(error, stripe.StripeError):
        text = error.user_message or type(error).__name__
        return scrub(" ".join(text.split()))[:300]
    return type(error).__name__
