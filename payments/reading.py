"""What a Checkout Session looks like from here: the few facts that decide."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import stripe
from stripe.checkout import Session as StripeSession

from core.clock import Clock
from core.database import Database
from core.money import Money
from payments.amounts import from_stripe
from payments.asking import ask
from payments.clients import Stripes

Verdict = Literal["open", "processing", "paid", "failed", "expired"]

# A debit that bounced leaves the session complete and unpaid; only the intent tells.
_DEAD_INTENTS = ("requires_payment_method", "canceled")


@dataclass(frozen=True, slots=True)
class Seen:
    """`paid` is a late verdict too: it beats every other, whatever was read before."""

    session_id: str
    verdict: Verdict
    amount: Money
    intent_id: str | None
    url: str | None
    expires_at: datetime
    metadata: dict[str, str]


async def look(db: Database, stripes: Stripes, clock: Clock, shop_id: int, session_id: str) -> Seen:
    """Read the session from Stripe."""

    async def retrieve(client: stripe.StripeClient) -> StripeSession:
        return await client.v1.checkout.sessions.retrieve_async(
            session_id, {"expand": ["payment_intent"]}
        )

    return read(await ask(db, stripes, clock, shop_id, retrieve))


def read(found: StripeSession) -> Seen:
    """Works with the intent expanded and, for sessions that have none yet, without."""
    intent = found.payment_intent
    return Seen(
        session_id=found.id,
        verdict=_verdict(found, intent),
        amount=from_stripe(found.amount_total or 0, found.currency or "eur"),
        intent_id=intent if isinstance(intent, str) or intent is None else intent.id,
        url=found.url,
        expires_at=datetime.fromtimestamp(found.expires_at, UTC),
        metadata=dict(found.metadata.to_dict()) if found.metadata else {},
    )


def _verdict(found: StripeSession, intent: str | stripe.PaymentIntent | None) -> Verdict:
    if found.status == "complete":
        if found.payment_status in ("paid", "no_payment_required"):
            return "paid"
        bounced = not isinstance(intent, str | None) and intent.status in _DEAD_INTENTS
        return "failed" if bounced else "processing"
    return "expired" if found.status == "expired" else "open"
