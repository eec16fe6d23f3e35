"""The buyer's part, played by name: what the control API and the payment page can do."""

from collections.abc import Callable
from typing import Any

from sandbox.stripe import buying, disputes, giving_back, methods, sessions
from sandbox.stripe.buying import Buyer
from sandbox.stripe.control_forms import BuyerForm
from sandbox.stripe.errors import Declined, NotNow
from sandbox.stripe.things import Thing, new_id, shown
from sandbox.stripe.world import Call

Told = dict[str, Any]


def _buyer(form: BuyerForm) -> Buyer:
    names = Buyer.__dataclass_fields__.keys()
    return Buyer(**form.model_dump(include=set(names)))


def pay(call: Call, session: Thing, form: BuyerForm) -> Told:
    if session["amount_total"] == 0:
        buying.accept_for_free(call, session, _buyer(form))
    else:
        buying.pay_by_card(call, session, form.card, _buyer(form))
    return {}


def decline(call: Call, session: Thing, form: BuyerForm) -> Told:
    """The attempt is declined; the session stays open."""
    number = next(
        (card.number for card in methods.CARDS.values() if card.decline == form.decline_code), None
    )
    if number is None:
        raise NotNow(f"There is no test card for {form.decline_code}.")
    try:
        buying.pay_by_card(call, session, number, _buyer(form))
    except Declined as declined:
        return {"error": declined.details}
    raise AssertionError("a card that declines was accepted")


def delay(call: Call, session: Thing, form: BuyerForm) -> Told:
    """Paid by bank debit: complete, but unpaid until `settle` or `fail`."""
    buying.pay_by_debit(call, session, form.iban, _buyer(form), settle_after_s=form.settle_after_s)
    return {}


def settle(call: Call, session: Thing, form: BuyerForm) -> Told:
    if not buying.settle(call, session, arrives=True):
        raise NotNow("No bank debit of this session is under way.")
    return {}


def fail(call: Call, session: Thing, form: BuyerForm) -> Told:
    if not buying.settle(call, session, arrives=False):
        raise NotNow("No bank debit of this session is under way.")
    return {}


def expire(call: Call, session: Thing, form: BuyerForm) -> Told:
    """Time runs out now, not at expires_at."""
    sessions.expire(call, session["id"], {})
    return {}


def pay_twice(call: Call, session: Thing, form: BuyerForm) -> Told:
    """The same order paid in two tabs: this session, and a twin with the same reference."""
    twin_id = new_id("cs_test_b1", 56)
    twin = {**shown(session), "id": twin_id, "_items": session["_items"]}
    twin |= {"_intent": session["_intent"], "payment_intent": None}
    pay(call, session, form)
    call.account.keep(twin)
    pay(call, twin, form)
    return {"twin": shown(twin)}


def dispute(call: Call, session: Thing, form: BuyerForm) -> Told:
    """The buyer goes to the bank (reason `inquiry` only asks)."""
    intent = call.account.things["payment_intent"].get(session["payment_intent"] or "")
    charge = call.account.things["charge"].get(intent["latest_charge"] if intent else "")
    if charge is None or not charge["paid"] or charge["disputed"]:
        raise NotNow("There is no undisputed payment in this session.")
    opened = disputes.start(
        call, charge, reason=form.reason, amount=form.amount_minor, days=form.days
    )
    return {"dispute": shown(opened)}


def return_refund(call: Call, session: Thing, form: BuyerForm) -> Told:
    """The latest refund comes back: the buyer's card or account is closed."""
    intent_id = session["payment_intent"]
    for refund in call.account.newest(giving_back.KIND):
        if refund["payment_intent"] == intent_id and giving_back.fail(call, refund):
            return {"refund": shown(refund)}
    raise NotNow("There is no refund in this session that could come back.")


VERBS: dict[str, Callable[[Call, Thing, BuyerForm], Told]] = {
    "pay": pay,
    "decline": decline,
    "delay": delay,
    "settle": settle,
    "fail": fail,
    "expire": expire,
    "pay_twice": pay_twice,
    "dispute": dispute,
    "return_refund": return_refund,
}
