"""What a key must be allowed to do, by the names Stripe's dashboard gives it, and how to find out.

Nothing changes at Stripe: writing is tried with an empty request, which is refused as invalid where
the right is there, as forbidden elsewhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

import stripe

from payments.asking import TROUBLE, translate
from payments.errors import KeyLacksRights, KeyRefusedByStripe, KeyRejected, PaymentsRefused

Try = Callable[[stripe.StripeClient], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Right:
    """`why` is a msgid: what goes wrong without it. Without what is not `is_needed` shops sell."""

    name: str
    level: Literal["Read", "Write"]
    why: str
    attempt: Try
    is_needed: bool = True

    @property
    def key(self) -> str:
        return f"{self.name}: {self.level}"


RIGHTS = (
    Right("Checkout Sessions", "Write", "Without it nobody can be sent to a pay page.",
          lambda client: client.v1.checkout.sessions.create_async({})),
    Right("Checkout Sessions", "Read", "Without it the shop cannot see who has paid.",
          lambda client: client.v1.checkout.sessions.list_async({"limit": 1})),
    Right("PaymentIntents", "Read", "Without it the shop cannot see whether a bank debit arrived.",
          lambda client: client.v1.payment_intents.list_async({"limit": 1})),
    Right("Charges and Refunds", "Write", "Without it no money can be given back from here.",
          lambda client: client.v1.refunds.create_async({})),
    Right("Charges and Refunds", "Read", "Without it nobody here sees what became of a refund.",
          lambda client: client.v1.refunds.list_async({"limit": 1})),
    Right("Disputes", "Read", "Without it you would not be warned of a dispute's deadline.",
          lambda client: client.v1.disputes.list_async({"limit": 1})),
    Right("Events", "Read", "Without it, news that got lost is found by comparing lists only.",
          lambda client: client.v1.events.list_async({"limit": 1}), is_needed=False),
    Right("Webhook Endpoints", "Write", "Without it you set the webhook up by hand, in two minutes.",
          lambda client: client.v1.webhook_endpoints.create_async(
              {"enabled_events": [], "url": ""}), is_needed=False),
)  # fmt: skip


async def try_rights(client: stripe.StripeClient) -> dict[str, bool]:
    """Raises KeyRefusedByStripe, or PaymentsUnavailable when Stripe cannot be asked."""
    return {right.key: await _may(client, right.attempt) for right in RIGHTS}


def missing_of(rights: dict[str, bool], *, needed: bool = True) -> list[Right]:
    """Those found to be missing; what was never tried is not known to be missing."""
    return [one for one in RIGHTS if one.is_needed == needed and rights.get(one.key) is False]


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
