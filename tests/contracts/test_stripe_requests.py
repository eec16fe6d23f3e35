"""The sandbox refuses what Stripe refuses, by the code and the parameter Stripe names."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import stripe
from hypothesis import given, settings
from hypothesis import strategies as st
from stripe.params.checkout import SessionCreateParams

from sandbox.stripe.errors import Problem
from sandbox.stripe.forms import decode
from sandbox.stripe.params import checked
from tests.sandbox.stripe_kit import Stage, line, order, stage


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


def lines(*amounts: int, currency: str = "eur", **more: Any) -> list[dict[str, Any]]:
    return [line(amount, currency, **more) for amount in amounts]


def priced(**price: Any) -> list[dict[str, Any]]:
    data = {"currency": "eur", "unit_amount": 100, "product_data": {"name": "x"}, **price}
    return [{"price_data": {k: v for k, v in data.items() if v is not None}, "quantity": 1}]


REFUSED: dict[str, tuple[dict[str, Any], str | None, str | None]] = {
    "payment_method_types are gone since endive": (
        {"payment_method_types": ["card"]},
        "parameter_unknown",
        "payment_method_types",
    ),
    "an unknown parameter": ({"colour": "red"}, "parameter_unknown", "colour"),
    "a request option in the body": (
        {"line_items": [line(stripe_account="acct_1")]},
        "parameter_unknown",
        "line_items[0][stripe_account]",
    ),
    "an unknown mode": ({"mode": "gift"}, None, "mode"),
    "old names of ui_mode": ({"ui_mode": "hosted"}, None, "ui_mode"),
    "subscriptions are not acted out": ({"mode": "subscription"}, None, "mode"),
    "no lines": ({"line_items": []}, "parameter_missing", "line_items"),
    "101 lines": ({"line_items": lines(*[100] * 101)}, None, "line_items"),
    "two currencies": ({"line_items": [line(100), line(100, "usd")]}, None, "line_items"),
    "a negative amount": (
        {"line_items": lines(-100)},
        "parameter_invalid_integer",
        "line_items[0][price_data][unit_amount]",
    ),
    "a fraction": (
        {"line_items": priced(unit_amount=12.5)},
        "parameter_invalid_integer",
        "line_items[0][price_data][unit_amount]",
    ),
    "nine digits": (
        {"line_items": lines(100_000_000)},
        "amount_too_large",
        "line_items[0][price_data][unit_amount]",
    ),
    "a total of nine digits": ({"line_items": lines(99_999_999, 1)}, "amount_too_large", None),
    "49 cents": ({"line_items": lines(49)}, "amount_too_small", None),
    "29 pence": ({"line_items": lines(29, currency="gbp")}, "amount_too_small", None),
    "2.49 crowns": ({"line_items": lines(249, currency="dkk")}, "amount_too_small", None),
    "49 yen": ({"line_items": lines(49, currency="jpy")}, "amount_too_small", None),
    "half a krona of Iceland": (
        {"line_items": lines(150, currency="isk")},
        None,
        "line_items[0][price_data][unit_amount]",
    ),
    "half a shilling of Uganda": (
        {"line_items": lines(150, currency="ugx")},
        None,
        "line_items[0][price_data][unit_amount]",
    ),
    "the third decimal of the dinar": (
        {"line_items": lines(1005, currency="kwd")},
        None,
        "line_items[0][price_data][unit_amount]",
    ),
    "a currency in capitals": (
        {"line_items": lines(100, currency="EUR")},
        None,
        "line_items[0][price_data][currency]",
    ),
    "a currency nobody has": (
        {"line_items": lines(100, currency="xxx")},
        None,
        "line_items[0][price_data][currency]",
    ),
    "another currency than the lines": ({"currency": "usd"}, None, "currency"),
    "no quantity": (
        {"line_items": [{"price_data": line()["price_data"]}]},
        "parameter_missing",
        "line_items[0][quantity]",
    ),
    "quantity zero": ({"line_items": [line(quantity=0)]}, None, "line_items[0][quantity]"),
    "a product without a name": (
        {"line_items": priced(product_data={"description": "x"})},
        "parameter_missing",
        "line_items[0][price_data][product_data][name]",
    ),
    "an empty name": (
        {"line_items": priced(product_data={"name": ""})},
        "parameter_invalid_empty",
        "line_items[0][price_data][product_data][name]",
    ),
    "nine pictures": (
        {"line_items": priced(product_data={"name": "x", "images": ["https://x.de/p"] * 9})},
        None,
        "line_items[0][price_data][product_data][images]",
    ),
    "amount and decimal amount": (
        {"line_items": priced(unit_amount_decimal="12.5")},
        None,
        "line_items[0][price_data]",
    ),
    "thirteen decimals": (
        {"line_items": priced(unit_amount=None, unit_amount_decimal="1.0000000000001")},
        None,
        "line_items[0][price_data][unit_amount_decimal]",
    ),
    "an infinite amount": (
        {"line_items": priced(unit_amount=None, unit_amount_decimal="Infinity")},
        None,
        "line_items[0][price_data][unit_amount_decimal]",
    ),
    "a price nobody made": (
        {"line_items": [{"price": "price_1", "quantity": 1}]},
        "resource_missing",
        "line_items[0][price]",
    ),
    "a tax rate nobody made": (
        {"line_items": [line(tax_rates=["txr_1"])]},
        "resource_missing",
        "line_items[0][tax_rates]",
    ),
    "a recurring price": (
        {"line_items": priced(recurring={"interval": "month"})},
        None,
        "line_items[0][price_data][recurring]",
    ),
    "expiry in 29 minutes": (
        {"expires_at": int(time.time()) + 29 * 60},
        None,
        "expires_at",
    ),
    "expiry in 25 hours": ({"expires_at": int(time.time()) + 25 * 3600}, None, "expires_at"),
    "an expiry in words": ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
    "a success_url without a host": ({"success_url": "/paid"}, "url_invalid", "success_url"),
    "a script as cancel_url": ({"cancel_url": "javascript:1"}, "url_invalid", "cancel_url"),
    "no e-mail address": ({"customer_email": "anna"}, "email_invalid", "customer_email"),
    "a long reference": ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
    "an unknown language": ({"locale": "xx"}, None, "locale"),
    "51 keys of metadata": ({"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
    "a long key of metadata": ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
    "a long value of metadata": ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
    "metadata that is no table": ({"metadata": "v"}, None, "metadata"),
    "long metadata of the intent": (
        {"payment_intent_data": {"metadata": {"k": "v" * 501}}},
        None,
        "payment_intent_data[metadata][k]",
    ),
    "a fee without a platform": (
        {"payment_intent_data": {"application_fee_amount": 10}},
        None,
        "payment_intent_data[application_fee_amount]",
    ),
    "a long descriptor": (
        {"payment_intent_data": {"statement_descriptor_suffix": "x" * 23}},
        None,
        "payment_intent_data[statement_descriptor_suffix]",
    ),
    "six shipping options": (
        {"shipping_options": [{"shipping_rate": f"shr_{n}"} for n in range(6)]},
        None,
        "shipping_options",
    ),
    "shipping in another currency": (
        {
            "shipping_options": [
                {
                    "shipping_rate_data": {
                        "display_name": "DHL",
                        "fixed_amount": {"amount": 490, "currency": "usd"},
                    }
                }
            ]
        },
        None,
        "shipping_options[0][shipping_rate_data]",
    ),
    "a country nobody ships to": (
        {"shipping_address_collection": {"allowed_countries": ["KP"]}},
        None,
        "shipping_address_collection[allowed_countries][0]",
    ),
    "a coupon nobody made": (
        {"discounts": [{"coupon": "SOMMER"}]},
        "resource_missing",
        "discounts[0][coupon]",
    ),
    "Stripe Tax that is not set up": (
        {"automatic_tax": {"enabled": True}},
        None,
        "automatic_tax[enabled]",
    ),
    "terms of service nobody has filed": (
        {"consent_collection": {"terms_of_service": "required"}},
        None,
        "consent_collection[terms_of_service]",
    ),
    "no way to pay left": (
        {"excluded_payment_method_types": ["card", "sepa_debit"]},
        None,
        None,
    ),
    "a customer and an e-mail address": (
        {"customer": "cus_1", "customer_email": "anna@example.com"},
        None,
        "customer",
    ),
    "a customer nobody made": ({"customer": "cus_1"}, "resource_missing", "customer"),
    "what is not acted out": (
        {"tax_id_collection": {"enabled": True}},
        None,
        "tax_id_collection",
    ),
    "an expansion nobody knows": ({"expand": ["colour"]}, None, "expand"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_session_is_refused_whole_for(what: str, on_stage: Stage) -> None:
    wrong, code, param = REFUSED[what]
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await on_stage.stripe.v1.checkout.sessions.create_async({**order(), **wrong})
    assert (caught.value.code, caught.value.param) == (code, param)
    assert caught.value.http_status == 400
    assert caught.value.request_id.startswith("req_")
    things = on_stage.world.accounts["acct_flowers"].things
    assert {kind for kind, kept in things.items() if kept} == {"webhook_endpoint"}
    assert on_stage.world.results == {}


TAKEN: dict[str, tuple[dict[str, Any], int]] = {
    "50 cents": ({"line_items": lines(50)}, 50),
    "30 pence": ({"line_items": lines(30, currency="gbp")}, 30),
    "50 yen": ({"line_items": lines(50, currency="jpy")}, 50),
    "two kronur of Iceland": ({"line_items": lines(200, currency="isk")}, 200),
    "a dinar": ({"line_items": lines(1000, currency="kwd")}, 1000),
    "forints with fillér": ({"line_items": lines(17510, currency="huf")}, 17510),
    "100 lines": ({"line_items": lines(*[100] * 100)}, 10000),
    "a free gift beside": ({"line_items": lines(1290, 0)}, 1290),
    "nothing at all": ({"line_items": lines(0)}, 0),
    "three of a kind": ({"line_items": [line(333, quantity=3)]}, 999),
    "decimals of a cent": (
        {"line_items": priced(unit_amount=None, unit_amount_decimal="66.5")},
        67,
    ),
    "200 letters of reference": ({"client_reference_id": "ä" * 200}, 1290),
    "50 keys of metadata": ({"metadata": {f"k{n}": "v" * 500 for n in range(50)}}, 1290),
    "half an hour": ({"expires_at": int(time.time()) + 40 * 60}, 1290),
    "an allowed way to pay": ({"allowed_payment_method_types": ["card"]}, 1290),
    "a filter for what is not eligible": (
        {"allowed_payment_method_types": ["card", "klarna"]},
        1290,
    ),
}


@pytest.mark.parametrize("what", TAKEN)
async def test_a_session_is_made_with(what: str, on_stage: Stage) -> None:
    right, total = TAKEN[what]
    session = await on_stage.stripe.v1.checkout.sessions.create_async({**order(), **right})
    assert (session.status, session.amount_total) == ("open", total)
    assert session.payment_status == ("unpaid" if total else "no_payment_required")
    assert session.payment_intent is None
    assert session.url == f"{on_stage.url}/pay/{session.id}"


async def test_metadata_stays_a_table_even_with_numbers_for_keys(on_stage: Stage) -> None:
    session = await on_stage.order(metadata={"0": "a", "1": "b"})
    assert session.metadata.to_dict() == {"0": "a", "1": "b"}


async def test_ways_to_pay_follow_currency_and_filters(on_stage: Stage) -> None:
    assert (await on_stage.order()).payment_method_types == ["card", "sepa_debit"]
    yen = await on_stage.order(line_items=lines(500, currency="jpy"))
    assert yen.payment_method_types == ["card"]
    debit = await on_stage.order(excluded_payment_method_types=["card"])
    assert debit.payment_method_types == ["sepa_debit"]


texts = st.text(max_size=12)
values = st.recursive(texts, lambda inner: st.dictionaries(texts, inner, max_size=3), max_leaves=8)
known = st.sampled_from(sorted(SessionCreateParams.__annotations__)) | texts


def refusal(read: Callable[[], object]) -> Problem | None:
    try:
        read()
    except Problem as problem:
        return problem
    return None


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(known, values, max_size=5))
def test_no_body_breaks_the_check_of_parameters(raw: dict[str, Any]) -> None:
    problem = refusal(lambda: checked(SessionCreateParams, raw))
    assert problem is None or (problem.status == 400 and str(problem))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text("ab[]01é", max_size=12), texts), max_size=6))
def test_no_form_breaks_the_decoder(pairs: list[tuple[str, str]]) -> None:
    problem = refusal(lambda: decode(pairs))
    assert problem is None or (problem.status == 400 and str(problem))


def test_the_form_encoding_of_the_sdk_is_read_back() -> None:
    from stripe._encode import _api_encode

    sent = order(metadata={"a": "ü & ="}, line_items=lines(100, 200))
    raw = decode([(name, str(value)) for name, value in _api_encode(sent)])
    assert checked(SessionCreateParams, raw) == sent


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({}, 401, "invalid_request_error"),
        ({"Authorization": "Bearer sk_test_nobody000000000"}, 401, "invalid_request_error"),
        ({"Authorization": "Bearer sk_live_flowers0000001"}, 401, "invalid_request_error"),
        ({"Authorization": "Basic %%%"}, 401, "invalid_request_error"),
        ({"Stripe-Version": "2025-09-30.clover"}, 400, "invalid_request_error"),
        ({"Stripe-Account": "acct_candles"}, 403, "invalid_request_error"),
        ({"Content-Type": "application/json"}, 400, "invalid_request_error"),
    ],
)
async def test_a_call_is_turned_away_at_the_door(
    headers: dict[str, str], status: int, kind: str, on_stage: Stage
) -> None:
    own = {"Authorization": "Bearer sk_test_flowers0000000001"} if headers else {}
    url = f"{on_stage.url}/stripe/v1/refunds"
    async with on_stage.http.post(url, data=b"{}", headers={**own, **headers}) as answer:
        body = await answer.json()
    assert answer.status == status
    assert body["error"]["type"] == kind
    assert "sk_test_nobody000000000" not in str(body)
    assert answer.headers["Request-Id"].startswith("req_")


async def test_an_address_the_api_does_not_have_is_a_404(on_stage: Stage) -> None:
    own = {"Authorization": "Bearer sk_test_flowers0000000001"}
    async with on_stage.http.get(f"{on_stage.url}/stripe/v1/subscriptions", headers=own) as answer:
        assert answer.status == 404
        assert (await answer.json())["error"]["message"].startswith("Unrecognized request URL")


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a[=1", b"a=1&a=2", b"a[b]=1&a=2", b"=" * 9000])
async def test_a_form_that_makes_no_sense_is_a_400(body: bytes, on_stage: Stage) -> None:
    own = {
        "Authorization": "Bearer sk_test_flowers0000000001",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    url = f"{on_stage.url}/stripe/v1/checkout/sessions"
    async with on_stage.http.post(url, data=body, headers=own) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["type"] == "invalid_request_error"
