"""Charges: one per attempt, with what the bank said."""

from typing import Any

from sandbox.stripe import balance, connecting, events, lists, methods
from sandbox.stripe.errors import Declined
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

KIND = "charge"


def make(call: Call, intent: Thing, method: Thing) -> Thing:
    charge = blank(
        KIND,
        id=new_id("ch_" if method["type"] == "card" else "py_"),
        amount=intent["amount"],
        application_fee_amount=intent["application_fee_amount"],
        billing_details=method["billing_details"],
        captured=intent["capture_method"] != "manual",
        created=call.now,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=dict(intent["metadata"]),
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details=methods.details(method, intent["amount"]),
        receipt_email=intent["receipt_email"],
        shipping=intent["shipping"],
        statement_descriptor_suffix=intent["statement_descriptor_suffix"],
        transfer_group=intent["transfer_group"],
    )
    return call.account.keep(charge)


def succeed(call: Call, charge: Thing) -> None:
    charge |= {
        "status": "succeeded",
        "paid": True,
        "outcome": _outcome("authorized", "approved_by_network", "Payment complete."),
        "receipt_url": f"{call.origin}/pay/receipts/{charge['id']}",
        "calculated_statement_descriptor": call.account.settings.name.upper()[:22],
    }
    if charge["captured"]:
        _book(call, charge, charge["amount"])
    events.record(call, "charge.succeeded", charge)


def capture(call: Call, charge: Thing, amount: int) -> None:
    charge["captured"] = True
    if amount < charge["amount"]:
        charge["amount_refunded"] = charge["amount"] - amount
    _book(call, charge, amount)
    events.record(call, "charge.captured", charge)


def _book(call: Call, charge: Thing, amount: int) -> None:
    kind = "charge" if charge["payment_method_details"]["type"] == "card" else "payment"
    charge["amount_captured"] = amount
    entry = balance.book(
        call, kind, amount, source=charge, fee=balance.fee(kind, amount),
        platform_fee=charge["application_fee_amount"] or 0,
    )  # fmt: skip
    charge["balance_transaction"] = entry["id"]
    connecting.take_fee(call, charge)


def fail(call: Call, charge: Thing, error: Declined) -> None:
    reason = error.details.get("decline_code") or error.details["code"]
    charge |= {
        "status": "failed",
        "captured": False,
        "failure_code": error.details["code"],
        "failure_message": error.details["message"],
        "outcome": _outcome("issuer_declined", "declined_by_network", str(error), reason),
    }
    events.record(call, "charge.failed", charge)


def release(call: Call, charge: Thing) -> None:
    """An authorisation nobody captured goes back to the card."""
    charge |= {"refunded": True, "amount_refunded": charge["amount"]}
    events.record(call, "charge.refunded", charge)


def _outcome(kind: str, network: str, message: str, reason: str | None = None) -> Thing:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": message,
        "type": kind,
    }


def retrieve(call: Call, charge_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find(KIND, charge_id)


def listed(call: Call, params: dict[str, Any]) -> Thing:
    charges = call.account.newest(KIND)
    for name in ("customer", "payment_intent", "transfer_group"):
        if name in params:
            charges = [charge for charge in charges if charge[name] == params[name]]
    return lists.page(charges, params, url="/v1/charges")
