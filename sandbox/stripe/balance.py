"""The account's money: every movement is a balance transaction, fees included."""

from typing import Any

from sandbox.stripe import lists
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

KIND = "balance_transaction"
# Made-up round prices: 1.5 % and 25 for cards, 35 for a bank debit, 2000 for a dispute.
CARD_PER_MILLE = 15
CARD_FIXED = 25
DEBIT_FIXED = 35
DISPUTE_FEE = 2000
CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "refund_failure": "refund_failure",
    "payment_failure_refund": "refund_failure",
    "adjustment": "dispute",
}


def fee(kind: str, amount: int) -> int:
    if kind == "payment":
        return min(amount, DEBIT_FIXED)
    return min(amount, CARD_FIXED + (amount * CARD_PER_MILLE + 500) // 1000)


def book(
    call: Call, kind: str, amount: int, *, source: Thing, fee: int = 0, platform_fee: int = 0
) -> Thing:
    """Money comes (positive) or goes. It counts at once: the sandbox makes nobody wait."""
    currency = source["currency"]
    _open(call, currency)
    entry = blank(
        KIND,
        id=new_id("txn_"),
        amount=amount,
        available_on=call.now,
        created=call.now,
        currency=currency,
        fee=fee + platform_fee,
        fee_details=[
            _fee_detail(part, currency, kind)
            for part, kind in ((platform_fee, "application_fee"), (fee, "stripe_fee"))
            if part
        ],
        net=amount - fee - platform_fee,
        reporting_category=CATEGORIES.get(kind, kind),
        source=source["id"],
        type=kind,
    )
    return call.account.keep(entry)


def _fee_detail(amount: int, currency: str, kind: str) -> Thing:
    words = {"stripe_fee": "Stripe processing fees", "application_fee": "Application fee"}
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": words[kind],
        "type": kind,
    }


def _open(call: Call, currency: str) -> None:
    """A young account could refund nothing; ours starts with some money in each currency."""
    if any(entry["currency"] == currency for entry in call.account.things[KIND].values()):
        return
    top_up(call, currency, call.world.settings.opening_balance_minor)


def top_up(call: Call, currency: str, amount: int) -> Thing:
    entry = blank(
        KIND,
        id=new_id("txn_"),
        amount=amount,
        available_on=call.now,
        created=call.now,
        currency=currency,
        net=amount,
        reporting_category="topup",
        type="topup",
    )
    return call.account.keep(entry)


def available(call: Call, currency: str) -> int:
    _open(call, currency)
    entries = call.account.things[KIND].values()
    return sum(entry["net"] for entry in entries if entry["currency"] == currency)


def currencies(call: Call) -> list[str]:
    return sorted({entry["currency"] for entry in call.account.things[KIND].values()})


def summary(call: Call, params: dict[str, Any]) -> Thing:
    amounts = [
        {"amount": available(call, name), "currency": name, "source_types": {}}
        for name in currencies(call)
    ]
    pending = [{"amount": 0, "currency": name, "source_types": {}} for name in currencies(call)]
    return {"object": "balance", "available": amounts, "livemode": False, "pending": pending}


def retrieve(call: Call, entry_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find(KIND, entry_id)


def listed(call: Call, params: dict[str, Any]) -> Thing:
    entries = call.account.newest(KIND)
    for name in ("currency", "source", "type"):
        if name in params:
            entries = [entry for entry in entries if entry[name] == params[name]]
    return lists.page(entries, params, url="/v1/balance_transactions")
