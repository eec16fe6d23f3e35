"""Having Stripe make a session for an attempt, and what to do with it when it is there."""

from datetime import datetime
from functools import partial
from typing import Any

import stripe
from stripe.checkout import Session as StripeSession
from stripe.params.checkout import SessionCreateParams

from core.clock import Clock
from core.database import Database
from core.rows import change
from payments.asking import ask
from payments.clients import Stripes
from payments.closing import close_attempt
from payments.errors import BelowMinimum, PaymentsRefused, PaymentsUnavailable
from payments.models import Payable, PaymentAttempt, StripeAccount
from payments.pay_page import CheckoutOrder, session_params
from payments.reading import Seen, read
from payments.settling import FIRST_CHECK, lock_attempt
from payments.tags import ATTEMPT_TAG, REFERENCE_TAG, tags_for


async def create_session(
    db: Database,
    stripes: Stripes,
    clock: Clock,
    attempt: PaymentAttempt,
    order: CheckoutOrder,
    *,
    account: StripeAccount,
    payable: Payable,
) -> str | None:
    """The address of the attempt's page; None if the attempt was overtaken meanwhile."""
    marks = tags_for(account.tag) | {
        ATTEMPT_TAG: str(attempt.key), REFERENCE_TAG: payable.reference,
    }  # fmt: skip
    params = session_params(
        order, payable.amount, reference=payable.reference, metadata=marks,
        expires_at=attempt.expires_at,
        fee_bp=stripes.settings.connect_fee_bp if account.is_connected else 0,
    )  # fmt: skip
    create = partial(_create, params=params, key=attempt.idempotency_key)
    try:
        made = await ask(db, stripes, clock, attempt.shop_id, create, account=account)
    except (PaymentsRefused, PaymentsUnavailable) as trouble:
        await _note_trouble(db, attempt.key, trouble, clock())
        raise _in_our_words(trouble) from trouble
    return await _opened(db, stripes, clock, attempt.key, read(made))


async def _create(
    client: stripe.StripeClient, *, params: SessionCreateParams, key: str
) -> StripeSession:
    sessions = client.v1.checkout.sessions
    try:
        return await sessions.create_async(params, {"idempotency_key": key})
    except stripe.InvalidRequestError as refused:
        if refused.param != "customer_email":
            raise
        # Stripe knows fewer addresses than the world has; its page then asks for one. What
        # failed validation is not stored under the key.
        params.pop("customer_email", None)
        return await sessions.create_async(params, {"idempotency_key": key})


async def _opened(
    db: Database, stripes: Stripes, clock: Clock, attempt_id: int, seen: Seen
) -> str | None:
    """Another request may have opened, used or replaced the attempt meanwhile."""
    now = clock()
    async with db.transaction() as session:
        payable, attempt = await lock_attempt(session, attempt_id)
        news: dict[str, Any] = {"session_id": seen.session_id, "url": seen.url}
        if attempt.state == "creating":
            news |= {
                "state": "open", "opened_at": now, "expires_at": seen.expires_at,
                "check_at": now + FIRST_CHECK,
            }  # fmt: skip
        await change(session, attempt, **news)
        is_wanted = attempt.state == "open" and payable.closed_at is None
    if is_wanted:
        return seen.url
    await close_attempt(db, stripes, clock, attempt_id=attempt_id, replaced=True)
    return None


async def _note_trouble(
    db: Database,
    attempt_id: int,
    trouble: PaymentsRefused | PaymentsUnavailable,
    now: datetime,
) -> None:
    """An unclear end leaves the attempt as it is: the same key is tried again. After a stored
    5xx that key is burnt; should a session exist after all, nobody has its address."""
    if isinstance(trouble, PaymentsUnavailable) and not trouble.is_stored:
        return
    async with db.transaction() as session:
        _, attempt = await lock_attempt(session, attempt_id)
        if attempt.state == "creating":
            attempt.state, attempt.ended_at = "failed", now
            attempt.problem = trouble.reason[:300]
            session.add(attempt)


def _in_our_words(trouble: PaymentsRefused | PaymentsUnavailable) -> Exception:
    """Currencies without a known minimum are refused by Stripe, which names it in its words."""
    if isinstance(trouble, PaymentsRefused) and trouble.stripe_code == "amount_too_small":
        return BelowMinimum()
    return trouble
