"""Payment intents: made by Checkout when a buyer first tries to pay."""

from typing import Any

from sandbox.stripe import charges, events, giving_back, lists, metadata
from sandbox.stripe.errors import Declined, Invalid, NotNow
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

KIND = "payment_intent"
CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)
FROM_SESSION = [
    "capture_method",
    "description",
    "receipt_email",
    "setup_future_usage",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "application_fee_amount",
    "transfer_group",
]


def of_session(call: Call, session: Thing) -> Thing:
    """The session's intent, made at the first attempt; later attempts use the same."""
    if session["payment_intent"]:
        return call.account.find(KIND, session["payment_intent"])
    intent_id, data = new_id("pi_"), session["_intent"]
    intent = blank(
        KIND,
        id=intent_id,
        amount=session["amount_total"],
        client_secret=f"{intent_id}_secret_{new_id('', 25)}",
        created=call.now,
        currency=session["currency"],
        metadata=metadata.check(data.get("metadata")),
        payment_method_types=session["payment_method_types"],
        _session=session["id"],
        **{name: data[name] for name in FROM_SESSION if name in data},
    )
    if "shipping" in data:
        intent["shipping"] = _shipping(data["shipping"])
    session["payment_intent"] = intent_id
    call.account.keep(intent)
    events.record(call, "payment_intent.created", intent)
    return intent


def _shipping(data: Thing) -> Thing:
    lines = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    fields = dict.fromkeys(("carrier", "phone", "tracking_number"))
    return {**fields, **data, "address": {**lines, **data["address"]}}


def try_method(call: Call, intent: Thing, method: Thing, session: Thing) -> Thing:
    """A new charge for this attempt, still without an outcome."""
    intent |= {
        "amount": session["amount_total"],
        "customer": session["customer"],
        "payment_method": method["id"],
        "last_payment_error": None,
    }
    charge = charges.make(call, intent, method)
    intent["latest_charge"] = charge["id"]
    return charge


def succeed(call: Call, intent: Thing, charge: Thing) -> None:
    charges.succeed(call, charge)
    if charge["captured"]:
        _receive(call, intent, charge["amount"])
        return
    intent |= {"status": "requires_capture", "amount_capturable": charge["amount"]}
    events.record(call, "payment_intent.amount_capturable_updated", intent)


def _receive(call: Call, intent: Thing, amount: int) -> None:
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    events.record(call, "payment_intent.succeeded", intent)


def process(call: Call, intent: Thing, charge: Thing) -> None:
    """A bank debit is under way: nobody knows yet."""
    events.record(call, "charge.pending", charge)
    intent["status"] = "processing"
    events.record(call, "payment_intent.processing", intent)


def fail(call: Call, intent: Thing, charge: Thing, error: Declined) -> None:
    charges.fail(call, charge, error)
    method = call.account.find("payment_method", intent["payment_method"])
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": {
            "charge": charge["id"],
            **{name: value for name, value in error.details.items() if value},
            "payment_method": method,
            "type": "card_error" if method["type"] == "card" else "invalid_request_error",
        },
    }
    events.record(call, "payment_intent.payment_failed", intent)


def retrieve(call: Call, intent_id: str, params: dict[str, Any]) -> Thing:
    intent = call.account.find(KIND, intent_id)
    if "client_secret" in params and params["client_secret"] != intent["client_secret"]:
        raise Invalid("The client_secret does not belong to this intent.", param="client_secret")
    return intent


def listed(call: Call, params: dict[str, Any]) -> Thing:
    intents = call.account.newest(KIND)
    if "customer" in params:
        intents = [intent for intent in intents if intent["customer"] == params["customer"]]
    return lists.page(intents, params, url="/v1/payment_intents")


def cancel(call: Call, intent_id: str, params: dict[str, Any]) -> Thing:
    """Allowed for an uncaptured authorisation; otherwise the session is what can be ended."""
    intent = call.account.find(KIND, intent_id)
    if intent["status"] not in CANCELABLE:
        raise _wrong_state("cancel", intent, CANCELABLE)
    if intent["status"] != "requires_capture":
        raise NotNow(
            "You cannot perform this action on PaymentIntents created by Checkout. "
            "Expire the Checkout Session instead.",
            code="payment_intent_unexpected_state",
        )
    return void(call, intent, reason=params.get("cancellation_reason"))


def void(call: Call, intent: Thing, *, reason: str | None) -> Thing:
    if intent["status"] == "requires_capture":
        charges.release(call, call.account.find("charge", intent["latest_charge"]))
    intent |= {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": call.now,
        "cancellation_reason": reason,
    }
    events.record(call, "payment_intent.canceled", intent)
    return intent


def capture(call: Call, intent_id: str, params: dict[str, Any]) -> Thing:
    """Less than authorised releases the rest; more is refused."""
    intent = call.account.find(KIND, intent_id)
    if intent["status"] != "requires_capture":
        raise _wrong_state("capture", intent, ("requires_capture",))
    amount: int = params.get("amount_to_capture") or intent["amount_capturable"]
    if not 0 < amount <= intent["amount_capturable"]:
        raise Invalid(
            "The amount to capture must be positive and not above the authorised one.",
            param="amount_to_capture",
            code="amount_too_large",
        )
    charge = call.account.find("charge", intent["latest_charge"])
    charges.capture(call, charge, amount)
    _receive(call, intent, amount)
    session = call.account.find("checkout.session", intent["_session"])
    session["payment_status"] = "paid"
    giving_back.retry_waiting(call)
    return intent


def _wrong_state(action: str, intent: Thing, allowed: tuple[str, ...]) -> NotNow:
    return NotNow(
        f"You cannot {action} this PaymentIntent because it has a status of {intent['status']}. "
        f"Only a PaymentIntent with one of the following statuses can be: {', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
    )
