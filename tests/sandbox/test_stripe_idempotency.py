"""The same key twice, broken answers, hanging calls: what a client must survive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import stripe

from tests.sandbox.stripe_kit import KEY, Stage, order, stage

UNREACHED = (stripe.APIConnectionError, aiohttp.ClientError)


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def create(at: Stage, key: str, client: Any = None, **params: Any) -> Any:
    chosen = client or at.stripe
    return await chosen.v1.checkout.sessions.create_async(order(**params), {"idempotency_key": key})


async def count(at: Stage) -> int:
    return len((await at.stripe.v1.checkout.sessions.list_async({"limit": 100})).data)


async def trouble(at: Stage, kind: str, **more: Any) -> None:
    await at.control("POST", "/faults", kind=kind, method="POST", **more)


async def test_the_same_key_gives_the_same_session(on_stage: Stage) -> None:
    first, again = await create(on_stage, "order-7"), await create(on_stage, "order-7")
    assert again.id == first.id
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert await count(on_stage) == 1


async def test_the_same_key_with_other_parameters_is_refused(on_stage: Stage) -> None:
    await create(on_stage, "order-7")
    with pytest.raises(stripe.IdempotencyError) as caught:
        await create(on_stage, "order-7", amount=1300)
    assert caught.value.http_status == 400
    assert await count(on_stage) == 1


async def test_a_key_is_free_again_after_a_day(on_stage: Stage) -> None:
    first = await create(on_stage, "order-7")
    await on_stage.control("POST", "/clock", advance_s=24 * 3600 + 1)
    assert (await create(on_stage, "order-7")).id != first.id


async def test_a_key_is_free_again_after_failed_validation(on_stage: Stage) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await create(on_stage, "order-7", locale="xx")
    assert (await create(on_stage, "order-7")).status == "open"


async def test_a_refusal_by_state_is_stored_under_its_key(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "pay")
    key = {"idempotency_key": "expire-7"}
    messages = []
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            await on_stage.stripe.v1.checkout.sessions.expire_async(session.id, {}, key)
        messages.append(caught.value.json_body)
    assert messages[0] == messages[1]


async def test_keys_of_other_accounts_do_not_meet(on_stage: Stage) -> None:
    other = on_stage.client("rk_test_candles0000000001")
    first = await create(on_stage, "order-7")
    assert (await create(on_stage, "order-7", other)).id != first.id


async def test_a_key_has_at_most_255_characters(on_stage: Stage) -> None:
    await create(on_stage, "k" * 255)
    with pytest.raises(stripe.InvalidRequestError):
        await create(on_stage, "k" * 256)


async def test_two_at_once_with_one_key_make_one_session(on_stage: Stage) -> None:
    await trouble(on_stage, "slow", seconds=0.3)
    first = asyncio.create_task(create(on_stage, "order-7"))
    await asyncio.sleep(0.1)
    with pytest.raises(stripe.APIError) as caught:
        await create(on_stage, "order-7")
    assert caught.value.http_status == 409
    assert caught.value.error.code == "idempotency_key_in_use"
    assert caught.value.headers["stripe-should-retry"] == "true"
    made = await first
    assert (await create(on_stage, "order-7")).id == made.id
    assert await count(on_stage) == 1


async def test_a_failure_of_the_api_is_given_again_for_its_key(on_stage: Stage) -> None:
    await trouble(on_stage, "500")
    patient = on_stage.client(KEY, max_network_retries=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            await create(on_stage, "order-7", patient)
        assert caught.value.http_status == 500
    assert await count(on_stage) == 0
    assert (await create(on_stage, "order-7b")).status == "open"


async def test_a_failure_after_success_hides_a_session_that_exists(on_stage: Stage) -> None:
    await trouble(on_stage, "500_after_success")
    with pytest.raises(stripe.APIError):
        await create(on_stage, "order-7", client_reference_id="order-7")
    listed = await on_stage.stripe.v1.checkout.sessions.list_async()
    assert [session.client_reference_id for session in listed.data] == ["order-7"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("401", stripe.AuthenticationError),
        ("403", stripe.PermissionError),
        ("409", stripe.APIError),
        ("429", stripe.RateLimitError),
        ("lock_timeout", stripe.RateLimitError),
        ("503", stripe.APIError),
    ],
)
async def test_trouble_before_the_work_leaves_nothing_behind(
    kind: str, error: type[Exception], on_stage: Stage
) -> None:
    await trouble(on_stage, kind)
    with pytest.raises(error):
        await create(on_stage, "order-7")
    assert await count(on_stage) == 0
    assert (await create(on_stage, "order-7")).status == "open"


async def test_the_client_gets_over_an_outage_by_itself(on_stage: Stage) -> None:
    await trouble(on_stage, "503")
    patient = on_stage.client(KEY, max_network_retries=2)
    assert (await create(on_stage, "order-7", patient)).status == "open"


async def test_a_connection_cut_after_the_work_is_healed_by_the_key(on_stage: Stage) -> None:
    await trouble(on_stage, "cut_after_success")
    with pytest.raises(UNREACHED):
        await create(on_stage, "order-7")
    assert await count(on_stage) == 1
    assert (await create(on_stage, "order-7")).status == "open"
    assert await count(on_stage) == 1


async def test_a_connection_cut_before_the_work_did_nothing(on_stage: Stage) -> None:
    await trouble(on_stage, "cut")
    with pytest.raises(UNREACHED):
        await create(on_stage, "order-7")
    assert await count(on_stage) == 0


@pytest.mark.parametrize(("kind", "made"), [("timeout", 0), ("timeout_after_success", 1)])
async def test_a_call_that_hangs_ends_at_the_clients_patience(
    kind: str, made: int, on_stage: Stage
) -> None:
    await trouble(on_stage, kind, seconds=60)
    hasty = stripe.StripeClient(
        KEY,
        http_client=stripe.AIOHTTPClient(session=on_stage.http, timeout=1),
        base_addresses={"api": f"{on_stage.url}/stripe"},
        max_network_retries=0,
    )
    with pytest.raises((*UNREACHED, TimeoutError)):
        await create(on_stage, "order-7", hasty)
    assert await count(on_stage) == made
    await create(on_stage, "order-7")
    assert await count(on_stage) == 1


async def test_trouble_strikes_only_the_calls_it_is_meant_for(on_stage: Stage) -> None:
    await on_stage.control("POST", "/faults", kind="429", path="/v1/refunds", times=2)
    session = await on_stage.order()
    assert session.status == "open"
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            await on_stage.stripe.v1.refunds.list_async()
    assert (await on_stage.stripe.v1.refunds.list_async()).data == []


async def test_trouble_can_be_taken_back(on_stage: Stage) -> None:
    await trouble(on_stage, "429", times=5)
    assert len((await on_stage.control("GET", ""))["faults"]) == 1
    await on_stage.control("DELETE", "/faults")
    assert (await on_stage.order()).status == "open"


async def test_every_call_is_noted_with_its_headers(on_stage: Stage) -> None:
    await create(on_stage, "order-7", client_reference_id="order-7")
    noted = (await on_stage.control("GET", "/requests?path=/v1/checkout"))["requests"]
    assert len(noted) == 1
    assert noted[0]["headers"]["idempotency-key"] == "order-7"
    assert noted[0]["headers"]["stripe-version"] == stripe.api_version
    assert noted[0]["params"]["client_reference_id"] == "order-7"
    assert (noted[0]["method"], noted[0]["status"]) == ("POST", 200)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", {"kind": "flood"}),
        ("/faults", {"kind": "429", "colour": "red"}),
        ("/clock", {}),
        ("/clock", {"offset_s": 1, "advance_s": 1}),
        ("/balances", {"account": "acct_flowers"}),
    ],
)
async def test_a_control_call_that_makes_no_sense_is_a_400(
    path: str, body: dict[str, Any], on_stage: Stage
) -> None:
    url = f"{on_stage.url}/control/stripe{path}"
    async with on_stage.http.post(url, json=body) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    "path",
    ["/sessions/cs_1/pay", "/disputes/du_1/win", "/refunds/re_1/fail", "/events/evt_1/resend"],
)
async def test_a_control_call_for_nothing_is_a_404(path: str, on_stage: Stage) -> None:
    async with on_stage.http.post(f"{on_stage.url}/control/stripe{path}") as answer:
        assert answer.status == 404
