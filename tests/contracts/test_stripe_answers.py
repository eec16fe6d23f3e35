"""Every object the sandbox answers with has the fields, names and types the SDK expects."""

from __future__ import annotations

import types
import typing
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
import stripe
from stripe import StripeObject

from tests.sandbox.stripe_kit import Stage, stage

# Fields the real API leaves out of ordinary answers: expandable lists, deleted objects,
# what only other ways to pay or other countries have, and secrets shown once.
LEFT_OUT = {
    "checkout.session": {"line_items"},
    "item": {"discounts", "taxes"},
    "price": {"currency_options", "deleted", "tiers"},
    "product": {"deleted"},
    "charge": {"level3", "refunds", "transfer"},
    "refund": {
        "description",
        "failure_balance_transaction",
        "failure_reason",
        "instructions_email",
        "next_action",
    },
    "event": {"account"},
    "webhook_endpoint": {"deleted", "secret"},
    "customer": {
        "cash_balance",
        "currency",
        "deleted",
        "invoice_credit_balance",
        "sources",
        "subscriptions",
        "tax",
        "tax_ids",
    },
    "account": {
        "company",
        "deleted",
        "external_accounts",
        "future_requirements",
        "groups",
        "individual",
    },
    "balance": {
        "connect_reserved",
        "instant_available",
        "issuing",
        "refund_and_dispute_prefunding",
    },
    "dispute": set(),
    "balance_transaction": set(),
    "payment_intent": set(),
    "shipping_rate": set(),
}
KINDS = {
    kind.OBJECT_NAME: kind
    for kind in (
        stripe.checkout.Session,
        stripe.LineItem,
        stripe.Price,
        stripe.Product,
        stripe.PaymentIntent,
        stripe.PaymentMethod,
        stripe.Charge,
        stripe.Refund,
        stripe.Dispute,
        stripe.BalanceTransaction,
        stripe.Event,
        stripe.WebhookEndpoint,
        stripe.Customer,
        stripe.Account,
        stripe.Balance,
    )
}


def fields(kind: type) -> dict[str, Any]:
    names = kind.__annotations__.items()
    return {name: hint for name, hint in names if name[0] != "_" and name != "OBJECT_NAME"}


def complaints(value: Any, hint: Any, where: str) -> Iterator[str]:
    """What is wrong with one answer's value, in words."""
    options = typing.get_args(hint) if _is_union(hint) else (hint,)
    if not any(_fits(value, option) for option in options):
        yield f"{where}: {value!r} is not {hint}"
    for option in options:
        if _is_part(option) and isinstance(value, dict):
            yield from object_complaints(value, option, where)
        if typing.get_origin(option) in (list, typing.List) and isinstance(value, list):  # noqa: UP006
            for item in value:
                yield from complaints(item, typing.get_args(option)[0], f"{where}[]")


def object_complaints(value: dict[str, Any], kind: type, where: str) -> Iterator[str]:
    known = fields(kind)
    for name in value.keys() - known.keys():
        yield f"{where}.{name} is no field of {kind.__qualname__}"
    for name, hint in known.items():
        if name in value:
            yield from complaints(value[name], hint, f"{where}.{name}")
        elif type(None) not in typing.get_args(hint):
            yield f"{where}.{name} is missing, and it is never null"


def _is_union(hint: Any) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _is_part(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, StripeObject) and "." in hint.__qualname__


def _fits(value: Any, hint: Any) -> bool:
    origin = typing.get_origin(hint)
    if _is_union(hint):
        return any(_fits(value, option) for option in typing.get_args(hint))
    if origin is typing.Literal:
        return value in typing.get_args(hint)
    if isinstance(hint, typing.ForwardRef):
        return isinstance(value, dict | str)
    allowed = PLAIN.get(origin or hint, (dict,))
    return hint is Any or type(value) in allowed


PLAIN: dict[Any, tuple[type, ...]] = {
    type(None): (type(None),),
    int: (int,),
    bool: (bool,),
    str: (str,),
    Decimal: (str,),
    float: (int, float),
    list: (list,),
}


