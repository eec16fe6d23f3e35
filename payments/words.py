"""Stripe's short words in sentences for the counter (Stripe docs: failed refunds, refund object)."""

_SENTENCES = {
    "charge_already_refunded": "This payment was already refunded in Stripe's dashboard.",
    "charge_disputed": "The buyer's bank has disputed this payment, so Stripe refunds nothing.",
    "insufficient_funds": "There is not enough money in your Stripe balance.",
    "expired_or_canceled_card": "The buyer's card is expired or cancelled.",
    "lost_or_stolen_card": "The buyer's card was reported lost or stolen.",
    "charge_for_pending_refund_disputed": "The buyer's bank has disputed this payment meanwhile.",
    "declined": "The buyer's bank has declined the refund.",
    "merchant_request": "The refund was stopped at the shop's request.",
    "charge_pending": "The payment itself is not settled yet.",
    "processing": "The bank is still working on it.",
}


def explain_refund(reason: str) -> str:
    """A msgid for why a refund failed or waits. Unknown words lead to the dashboard."""
    return _SENTENCES.get(reason, "Stripe's dashboard says more about this refund.")
