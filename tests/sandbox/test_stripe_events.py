"""Webhooks and the list of events: signed, snapshots, resent, lost, paged."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from sandbox.stripe.settings import SandboxAccount
from tests.sandbox.stripe_kit import OTHER_KEY, PLATFORM_KEY, SECRET, Stage, order, stage


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


@pytest.fixture
async def ear() -> AsyncIterator[tuple[str, list[Any]]]:
    """Another address that takes webhooks, with what it heard: headers and body."""
    heard: list[Any] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append((request.headers, await request.read()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hear)
    async with TestServer(app) as server:
        yield str(server.make_url("/")), heard


async def test_a_webhook_is_signed_when_it_is_sent_and_carries_the_pinned_version(
    on_stage: Stage,
) -> None:
    on_stage.shop.status = 500
    await on_stage.act((await on_stage.order()).id, "expire")
    await on_stage.told()
    first = on_stage.shop.headers[0]["Stripe-Signature"]
    assert abs(int(first[2 : first.index(",")]) - time.time()) < 30
    assert len(on_stage.shop.bodies) == 3  # one attempt and the two retries of the kit
    assert len(set(on_stage.shop.bodies)) == 1
    event = json.loads(on_stage.shop.bodies[0])
    assert (event["api_version"], event["livemode"]) == (stripe.api_version, False)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(on_stage.shop.bodies[0], first, "whsec_other")


async def test_words_in_other_letters_survive_the_signature(on_stage: Stage) -> None:
    await on_stage.act((await on_stage.order()).id, "pay", name="Šárka Ünal 🌷")
    await on_stage.told()
    assert on_stage.shop.events[-1].data.object.customer_details.name == "Šárka Ünal 🌷"


async def test_an_event_is_a_snapshot_of_its_moment(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "delay")
    await on_stage.act(session.id, "settle")
    listed = await on_stage.stripe.v1.events.list_async({"type": "checkout.session.*"})
    states = [event.data.object.payment_status for event in listed.data]
    assert states == ["paid", "unpaid"]


async def test_events_say_which_request_caused_them(on_stage: Stage) -> None:
    session = await on_stage.order()
    options = {"idempotency_key": "expire-7"}
    expired = await on_stage.stripe.v1.checkout.sessions.expire_async(session.id, {}, options)
    await on_stage.act((await on_stage.order()).id, "pay")
    listed = await on_stage.stripe.v1.events.list_async()
    by_buyer, by_shop = listed.data[0], listed.data[-1]
    assert by_shop.request.idempotency_key == "expire-7"
    assert by_shop.request.id == expired.last_response.request_id
    assert (by_buyer.request.id, by_buyer.request.idempotency_key) == (None, None)


async def test_an_endpoint_hears_only_what_it_asked_for_and_only_while_it_is_on(
    on_stage: Stage, ear: tuple[str, list[Any]]
) -> None:
    url, heard = ear
    endpoints = on_stage.stripe.v1.webhook_endpoints
    made = await endpoints.create_async(
        {
            "url": url,
            "enabled_events": ["checkout.session.expired"],
            "api_version": stripe.api_version,
        }
    )
    assert made.secret.startswith("whsec_")
    assert "secret" not in await endpoints.retrieve_async(made.id)
    await on_stage.act((await on_stage.order()).id, "pay")
    await on_stage.act((await on_stage.order()).id, "expire")
    await on_stage.told()
    headers, body = heard[0]
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], made.secret)
    assert [event.type, len(heard)] == ["checkout.session.expired", 1]
    await endpoints.update_async(made.id, {"disabled": True})
    await on_stage.act((await on_stage.order()).id, "expire")
    await endpoints.update_async(made.id, {"disabled": False})
    assert (await endpoints.delete_async(made.id)).deleted is True
    await on_stage.act((await on_stage.order()).id, "expire")
    await on_stage.told()
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"url": "no address", "enabled_events": ["*"]}, "url"),
        ({"url": "http://127.0.0.1:1/", "enabled_events": ["colour.changed"]}, "enabled_events[0]"),
        ({"url": "http://127.0.0.1:1/", "enabled_events": []}, "enabled_events"),
        ({"enabled_events": ["*"]}, "url"),
        (
            {
                "url": "http://127.0.0.1:1/",
                "enabled_events": ["*"],
                "api_version": "2026-08-26.dahlia",
            },
            "api_version",
        ),
    ],
)
async def test_an_endpoint_is_refused_for(
    params: dict[str, Any], param: str, on_stage: Stage
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await on_stage.stripe.v1.webhook_endpoints.create_async(params)
    assert caught.value.param == param
    assert len((await on_stage.stripe.v1.webhook_endpoints.list_async()).data) == 1


async def test_a_platform_hears_of_its_connected_account(
    on_stage: Stage, ear: tuple[str, list[Any]]
) -> None:
    url, heard = ear
    platform = on_stage.client(PLATFORM_KEY)
    await platform.v1.webhook_endpoints.create_async(
        {"url": url, "enabled_events": ["checkout.session.expired"], "connect": True}
    )
    candles = on_stage.client(OTHER_KEY)
    session = await candles.v1.checkout.sessions.create_async(order())
    await candles.v1.checkout.sessions.expire_async(session.id)
    await on_stage.told()
    assert json.loads(heard[0][1])["account"] == "acct_candles"
    assert on_stage.shop.events == []


async def test_an_event_can_be_sent_again(on_stage: Stage) -> None:
    await on_stage.act((await on_stage.order()).id, "expire")
    await on_stage.told()
    event_id = on_stage.shop.events[0].id
    await on_stage.control("POST", f"/events/{event_id}/resend")
    await on_stage.told()
    assert [event.id for event in on_stage.shop.events] == [event_id, event_id]


async def test_a_lost_event_is_neither_sent_nor_listed_though_it_happened(
    on_stage: Stage,
) -> None:
    await on_stage.control("POST", "/lost-events", type="checkout.session.", times=1)
    session = await on_stage.order()
    await on_stage.act(session.id, "pay")
    assert "checkout.session.completed" not in await on_stage.told()
    listed = await on_stage.stripe.v1.events.list_async({"type": "checkout.session.completed"})
    assert listed.data == []
    found = await on_stage.stripe.v1.checkout.sessions.list_async({"status": "complete"})
    assert [one.id for one in found.data] == [session.id]


async def test_undelivered_events_can_be_asked_for(on_stage: Stage) -> None:
    await on_stage.act((await on_stage.order()).id, "expire")
    await on_stage.told()
    on_stage.shop.status = 500
    await on_stage.act((await on_stage.order()).id, "expire")
    await on_stage.told()
    events = on_stage.stripe.v1.events
    missed = (await events.list_async({"delivery_success": False})).data
    heard = (await events.list_async({"delivery_success": True})).data
    assert [event.pending_webhooks for event in missed + heard] == [1, 0]
    assert missed[0].created >= heard[0].created


async def test_events_can_be_listed_by_type(on_stage: Stage) -> None:
    await on_stage.act((await on_stage.order()).id, "pay")
    events = on_stage.stripe.v1.events
    two = await events.list_async({"types": ["charge.succeeded", "payment_intent.created"]})
    assert [event.type for event in two.data] == ["charge.succeeded", "payment_intent.created"]
    for wrong in ({"type": "a", "types": ["b"]}, {"types": ["charge.succeeded"] * 21}):
        with pytest.raises(stripe.InvalidRequestError):
            await events.list_async(wrong)


async def test_pages_go_both_ways_and_miss_nothing(on_stage: Stage) -> None:
    made = [(await on_stage.order()).id for _ in range(7)]
    sessions = on_stage.stripe.v1.checkout.sessions
    newest_first = list(reversed(made))
    page = await sessions.list_async({"limit": 3})
    assert [one.id async for one in page.auto_paging_iter()] == newest_first
    back = await sessions.list_async({"limit": 3, "ending_before": made[0]})
    assert [one.id for one in back.data] == newest_first[3:6]
    assert back.has_more is True
    assert [one.id async for one in back.auto_paging_iter()][:1] == newest_first[5:6]
    none = await sessions.list_async({"ending_before": newest_first[0]})
    assert (none.data, none.has_more) == ([], False)


async def test_lists_can_be_narrowed_by_time_and_by_field(on_stage: Stage) -> None:
    sessions = on_stage.stripe.v1.checkout.sessions
    old = await on_stage.order(customer_email="anna@example.com")
    await on_stage.control("POST", "/clock", offset_s=100)
    new = await on_stage.order()
    since = await sessions.list_async({"created": {"gt": old.created, "lte": new.created}})
    assert [one.id for one in since.data] == [new.id]
    exact = await sessions.list_async({"created": old.created})
    assert [one.id for one in exact.data] == [old.id]
    hers = await sessions.list_async({"customer_details": {"email": "anna@example.com"}})
    assert [one.id for one in hers.data] == [old.id]


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 101},
        {"starting_after": "cs_1"},
        {"starting_after": "cs_1", "ending_before": "cs_2"},
        {"status": "sold"},
        {"created": {"around": 1}},
        {"expand": ["payment_intent"]},
        {"expand": ["data.payment_intent.latest_charge.payment_intent.customer.x"]},
    ],
)
async def test_a_list_is_refused_for(params: dict[str, Any], on_stage: Stage) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await on_stage.stripe.v1.checkout.sessions.list_async(params)


async def test_objects_of_one_account_are_unknown_to_another(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "pay")
    other = on_stage.client(OTHER_KEY)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await other.v1.checkout.sessions.retrieve_async(session.id)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert (await other.v1.checkout.sessions.list_async()).data == []
    assert (await other.v1.events.list_async()).data == []
    paid = await on_stage.stripe.v1.checkout.sessions.retrieve_async(session.id)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await other.v1.refunds.create_async({"payment_intent": paid.payment_intent})
    assert (caught.value.http_status, caught.value.param) == (400, "payment_intent")


async def test_a_restricted_key_may_do_what_it_may_and_no_more() -> None:
    key = "rk_test_counter0000000001"
    may_not = ("POST /v1/refunds", "GET /v1/disputes")
    own = SandboxAccount(secret_key=key, account_id="acct_flowers", name="Blumen", lacks=may_not)
    async with stage(more_accounts=(own,)) as at:
        session = await at.order()
        await at.act(session.id, "pay")
        counter = at.client(key)
        seen = await counter.v1.checkout.sessions.retrieve_async(session.id)
        with pytest.raises(stripe.PermissionError):
            await counter.v1.refunds.create_async({"payment_intent": seen.payment_intent})
        with pytest.raises(stripe.PermissionError):
            await counter.v1.disputes.list_async()
        assert (await counter.v1.refunds.list_async()).data == []


async def test_an_account_knows_itself_and_no_other(on_stage: Stage) -> None:
    own = await on_stage.stripe.v1.accounts.retrieve_current_async()
    assert (own.id, own.settings.dashboard.display_name) == ("acct_flowers", "Blumen Krüger")
    with pytest.raises(stripe.PermissionError):
        await on_stage.stripe.v1.accounts.retrieve_async("acct_candles")


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret_key": "sk_live_flowers0000000001"},
        {"secret_key": "rk_live_flowers0000000001"},
        {"secret_key": "sk_test_"},
        {"account_id": "flowers"},
        {"webhook_url": "http://127.0.0.1:1/"},
        {"lacks": ("GET /v1",)},
    ],
)
def test_an_account_cannot_be_set_up_with(wrong: dict[str, Any]) -> None:
    right = {"secret_key": "sk_test_flowers0000000001", "account_id": "acct_1", "name": "x"}
    SandboxAccount(**right, webhook_url="http://127.0.0.1:1/", webhook_secret=SECRET)
    with pytest.raises(ValidationError):
        SandboxAccount(**{**right, **wrong})