def check(answer: dict[str, Any]) -> None:
    """Fails with every deviation at once."""
    name = answer["object"]
    kind = KINDS[name]
    found = list(object_complaints(answer, kind, name))
    missing = fields(kind).keys() - answer.keys() - LEFT_OUT.get(name, set())
    if name != "payment_method":  # it has one field for each of fifty ways to pay
        found += [f"{name}.{field} is missing" for field in sorted(missing)]
    assert not found, "\n".join(found)


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def raw(at: Stage, path: str) -> Any:
    key = {"Authorization": f"Bearer {at.stripe._requestor.api_key}"}
    async with at.http.get(f"{at.url}/stripe/v1{path}", headers=key) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def everything(at: Stage) -> None:
    """One of each: paid, declined, debited, bounced, free, expired, refunded, disputed."""
    shipping = {
        "shipping_rate_data": {
            "display_name": "DHL",
            "fixed_amount": {"amount": 490, "currency": "eur"},
            "type": "fixed_amount",
            "delivery_estimate": {"minimum": {"unit": "day", "value": 2}},
        }
    }
    full = await at.order(
        customer_email="anna@example.com",
        client_reference_id="order-7",
        customer_creation="always",
        metadata={"order": "7"},
        locale="de",
        shipping_options=[shipping],
        shipping_address_collection={"allowed_countries": ["DE", "AT"]},
        phone_number_collection={"enabled": True},
        submit_type="pay",
        custom_text={"submit": {"message": "Danke!"}},
        adaptive_pricing={"enabled": False},
        payment_intent_data={
            "description": "Order 7",
            "metadata": {"order": "7"},
            "receipt_email": "anna@example.com",
            "statement_descriptor_suffix": "ORDER 7",
            "shipping": {"name": "Anna", "address": {"line1": "Weg 1", "country": "DE"}},
        },
    )
    await at.act(full.id, "decline")
    await at.act(full.id, "pay")
    paid = await at.stripe.v1.checkout.sessions.retrieve_async(full.id)
    await at.stripe.v1.refunds.create_async({"payment_intent": paid.payment_intent, "amount": 100})
    await at.act((await at.order()).id, "delay", iban="DE89370400440532013000")
    bounced = await at.order()
    await at.act(bounced.id, "delay")
    await at.act(bounced.id, "fail")
    await at.act((await at.order(0)).id, "pay")
    await at.act((await at.order()).id, "expire")
    for reason in ("fraudulent", "inquiry"):
        disputed = await at.order()
        await at.act(disputed.id, "pay")
        await at.act(disputed.id, "dispute", reason=reason)
    await at.order()


LISTS = (
    "/checkout/sessions",
    "/payment_intents",
    "/charges",
    "/refunds",
    "/disputes",
    "/balance_transactions",
    "/events",
    "/webhook_endpoints",
    "/products",
    "/prices",
)


async def test_every_answer_has_the_fields_and_types_of_the_sdk(on_stage: Stage) -> None:
    await everything(on_stage)
    for path in LISTS:
        listed = await raw(on_stage, f"{path}?limit=100")
        assert listed["data"], path
        assert listed["url"] == f"/v1{path}"
        for answer in listed["data"]:
            check(answer)
    check(await raw(on_stage, "/account"))
    check(await raw(on_stage, "/balance"))


async def test_nested_and_single_objects_have_the_fields_and_types_of_the_sdk(
    on_stage: Stage,
) -> None:
    await everything(on_stage)
    sessions = (await raw(on_stage, "/checkout/sessions?limit=100"))["data"]
    for session in sessions:
        for item in (await raw(on_stage, f"/checkout/sessions/{session['id']}/line_items"))["data"]:
            check(item)
            check(item["price"])
        if session["customer"]:
            check(await raw(on_stage, f"/customers/{session['customer']}"))
    intents = await raw(on_stage, "/payment_intents?limit=100&expand[]=data.payment_method")
    methods = [intent["payment_method"] for intent in intents["data"] if intent["payment_method"]]
    assert {method["type"] for method in methods} == {"card", "sepa_debit"}
    for method in methods:
        check(method)


async def test_every_event_carries_an_object_of_the_sdk(on_stage: Stage) -> None:
    await everything(on_stage)
    events = (await raw(on_stage, "/events?limit=100"))["data"]
    assert {event["type"] for event in events} >= {
        "checkout.session.completed",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "payment_intent.payment_failed",
        "refund.created",
        "charge.refunded",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    }
    known = typing.get_args(stripe.Event.__annotations__["type"])
    for event in events:
        assert event["type"] in known
        assert event["api_version"] == stripe.api_version
        check(event["data"]["object"])


async def test_the_sdk_builds_its_own_types_from_what_it_hears(on_stage: Stage) -> None:
    await everything(on_stage)
    await on_stage.told()
    kinds = {type(event.data.object) for event in on_stage.shop.events}
    assert kinds == {
        stripe.checkout.Session,
        stripe.PaymentIntent,
        stripe.Charge,
        stripe.Refund,
        stripe.Dispute,
    }


def test_the_checker_sees_a_wrong_type_an_unknown_and_a_missing_field() -> None:
    good = {"amount": 1, "currency": "eur", "type": "x", "application": None, "description": None}
    part = stripe.BalanceTransaction.FeeDetail
    assert list(object_complaints(good, part, "fee")) == []
    bad = {**good, "amount": "1", "colour": "red"}
    del bad["currency"]
    assert len(list(object_complaints(bad, part, "fee"))) == 3


async def test_no_note_of_the_sandbox_leaves_it(on_stage: Stage) -> None:
    await everything(on_stage)

    def names(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, part in value.items():
                yield name
                yield from names(part)
        elif isinstance(value, list):
            for part in value:
                yield from names(part)

    await on_stage.told()
    for path in LISTS:
        answer = await raw(on_stage, f"{path}?limit=100")
        assert not [name for name in names(answer) if name.startswith("_")]
    assert not [n for event in on_stage.shop.events for n in names(event.to_dict()) if n[0] == "_"]
