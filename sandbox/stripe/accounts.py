"""The account itself, and the few of its things that Checkout makes on the way."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

from sandbox.stripe import lists
from sandbox.stripe.errors import NotAllowed
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call


def own(call: Call, params: dict[str, Any]) -> Thing:
    settings = call.account.settings
    account = blank("account", id=call.account.id, country=settings.country)
    account["created"] = call.world.started_at
    account |= deepcopy(call.account.standing)
    account["default_currency"] = settings.currency
    account["business_profile"]["name"] = settings.name
    account["settings"]["dashboard"]["display_name"] = settings.name
    return account


def retrieve(call: Call, account_id: str, params: dict[str, Any]) -> Thing:
    other = call.world.accounts.get(account_id)
    if other is not None and other.settings.platform == call.account.id:
        return own(replace(call, account=other), params)
    if account_id != call.account.id:
        raise NotAllowed(
            f"The provided key does not have access to account '{account_id}'.",
            code="account_invalid",
        )
    return own(call, params)


def make_customer(call: Call, session: Thing) -> Thing:
    """Checkout makes one when it was told to, and for a total of zero."""
    details = session["customer_details"]
    customer = blank(
        "customer",
        id=new_id("cus_", 14),
        address=details["address"],
        created=call.now,
        email=details["email"],
        invoice_prefix=new_id("", 8).upper(),
        name=details["name"],
        phone=details["phone"],
    )
    return call.account.keep(customer)


def customer(call: Call, customer_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find("customer", customer_id)


def product(call: Call, product_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find("product", product_id)


def price(call: Call, price_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find("price", price_id)


def products(call: Call, params: dict[str, Any]) -> Thing:
    return _listed(call, "product", ("active",), params)


def prices(call: Call, params: dict[str, Any]) -> Thing:
    return _listed(call, "price", ("active", "currency", "product", "type"), params)


def _listed(call: Call, kind: str, filters: tuple[str, ...], params: dict[str, Any]) -> Thing:
    things = call.account.newest(kind)
    for name in filters:
        if name in params:
            things = [thing for thing in things if thing[name] == params[name]]
    return lists.page(things, params, url=f"/v1/{kind}s")
