"""Checkout Sessions as the shop's server sees them: created, read, listed, expired."""

from typing import Any

from sandbox.stripe import (
    currencies,
    events,
    intents,
    lines,
    lists,
    metadata,
    methods,
    session_rules,
    shipping,
)
from sandbox.stripe.errors import Invalid, NotNow
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

KIND = "checkout.session"
LASTS_S = 24 * 3600
SAME_NAME = [
    "allowed_payment_method_types",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "customer_email",
    "excluded_payment_method_types",
    "integration_identifier",
    "locale",
    "origin_context",
    "submit_type",
    "success_url",
    "shipping_address_collection",
]


def create(call: Call, params: dict[str, Any]) -> Thing:
    """Refused as a whole or made as a whole: nothing is kept before the last check."""
    currency = session_rules.check(call, params)
    wanted, options = params["line_items"], params.get("shipping_options") or []
    subtotal = lines.total(call, wanted)
    total = subtotal + shipping.first_cost(call, options)
    currencies.check_total(total, currency)
    session = _blank(call, params, currency)
    session |= {"amount_subtotal": subtotal, "amount_total": total}
    session["_items"] = lines.make(call, wanted)
    if options:
        session["shipping_options"] = shipping.make(call, options)
        session["shipping_cost"] = shipping.cost(session["shipping_options"][0])
        session["total_details"]["amount_shipping"] = total - subtotal
    if total == 0:
        # Whoever reads only payment_status would ship before the buyer agreed.
        session["payment_status"] = "no_payment_required"
    call.account.keep(session)
    _expire_in_time(call.aside(), session)
    return session


def _blank(call: Call, params: dict[str, Any], currency: str) -> Thing:
    session_id = new_id("cs_test_a1", 56)
    session = blank(
        KIND,
        id=session_id,
        created=call.now,
        currency=currency,
        customer=params.get("customer"),
        expires_at=params.get("expires_at", call.now + LASTS_S),
        metadata=metadata.check(params.get("metadata")),
        payment_method_types=methods.offered(params, currency),
        url=f"{call.origin}/pay/{session_id}",
        _intent=params.get("payment_intent_data", {}),
        _params=params,
    )
    session["branding_settings"]["display_name"] = call.account.settings.name
    session["payment_method_configuration_details"]["id"] = f"pmc_{call.account.id[5:]}"
    session |= {name: params[name] for name in SAME_NAME if name in params}
    _fill_in(session, params)
    return session


def _fill_in(session: Thing, params: dict[str, Any]) -> None:
    """What is not simply copied from the request."""
    if "customer" in params:
        session["customer_creation"] = None
    elif "customer_creation" in params:
        session["customer_creation"] = params["customer_creation"]
    if "customer_email" in params:
        session["customer_details"] = customer_details(params["customer_email"])
    for name in ("adaptive_pricing", "phone_number_collection", "branding_settings"):
        session[name] = {**session[name], **params.get(name, {})}
    for name, text in params.get("custom_text", {}).items():
        session["custom_text"][name] = text or None
    session["payment_method_options"] |= params.get("payment_method_options", {})


def customer_details(email: str | None, **more: Any) -> Thing:
    details = dict.fromkeys(("address", "business_name", "individual_name", "name", "phone"))
    return {**details, "email": email, "tax_exempt": "none", "tax_ids": [], **more}


def _expire_in_time(call: Call, session: Thing) -> None:
    def expire_if_open() -> None:
        if session["status"] == "open":
            close(call, session)

    call.world.later(session["expires_at"] - call.world.clock(), expire_if_open)


def retrieve(call: Call, session_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find(KIND, session_id)


def listed(call: Call, params: dict[str, Any]) -> Thing:
    sessions = call.account.newest(KIND)
    for name in ("status", "payment_intent", "customer", "payment_link", "subscription"):
        if name in params:
            sessions = [session for session in sessions if session[name] == params[name]]
    if email := params.get("customer_details", {}).get("email"):
        sessions = [s for s in sessions if (s["customer_details"] or {}).get("email") == email]
    return lists.page(sessions, params, url="/v1/checkout/sessions")


def line_items(call: Call, session_id: str, params: dict[str, Any]) -> Thing:
    items = call.account.find(KIND, session_id)["_items"]
    url = f"/v1/checkout/sessions/{session_id}/line_items"
    return lists.page(items, params, url=url)


def update(call: Call, session_id: str, params: dict[str, Any]) -> Thing:
    session = call.account.find(KIND, session_id)
    for name in sorted(params.keys() - {"metadata", "expand"}):
        raise Invalid(f"{name} of a hosted session cannot be changed.", param=name)
    if "metadata" in params:
        session["metadata"] = metadata.merged(session["metadata"], params["metadata"])
    return session


def expire(call: Call, session_id: str, params: dict[str, Any]) -> Thing:
    session = call.account.find(KIND, session_id)
    if session["status"] != "open":
        raise NotNow(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{session['status']}`."
        )
    return close(call, session)


def close(call: Call, session: Thing) -> Thing:
    """Open becomes expired; a payment intent of declined attempts goes with it."""
    session |= {"status": "expired", "url": None}
    events.record(call, "checkout.session.expired", session)
    if session["payment_intent"]:
        intent = call.account.find(intents.KIND, session["payment_intent"])
        intents.void(call, intent, reason="expired")
    return session
