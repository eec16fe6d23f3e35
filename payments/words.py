"""Stripe's short words in sentences for the counter (Stripe docs: failed refunds, requirements)."""

from collections.abc import Sequence

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

_REQUIREMENTS = (
    ("requirements.past_due", "Stripe has waited too long for what is listed here."),
    ("requirements.pending_verification", "Stripe is checking what you have told it."),
    ("rejected", "Stripe has rejected this account. Its support can say why."),
    ("under_review", "Stripe is looking at this account. Nothing is to be done until it has."),
    ("platform_paused", "The platform has paused this account."),
    ("listed", "Stripe is checking this account against lists it has to keep."),
    ("external_account", "The bank account for your payouts"),
    ("tos_acceptance", "Your consent to Stripe's terms"),
    ("business_profile.url", "The web address of your shop"),
    ("business_profile", "What your business does"),
    ("business_type", "The legal form of your business"),
    ("company.verification", "A document about your business"),
    ("company", "Details of your business"),
    ("individual.verification", "Your identity document"),
    ("individual", "Details about you"),
    ("representative.verification", "The identity document of whoever represents the business"),
    ("representative", "Details about whoever represents the business"),
    ("person", "Details about a person of your business"),
    ("owners", "Details about the owners"),
    ("directors", "Details about the directors"),
)


def explain_requirement(word: str) -> str:
    """A msgid for what Stripe still asks of an account."""
    for beginning, sentence in _REQUIREMENTS:
        if word.startswith(beginning):
            return sentence
    return "Something that Stripe's form will tell"


def explain_requirements(words: Sequence[str]) -> list[str]:
    """Each sentence once, in Stripe's order."""
    return list(dict.fromkeys(explain_requirement(word) for word in words))


def explain_refund(reason: str) -> str:
    """A msgid for why a refund failed or waits. Unknown words lead to the dashboard."""
    return _SENTENCES.get(reason, "Stripe's dashboard says more about this refund.")
