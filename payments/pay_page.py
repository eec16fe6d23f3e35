"""What a buyer sees on Stripe's page, as the parameters of a Checkout Session."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem

from core.money import Money
from payments.amounts import to_stripe
from payments.errors import AmountNotPayable

MOST_LINES = 100
LONGEST_NAME = 200
_SHIPPING = {"de": "Versand", "en": "Shipping"}
_WHOLE_ORDER = {"de": "Bestellung", "en": "Order"}


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """`lines`: name, quantity and the line's total after discounts. The hold on the goods ends at
    `expires_at`; Stripe keeps a session open for at least 30 minutes all the same."""

    lines: Sequence[tuple[str, int, int]]
    shipping_minor: int
    email: str | None
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    number: str = ""

    @property
    def total_minor(self) -> int:
        return sum(total for _, _, total in self.lines) + self.shipping_minor


def content_hash(order: CheckoutOrder, amount: Money) -> str:
    """Of all that the buyer sees; when the page closes is no part of it."""
    content = asdict(order) | {"expires_at": None, "amount": [amount.minor, amount.currency]}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def session_params(
    order: CheckoutOrder,
    amount: Money,
    *,
    reference: str,
    metadata: dict[str, str],
    expires_at: datetime,
    fee_bp: int = 0,
) -> SessionCreateParams:
    """Adaptive Pricing stays off: the buyer was promised this total in this currency.

    `fee_bp`: what the platform keeps of it, in hundredths of a percent.
    """
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": _line_items(order, amount),
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "client_reference_id": reference,
        "expires_at": int(expires_at.timestamp()),
        "adaptive_pricing": {"enabled": False},
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        "locale": "de" if order.locale.startswith("de") else "en",
    }
    if fee := platform_fee(amount, fee_bp):
        params["payment_intent_data"]["application_fee_amount"] = fee
    if order.email:
        params["customer_email"] = order.email
    return params


def platform_fee(amount: Money, fee_bp: int) -> int:
    """As Stripe counts the currency; half a unit is rounded up."""
    return (to_stripe(amount) * fee_bp + 5_000) // 10_000


def _line_items(order: CheckoutOrder, amount: Money) -> list[SessionCreateParamsLineItem]:
    lines = list(order.lines)
    if order.shipping_minor:
        lines.append((_in_words(_SHIPPING, order.locale), 1, order.shipping_minor))
    if len(lines) <= MOST_LINES:
        try:
            return [
                _item(name, count, Money(total, amount.currency)) for name, count, total in lines
            ]
        except AmountNotPayable:
            pass  # A single line may be unsayable (KWD 1.234) where their sum is not.
    name = f"{_in_words(_WHOLE_ORDER, order.locale)} {order.number}".strip()
    return [_item(name, 1, amount)]


def _item(name: str, count: int, total: Money) -> SessionCreateParamsLineItem:
    """A total that does not divide goes as one piece with the number in its name."""
    if total.minor % count or to_stripe(total) % count:
        name, count = f"{count} × {name}", 1
    unit = to_stripe(Money(total.minor // count, total.currency))
    cleaned = " ".join(name.split())[:LONGEST_NAME] or "–"
    return {
        "price_data": {
            "currency": total.currency.lower(),
            "unit_amount": unit,
            "product_data": {"name": cleaned},
        },
        "quantity": count,
    }


def _in_words(words: dict[str, str], locale: str) -> str:
    return words.get(locale[:2], words["en"])
