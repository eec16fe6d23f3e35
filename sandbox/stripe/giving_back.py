"""What becomes of a refund: money leaves, waits, arrives late or comes back."""

from collections.abc import Callable

from sandbox.stripe import balance, events
from sandbox.stripe.methods import CARDS
from sandbox.stripe.things import Thing
from sandbox.stripe.world import Call

KIND = "refund"
ALIVE = ("pending", "requires_action", "succeeded")


def refunded(call: Call, charge: Thing) -> int:
    """What has been given back or is on its way."""
    return sum(
        refund["amount"]
        for refund in call.account.things[KIND].values()
        if refund["charge"] == charge["id"] and refund["status"] in ALIVE
    )


def start(call: Call, refund: Thing, charge: Thing) -> None:
    """Cards wait for money in the balance, other ways fail at once (Stripe docs: refunds)."""
    has_money = balance.available(call, refund["currency"]) >= refund["amount"]
    fate = CARDS[charge["_card"]].refund if charge.get("_card") in CARDS else ""
    if not has_money and is_card(charge):
        refund["pending_reason"] = "insufficient_funds"
    elif has_money:
        _book(call, refund, charge)
        if fate == "later" or not is_card(charge):
            refund["pending_reason"] = "processing"
            _later(call, refund, succeed)
        else:
            refund |= {"status": "succeeded", "destination_details": _destination()}
    count_on(call, charge)
    events.record(call, "refund.created", refund)
    events.record(call, "charge.refunded", charge)
    if not has_money and not is_card(charge):
        fail(call, refund, reason="insufficient_funds")
    elif fate == "fails":
        _later(call, refund, fail)


def is_card(charge: Thing) -> bool:
    return bool(charge["payment_method_details"]["type"] == "card")


def _later(call: Call, refund: Thing, verb: Callable[[Call, Thing], object]) -> None:
    aside = call.aside()
    call.world.later(call.world.settings.refund_after_s, lambda: verb(aside, refund))


def _book(call: Call, refund: Thing, charge: Thing) -> None:
    kind = "refund" if is_card(charge) else "payment_refund"
    entry = balance.book(call, kind, -refund["amount"], source=refund)
    refund["balance_transaction"] = entry["id"]


def count_on(call: Call, charge: Thing) -> None:
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
    if is_card(charge):
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
        kind = "refund_failure" if is_card(charge) else "payment_failure_refund"
        entry = balance.book(call, kind, refund["amount"], source=refund)
        refund["failure_balance_transaction"] = entry["id"]
    count_on(call, charge)
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
