"""Ways to pay: the published test numbers and what each of them stands for."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.stripe.errors import Declined, Invalid
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

# SEPA debit takes euros only; the debits of other countries are not acted out.
DELAYED = {"eur": "sepa_debit"}


@dataclass(frozen=True)
class KnownCard:
    """`decline` is Stripe's decline code, `dispute` its reason, `refund` what becomes of one."""

    number: str
    brand: str = "visa"
    code: str = ""
    decline: str = ""
    dispute: str = ""
    refund: str = ""


CARDS = {
    card.number: card
    for card in (
        KnownCard("4242424242424242"),
        KnownCard("5555555555554444", brand="mastercard"),
        KnownCard("4000002760000016"),
        KnownCard("4000000000000002", code="card_declined", decline="generic_decline"),
        KnownCard("4000000000009995", code="card_declined", decline="insufficient_funds"),
        KnownCard("4000000000009987", code="card_declined", decline="lost_card"),
        KnownCard("4000000000000069", code="expired_card", decline="expired_card"),
        KnownCard("4000000000000127", code="incorrect_cvc", decline="incorrect_cvc"),
        KnownCard("4000000000000119", code="processing_error", decline="processing_error"),
        KnownCard("4000000000000259", dispute="fraudulent"),
        KnownCard("4000000000002685", dispute="product_not_received"),
        KnownCard("4000000000001976", dispute="inquiry"),
        KnownCard("4000000000007726", refund="later"),
        KnownCard("4000000000005126", refund="fails"),
    )
}
ON_A_CARD = [
    "brand",
    "checks",
    "country",
    "exp_month",
    "exp_year",
    "fingerprint",
    "funding",
    "last4",
    "regulated_status",
    "wallet",
]
ON_A_DEBIT = ["bank_code", "branch_code", "country", "fingerprint", "last4"]
FINE_CARD = "4242424242424242"
FINE_IBAN = "DE89370400440532013000"
BOUNCING_IBAN = "DE62370400440532013001"


def offered(params: Thing, currency: str) -> list[str]:
    """Card, and the currency's bank debit: what Checkout would find eligible, then filtered."""
    eligible = ["card"]
    # A debit cannot be reserved first and captured later.
    if params.get("payment_intent_data", {}).get("capture_method") != "manual":
        eligible += [DELAYED[currency]] if currency in DELAYED else []
    allowed = params.get("allowed_payment_method_types", eligible)
    excluded = params.get("excluded_payment_method_types", [])
    left = [name for name in eligible if name in allowed and name not in excluded]
    if not left:
        raise Invalid("No valid payment method types for this Checkout Session.")
    return left


def card(number: str) -> KnownCard:
    """The test card with this number. Any other number is declined, as in Stripe's test mode."""
    digits = "".join(number.split())
    if digits in CARDS:
        return CARDS[digits]
    if not digits.isdigit() or not 12 <= len(digits) <= 19:
        raise Declined("The card number is incorrect.", code="incorrect_number")
    raise Declined(
        "The card was declined: only test numbers work here.",
        code="card_declined",
        decline_code="test_mode_live_card",
    )


def iban(text: str) -> str:
    """The IBAN without blanks, if its check digits hold (ISO 13616)."""
    compact = "".join(text.split()).upper()
    moved = compact[4:] + compact[:4]
    if not compact.isalnum() or not compact.isascii() or not 15 <= len(compact) <= 34:
        raise Declined("The IBAN is incomplete.", code="invalid_bank_account_iban")
    if int("".join(str(int(letter, 36)) for letter in moved)) % 97 != 1:
        raise Declined("The IBAN is invalid.", code="invalid_bank_account_iban")
    return compact


def make(call: Call, kind: str, *, number: str, billing: Thing, customer: str | None) -> Thing:
    """The PaymentMethod of one attempt."""
    method = blank(
        "payment_method",
        id=new_id("pm_"),
        billing_details=billing,
        created=call.now,
        customer=customer,
        type=kind,
    )
    method[kind] = _card(number) if kind == "card" else _account(number)
    return call.account.keep(method)


def _card(number: str) -> Thing:
    brand = CARDS[number].brand if number in CARDS else "visa"
    return {
        "brand": brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "DE",
        "display_brand": brand,
        "exp_month": 12,
        "exp_year": datetime.now(UTC).year + 3,
        "fingerprint": f"sandbox{number[-4:]}",
        "funding": "credit",
        "generated_from": None,
        "last4": number[-4:],
        "networks": {"available": [brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def _account(number: str) -> Thing:
    return {
        "bank_code": number[4:12] or None,
        "branch_code": "",
        "country": number[:2],
        "fingerprint": f"sandbox{number[-4:]}",
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": number[-4:],
    }


def details(method: Thing, amount: int) -> Thing:
    """A charge's `payment_method_details`."""
    kind = method["type"]
    taken = method[kind]
    if kind != "card":
        kept = {name: taken[name] for name in ON_A_DEBIT}
        return {"type": kind, kind: {**kept, "expected_debit_date": None, "mandate": None}}
    kept = {name: taken[name] for name in ON_A_CARD}
    more = {
        "amount_authorized": amount,
        "installments": None,
        "mandate": None,
        "network": taken["brand"],
        "three_d_secure": None,
    }
    return {"type": "card", "card": {**kept, **more}}
