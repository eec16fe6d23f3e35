"""What the buyer, the bank and time do with an open session (Stripe docs: fulfillment)."""

from dataclasses import dataclass

from sandbox.stripe import (
    accounts,
    disputes,
    events,
    giving_back,
    intents,
    methods,
    sessions,
    shipping,
)
from sandbox.stripe.currencies import check_total
from sandbox.stripe.errors import Declined, NotNow
from sandbox.stripe.things import Thing
from sandbox.stripe.world import Call


@dataclass(frozen=True)
class Buyer:
    """What the payment page asks for; `ship_to` is the address where the session wants one."""

    email: str
    name: str = ""
    phone: str = ""
    country: str = "DE"
    line1: str = ""
    postal_code: str = ""
    city: str = ""
    shipping_rate: str = ""

    @property
    def address(self) -> Thing:
        return {
            "city": self.city or None,
            "country": self.country or None,
            "line1": self.line1 or None,
            "line2": None,
            "postal_code": self.postal_code or None,
            "state": None,
        }


def pay_by_card(call: Call, session: Thing, number: str, buyer: Buyer) -> Thing:
    """Paid at once, or Declined: then the session stays open for another try."""
    card = methods.card(number)
    charge = _attempt(call, session, "card", card.number, buyer)
    intent = call.account.find(intents.KIND, session["payment_intent"])
    if card.code:
        declined = Declined("The card was declined.", code=card.code, decline_code=card.decline)
        intents.fail(call, intent, charge, declined)
        raise declined
    charge["_card"] = card.number
    intents.succeed(call, intent, charge)
    _complete(call, session, "paid" if charge["captured"] else "unpaid")
    if card.dispute:
        disputes.start(call, charge, reason=card.dispute)
    giving_back.retry_waiting(call)
    return session


def pay_by_debit(
    call: Call, session: Thing, iban: str, buyer: Buyer, *, settle_after_s: float | None
) -> Thing:
    """Completed but unpaid. None leaves the outcome to somebody's hand."""
    kind = next((name for name in session["payment_method_types"] if name != "card"), "")
    if not kind:
        raise NotNow("This session takes cards only.")
    number = methods.iban(iban)
    charge = _attempt(call, session, kind, number, buyer)
    intents.process(call, call.account.find(intents.KIND, session["payment_intent"]), charge)
    _complete(call, session, "unpaid")
    if settle_after_s is not None:
        arrives = number != methods.BOUNCING_IBAN
        aside = call.aside()
        call.world.later(settle_after_s, lambda: settle(aside, session, arrives=arrives))
    return session


def settle(call: Call, session: Thing, *, arrives: bool) -> bool:
    """The bank's answer to a debit; says whether one was still under way."""
    intent = call.account.things[intents.KIND].get(session["payment_intent"] or "")
    if intent is None or intent["status"] != "processing":
        return False
    charge = call.account.find("charge", intent["latest_charge"])
    if arrives:
        intents.succeed(call, intent, charge)
        session["payment_status"] = "paid"
        events.record(call, "checkout.session.async_payment_succeeded", session)
        giving_back.retry_waiting(call)
    else:
        error = Declined("The bank returned the debit.", code="insufficient_funds")
        intents.fail(call, intent, charge, error)
        events.record(call, "checkout.session.async_payment_failed", session)
    return True


def accept_for_free(call: Call, session: Thing, buyer: Buyer) -> Thing:
    """A total of zero asks for no payment method and makes no intent."""
    _require_open(session)
    _note(session, buyer)
    if session["amount_total"] != 0:
        raise NotNow("This session is not free.")
    _complete(call, session, "no_payment_required")
    return session


def _require_open(session: Thing) -> None:
    if session["status"] != "open":
        raise NotNow(f"This Checkout Session has a status of `{session['status']}`.")


def _attempt(call: Call, session: Thing, kind: str, number: str, buyer: Buyer) -> Thing:
    _require_open(session)
    if kind not in session["payment_method_types"]:
        raise NotNow(f"This session cannot be paid by {kind}.")
    _note(session, buyer)
    if session["amount_total"] == 0:
        raise NotNow("This session is free.")
    check_total(session["amount_total"], session["currency"])
    billing = {
        "address": buyer.address,
        "email": buyer.email,
        "name": buyer.name or None,
        "phone": buyer.phone or None,
        "tax_id": None,
    }
    intent = intents.of_session(call, session)
    method = methods.make(call, kind, number=number, billing=billing, customer=session["customer"])
    return intents.try_method(call, intent, method, session)


def _note(session: Thing, buyer: Buyer) -> None:
    """What the buyer typed stands on the session, also after a declined attempt."""
    session["customer_details"] = sessions.customer_details(
        session["customer_email"] or buyer.email,
        address=buyer.address,
        name=buyer.name or None,
        phone=buyer.phone or None,
    )
    if buyer.shipping_rate:
        shipping.take(session, buyer.shipping_rate)
    if session["shipping_address_collection"]:
        details = {"address": buyer.address, "name": buyer.name}
        session["collected_information"] = {
            "business_name": None,
            "individual_name": None,
            "shipping_details": details,
        }


def _complete(call: Call, session: Thing, payment_status: str) -> None:
    wants_customer = session["customer_creation"] == "always" or session["amount_total"] == 0
    if wants_customer and session["customer"] is None:
        session["customer"] = accounts.make_customer(call, session)["id"]
        if session["payment_intent"]:
            intent = call.account.find(intents.KIND, session["payment_intent"])
            intent["customer"] = session["customer"]
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    events.record(call, "checkout.session.completed", session)
