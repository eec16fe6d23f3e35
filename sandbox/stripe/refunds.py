"""Refunds: in parts, never above what was captured, sometimes late, sometimes failing."""

from typing import Any

from sandbox.stripe import balance, events, lists, metadata
from sandbox.stripe.errors import Invalid, NotNow
from sandbox.stripe.methods import CARDS
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

KIND = "refund"
ALIVE = ("pending", "requires_action", "succeeded")
NOT_ACTED_OUT = ("currency", "customer", "origin", "refund_application_fee", "reverse_transfer")


def create(call: Call, params: dict[str, Any]) -> Thing:
    charge = _charge(call, params)
    amount = _amount(call, charge, params)
    refund = blank(
        KIND,
        id=new_id("re_" if _is_card(charge) else "pyr_"),
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
    _give_back(call, refund, charge)
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
    left = charge["amount_captured"] - refunded(call, charge)
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


def refunded(call: Call, charge: Thing) -> int:
    """What has been given back or is on its way."""
    return sum(
        refund["amount"]
        for refund in call.account.things[KIND].values()
        if refund["charge"] == charge["id"] and refund["status"] in ALIVE
    )


def _give_back(call: Call, refund: Thing, charge: Thing) -> None:
    """Cards wait for money in the balance, other ways fail at once (Stripe docs: refunds)."""
    has_money = balance.available(call, refund["currency"]) >= refund["amount"]
    fate = CARDS[charge["_card"]].refund if charge.get("_card") in CARDS else ""
    if not has_money and _is_card(charge):
        refund["pending_reason"] = "insufficient_funds"
    elif has_money:
        _book(call, refund, charge)
        if fate == "later" or not _is_card(charge):
            refund["pending_reason"] = "processing"
            _later(call, refund, succeed)
        else:
            refund |= {"status": "succeeded", "destination_details": _destination()}
    _count_on(call, charge)
    events.record(call, "refund.created", refund)
    events.record(call, "charge.refunded", charge)
    if not has_money and not _is_card(charge):
        fail(call, refund, reason="insufficient_funds")
    elif fate == "fails":
        _later(call, refund, fail)


def _is_card(charge: Thing) -> bool:
    return bool(charge["payment_method_details"]["type"] == "card")


def _later(call: Call, refund: Thing, verb: Any) -> None:
    aside = call.aside()
    call.world.later(call.world.settings.refund_after_s, lambda: verb(aside, refund))


def _book(call: Call, refund: Thing, charge: Thing) -> None:
    kind = "refund" if _is_card(charge) else "payment_refund"
    entry = balance.book(call, kind, -refund["amount"], source=refund)
    refund["balance_transaction"] = entry["id"]


def _count_on(call: Call, charge: Thing) -> None:
    """Keeps the charge's sums in step; a part never captured counts as given back too."""
    back = refunded(call, charge)
    charge["amount_refunded"] = charge["amount"] - charge["amount_captured"] + back
    charge["refunded"] = back == charge["amount_captured"]


def _destination() -> Thing:
    return {"card": {"reference_status": "pending", "type": "refund"}, "type": "card"}


def succeed(call: Call, refund: Thing) -> bool:
    """From pending or requires_action; says whether that was so."""
    if refund["status"] not in ("pending", "requires_action"):
        return False
    charge = call.account.find("charge", refund["charge"])
    if refund["balance_transaction"] is None:
        _book(call, refund, charge)
    before = {"status": refund["status"]}
    refund |= {"status": "succeeded", "pending_reason": None}
    if _is_card(charge):
        refund["destination_details"] = _destination()
    events.record(call, "charge.refund.updated", refund, before=before)
    events.record(call, "refund.updated", refund, before=before)
    return True


def fail(call: Call, refund: Thing, *, reason: str = "expired_or_canceled_card") -> bool:
    """Also after it had succeeded; the money comes back to the balance."""
    if refund["status"] not in ALIVE:
        return False
    charge = call.account.find("charge", refund["charge"])
    before = {"status": refund["status"]}
    refund |= {"status": "failed", "pending_reason": None, "failure_reason": reason}
    if refund["balance_transaction"]:
        kind = "refund_failure" if _is_card(charge) else "payment_failure_refund"
        entry = balance.book(call, kind, refund["amount"], source=refund)
        refund["failure_balance_transaction"] = entry["id"]
    _count_on(call, charge)
    events.record(call, "charge.refund.updated", refund, before=before)
    events.record(call, "refund.updated", refund, before=before)
    events.record(call, "refund.failed", refund)
    retry_waiting(call)
    return True


def ask_for_action(call: Call, refund: Thing) -> bool:
    """The buyer must do something first; only such refunds can be cancelled."""
    if refund["status"] != "pending":
        return False
    refund |= {"status": "requires_action", "pending_reason": None}
    events.record(call, "refund.updated", refund, before={"status": "pending"})
    return True


def retry_waiting(call: Call) -> None:
    """Card refunds that waited for money go out, oldest first, as far as it reaches."""
    waiting = [
        refund
        for refund in call.account.things[KIND].values()
        if refund["pending_reason"] == "insufficient_funds"
    ]
    for refund in waiting:
        if balance.available(call, refund["currency"]) >= refund["amount"]:
            succeed(call, refund)


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
    _count_on(call, call.account.find("charge", refund["charge"]))
    events.record(call, "refund.updated", refund, before={"status": "requires_action"})
    return refund
