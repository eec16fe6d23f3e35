"""Disputes: the bank takes the money back, until it is decided."""

from typing import Any

from sandbox.stripe import balance, events, giving_back, lists, metadata
from sandbox.stripe.errors import Invalid
from sandbox.stripe.things import Thing, blank, new_id, shown
from sandbox.stripe.world import Call

KIND = "dispute"
DAYS_TO_ANSWER = 9
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
REASON_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}


def start(
    call: Call,
    charge: Thing,
    *,
    reason: str = "fraudulent",
    amount: int | None = None,
    days: int = DAYS_TO_ANSWER,
) -> Thing:
    """Reason `inquiry` is only a question: no money moves, and refunding still helps."""
    is_inquiry = reason == "inquiry"
    dispute = blank(
        KIND,
        id=new_id("du_"),
        amount=amount or charge["amount_captured"],
        charge=charge["id"],
        created=call.now,
        currency=charge["currency"],
        is_charge_refundable=is_inquiry,
        payment_intent=charge["payment_intent"],
        reason="general" if is_inquiry else reason,
        status="warning_needs_response" if is_inquiry else "needs_response",
    )
    dispute["evidence_details"]["due_by"] = call.now + days * 86400
    _add_card(dispute, charge)
    charge["disputed"] = True
    call.account.keep(dispute)
    events.record(call, "charge.dispute.created", dispute)
    if not is_inquiry:
        _move(call, dispute, -dispute["amount"], fee=balance.DISPUTE_FEE)
        events.record(call, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _add_card(dispute: Thing, charge: Thing) -> None:
    details = charge["payment_method_details"]
    if details["type"] != "card":
        return
    code = REASON_CODES.get(dispute["reason"], "10.5")
    is_inquiry = dispute["status"].startswith("warning")
    dispute["network_reason_code"] = code
    dispute["payment_method_details"] = {
        "card": {
            "brand": details["card"]["brand"],
            "case_type": "inquiry" if is_inquiry else "chargeback",
            "network": details["card"]["network"],
            "network_reason_code": code,
        },
        "type": "card",
    }


def _move(call: Call, dispute: Thing, amount: int, *, fee: int = 0) -> None:
    entry = balance.book(call, "adjustment", amount, source=dispute, fee=fee)
    dispute["balance_transactions"].append(shown(entry))


def review(call: Call, dispute: Thing) -> bool:
    """Evidence was handed in through the dashboard."""
    if not dispute["status"].endswith("needs_response"):
        return False
    before = {"status": dispute["status"]}
    dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    dispute["evidence_details"] |= {
        "has_evidence": True,
        "submission_count": 1,
        "submission_method": "manual",
    }
    events.record(call, "charge.dispute.updated", dispute, before=before)
    return True


def close(call: Call, dispute: Thing, *, is_won: bool) -> bool:
    """An inquiry just ends; a won dispute brings the money back, without the fee."""
    if dispute["status"] not in OPEN:
        return False
    is_inquiry = dispute["status"].startswith("warning")
    won, lost = ("warning_closed", "lost") if is_inquiry else ("won", "lost")
    dispute["status"] = won if is_won else lost
    if is_won and not is_inquiry:
        _move(call, dispute, dispute["amount"])
    elif is_inquiry and not is_won:
        _move(call, dispute, -dispute["amount"], fee=balance.DISPUTE_FEE)
        dispute["is_charge_refundable"] = False
    events.record(call, "charge.dispute.closed", dispute)
    if is_won and not is_inquiry:
        events.record(call, "charge.dispute.funds_reinstated", dispute)
        giving_back.retry_waiting(call)
    return True


def retrieve(call: Call, dispute_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find(KIND, dispute_id)


def listed(call: Call, params: dict[str, Any]) -> Thing:
    disputes = call.account.newest(KIND)
    for name in ("charge", "payment_intent"):
        if name in params:
            disputes = [dispute for dispute in disputes if dispute[name] == params[name]]
    return lists.page(disputes, params, url="/v1/disputes")


def update(call: Call, dispute_id: str, params: dict[str, Any]) -> Thing:
    dispute = call.account.find(KIND, dispute_id)
    if params.keys() - {"metadata", "expand"}:
        raise Invalid("Evidence is handed in through the dashboard here.", param="evidence")
    if "metadata" in params:
        dispute["metadata"] = metadata.merged(dispute["metadata"], params["metadata"])
    return dispute
