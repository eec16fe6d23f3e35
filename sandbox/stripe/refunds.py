"""Refunds: in parts, never above what was captured, sometimes late, sometimes failing."""

from typing import Any

from sandbox.stripe import events, giving_back, lists, metadata
from sandbox.stripe.errors import Invalid, NotNow
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

KIND = giving_back.KIND
NOT_ACTED_OUT = ("currency", "customer", "origin", "refund_application_fee", "reverse_transfer")


def create(call: Call, params: dict[str, Any]) -> Thing:
    charge = _charge(call, params)
    amount = _amount(call, charge, params)
    refund = blank(
        KIND,
        id=new_id("re_" if giving_back.is_card(charge) else "pyr_"),
        amount=amount,
        charge=charge["id"],
        created=call.now,
        currency=charge["currency"],
        customer=charge["customer"],
        metadata=metadata.check(params.get("metadata")),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        reason=params.get("reason"),
    )
    call.account.keep(refund)
    giving_back.start(call, refund, charge)
    return refund


def _charge(call: Call, params: dict[str, Any]) -> Thing:
    for name in NOT_ACTED_OUT:
        if name in params:
            raise Invalid(f"The sandbox does not act out {name}.", param=name)
    if ("charge" in params) == ("payment_intent" in params):
        raise Invalid("Send charge or payment_intent, and only one of them.", param="charge")
    metadata.check(params.get("metadata"))
    if "charge" in params:
        return call.account.find("charge", params["charge"], param="charge")
    intent_id = params["payment_intent"]
    intent = call.account.find("payment_intent", intent_id, param="payment_intent")
    if intent["status"] != "succeeded":
        raise NotNow(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return call.account.find("charge", intent["latest_charge"])


def _amount(call: Call, charge: Thing, params: dict[str, Any]) -> int:
    left = charge["amount_captured"] - giving_back.refunded(call, charge)
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise NotNow(f"Charge {charge['id']} has not been paid.", param="charge")
    if charge["disputed"] and not _is_refundable(call, charge):
        raise NotNow(f"Charge {charge['id']} is disputed.", code="charge_disputed")
    if left == 0:
        raise NotNow(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = int(params.get("amount", left))
    if amount < 1:
        raise Invalid(
            f"Invalid positive integer: {amount}", param="amount", code="parameter_invalid_integer"
        )
    if amount > left:
        raise NotNow(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    return amount


def _is_refundable(call: Call, charge: Thing) -> bool:
    disputes = call.account.things["dispute"].values()
    return all(d["is_charge_refundable"] for d in disputes if d["charge"] == charge["id"])


def retrieve(call: Call, refund_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find(KIND, refund_id)


def listed(call: Call, params: dict[str, Any]) -> Thing:
    refunds = call.account.newest(KIND)
    for name in ("charge", "payment_intent"):
        if name in params:
            call.account.find(name, params[name], param=name)
            refunds = [refund for refund in refunds if refund[name] == params[name]]
    return lists.page(refunds, params, url="/v1/refunds")


def update(call: Call, refund_id: str, params: dict[str, Any]) -> Thing:
    refund = call.account.find(KIND, refund_id)
    if "metadata" in params:
        before = {"metadata": refund["metadata"]}
        refund["metadata"] = metadata.merged(refund["metadata"], params["metadata"])
        events.record(call, "refund.updated", refund, before=before)
    return refund


def cancel(call: Call, refund_id: str, params: dict[str, Any]) -> Thing:
    refund = call.account.find(KIND, refund_id)
    if refund["status"] != "requires_action":
        raise NotNow(
            "Only refunds that require an action can be canceled; "
            f"this one has a status of {refund['status']}."
        )
    refund["status"] = "canceled"
    giving_back.count_on(call, call.account.find("charge", refund["charge"]))
    events.record(call, "refund.updated", refund, before={"status": "requires_action"})
    return refund
