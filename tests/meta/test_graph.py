"""The library's verbs over our transport: against the sandbox, and against bad days."""

import asyncio
import inspect
import json
import logging
from typing import Any

import facebook
import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr

from meta.errors import GraphRefused, GraphUnavailable, GraphUnclear
from meta.graph import Graph
from sandbox.graph_faults import GraphFault
from tests.conftest import SetClock
from tests.meta.conftest import APP, INSTAGRAM, PAGE, SECRET, TOKEN, Network, Oddity

PROOF = "d8b448b9cc7d64c51098271805b3cc20b5b715e52bd587eb71b610259587c856"


async def test_every_verb_of_the_library_works_on_our_transport(network: Network) -> None:
    graph = network.graph
    assert isinstance(graph, facebook.GraphAPI)
    me = await graph.get_object("me", fields="id,name")
    assert me == {"id": PAGE, "name": "Blumen am Markt"}
    post = await graph.put_object(PAGE, "feed", message="Tulpen!")
    comment = await graph.put_comment(post["id"], "Die ersten.")
    assert await graph.put_like(post["id"]) == {"success": True}
    listed = await graph.get_connections(post["id"], "comments", fields="id,message")
    assert [one["message"] for one in listed["data"]] == ["Die ersten."]
    both = await graph.get_objects([post["id"], comment["id"]], fields="id,message")
    assert {one["message"] for one in both.values()} == {"Tulpen!", "Die ersten."}
    assert await graph.delete_object(comment["id"]) == {"success": True}
    assert await graph.get_version() == "25.0"


async def test_what_the_library_indexes_or_loops_over_works_too(network: Network) -> None:
    user = network.graphs.graph_with(SecretStr("sandbox-user-token"))
    assert "pages_messaging" in await user.get_permissions("me")
    for number in range(30):
        await network.graph.put_object(PAGE, "feed", message=f"Beitrag {number}")
    found = [
        one["message"]
        async for one in network.graph.get_all_connections(PAGE, "feed", fields="message", limit=7)
    ]
    assert sorted(found) == sorted(f"Beitrag {number}" for number in range(30))
    app_token = await network.graph.get_app_access_token(APP, SECRET, offline=True)
    assert app_token == f"{APP}|{SECRET}"
    assert inspect.iscoroutinefunction(Graph.delete_request)


async def test_a_photo_goes_up_as_a_file(network: Network) -> None:
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (40, 40), "red").save(out, "JPEG")
    answer = await network.graph.put_photo(out.getvalue(), f"{PAGE}/photos", caption="Rot")
    post = await network.graph.get_object(answer["post_id"], fields="message")
    assert post["message"] == "Rot"


async def test_the_token_travels_in_a_header_and_never_in_an_address(odd: Oddity) -> None:
    odd.says({"id": "1", "data": {}, "access_token": "x"})
    graph = odd.graph
    await graph.get_object("me", fields="id")
    await graph.put_object("me", "feed", message="x")
    await graph.put_like("5")
    await graph.delete_object("5")
    await graph.debug_access_token("secret-input-token", APP, SECRET)
    await graph.get_app_access_token(APP, SECRET)
    await graph.extend_access_token(APP, SECRET)
    await graph.get_access_token_from_code("code-1", "https://x", APP, SECRET)
    await graph.delete_request("7", "8")
    for call in odd.seen:
        for secret in (TOKEN, SECRET, "secret-input-token", "code-1"):
            assert secret not in call["address"]
    assert [call["headers"]["Authorization"] for call in odd.seen[:4]] == [f"Bearer {TOKEN}"] * 4
    assert odd.seen[4]["headers"]["Authorization"] == f"Bearer {APP}|{SECRET}"
    assert odd.seen[4]["form"] == {"input_token": "secret-input-token", "method": "get"}
    assert odd.seen[8]["path"] == "/graph/v25.0/8_7"


async def test_every_call_of_a_page_carries_the_proof(odd: Oddity) -> None:
    odd.says({"id": "1"})
    graph = odd.graphs.graph_with(SecretStr("page-token"))
    await graph.get_object("me")
    await graph.put_object("me", "feed", message="x")
    await graph.delete_object("5")
    assert odd.seen[0]["query"]["appsecret_proof"] == PROOF
    assert odd.seen[1]["form"]["appsecret_proof"] == PROOF
    assert odd.seen[2]["query"]["appsecret_proof"] == PROOF
    await odd.graphs.app_graph().get_object(APP)
    assert "appsecret_proof" not in odd.seen[3]["query"]


async def test_nested_values_and_truth_travel_as_json(odd: Oddity) -> None:
    odd.says({"id": "1"})
    await odd.graph.put_object(
        "me", "messages", recipient={"id": "7"}, message={"text": "ä 🌹"}, published=False,
        fields=["a", "b"], nothing=None, count=3,
    )  # fmt: skip
    form = odd.seen[0]["form"]
    assert json.loads(form["recipient"]) == {"id": "7"}
    assert json.loads(form["message"]) == {"text": "ä 🌹"}
    assert json.loads(form["fields"]) == ["a", "b"]
    assert (form["published"], form["count"]) == ("false", "3")
    assert "nothing" not in form


async def test_another_version_is_a_setting(odd: Oddity) -> None:
    odd.says({"id": "1"})
    graph = odd.graph
    graph.version = "v26.0"
    await graph.get_object("me")
    assert odd.seen[0]["path"] == "/graph/v26.0/me"


@pytest.mark.parametrize(
    ("fault", "family"),
    [
        ("window", "window"),
        ("permission", "permission"),
        ("unreachable", "unreachable"),
        ("no_such_user", "unreachable"),
        ("other_owner", "thread_owned"),
        ("token_expired", "token_dead"),
        ("token_revoked", "token_dead"),
        ("impersonating", "token_scope"),
        ("abuse", "blocked"),
        ("duplicate_post", "duplicate"),
    ],
)
async def test_final_refusals_have_their_family(network: Network, fault: str, family: str) -> None:
    network.world.graph_weather.faults.append(GraphFault(fault))
    with pytest.raises(GraphRefused) as caught:
        await network.graph.put_object(PAGE, "feed", message="x")
    assert caught.value.family == family
    assert caught.value.trace_id
    assert network.world.shop(PAGE).posts == []


@pytest.mark.parametrize("fault", ["transient", "unknown", "link_scrape"])
async def test_temporary_trouble_asks_for_another_try(network: Network, fault: str) -> None:
    network.world.graph_weather.faults.append(GraphFault(fault))
    with pytest.raises(GraphUnavailable):
        await network.graph.put_object(PAGE, "feed", message="x")
    assert await network.graph.put_object(PAGE, "feed", message="x")


@pytest.mark.parametrize(
    ("fault", "open_edge"), [("messenger_rate", "feed"), ("page_rate", "messenger_profile")]
)
async def test_after_a_rate_error_that_bucket_is_left_alone(
    network: Network, clock: SetClock, fault: str, open_edge: str
) -> None:
    closed_edge = "messenger_profile" if fault == "messenger_rate" else "feed"
    network.world.graph_weather.faults.append(GraphFault(fault))
    with pytest.raises(GraphUnavailable) as refused:
        await network.graph.get_connections(PAGE, closed_edge)
    assert refused.value.retry_after == 300
    clock.advance(seconds=60)
    with pytest.raises(GraphUnavailable) as spared:
        await network.graph.get_connections(PAGE, closed_edge)
    assert spared.value.retry_after == 240
    await network.graph.get_connections(PAGE, open_edge)
    clock.advance(seconds=240)
    await network.graph.get_connections(PAGE, closed_edge)


async def test_a_usage_header_stops_calling_before_meta_has_to(
    network: Network, clock: SetClock
) -> None:
    full = {PAGE: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": 7}]}
    network.world.graph_weather.usage = {"X-Business-Use-Case-Usage": full}
    await network.graph.get_connections(PAGE, "feed")
    network.world.graph_weather.usage = {}
    with pytest.raises(GraphUnavailable) as spared:
        await network.graph.get_connections(PAGE, "feed")
    assert spared.value.retry_after == 420
    clock.advance(minutes=7)
    await network.graph.get_connections(PAGE, "feed")


async def test_a_send_nobody_answered_is_unclear_and_a_question_is_not(odd: Oddity) -> None:
    async def never(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(2)
        return web.json_response({})

    odd.answer = never
    graph = odd.losing_patience_after(0.4)
    with pytest.raises(GraphUnclear):
        await graph.put_object("me", "messages", message={"text": "x"})
    with pytest.raises(GraphUnavailable):
        await graph.get_object("me")
    with pytest.raises(GraphUnavailable):
        await graph.debug_access_token("t", APP, SECRET)


async def test_a_line_that_breaks_off_after_sending_is_unclear(odd: Oddity) -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    odd.answer = hang_up
    with pytest.raises(GraphUnclear):
        await odd.graph.put_object("me", "messages", message={"text": "x"})


async def test_when_nobody_is_there_nothing_was_done(odd: Oddity) -> None:
    from tests.meta.conftest import meta_settings

    graphs = odd.graphs
    graphs.settings = meta_settings("http://127.0.0.1:1")
    with pytest.raises(GraphUnavailable):
        await graphs.graph_with(SecretStr(TOKEN)).put_object("me", "feed", message="x")


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [
        (502, "<html>Bad gateway</html>", (GraphUnclear, GraphUnavailable)),
        (200, "<html>maintenance</html>", (GraphUnclear, GraphRefused)),
        (200, "", (GraphUnclear, GraphRefused)),
        (302, "", (GraphRefused, GraphRefused)),
        (404, "gone", (GraphRefused, GraphRefused)),
        (400, {"error": {}}, (GraphRefused, GraphRefused)),
        (429, "slow down", (GraphUnavailable, GraphUnavailable)),
        (500, {"error": {"code": 2, "message": "x"}}, (GraphUnavailable, GraphUnavailable)),
        (503, {"error": {"message": "x"}}, (GraphUnavailable, GraphUnavailable)),
    ],
)  # fmt: skip
async def test_answers_that_are_none(
    odd: Oddity, clock: SetClock, status: int, body: Any, raised: tuple[type, type]
) -> None:
    changing, asking = raised
    odd.says(body, status)
    with pytest.raises(changing):
        await odd.graph.put_object("me", "feed", message="x")
    clock.advance(hours=1)
    with pytest.raises(asking):
        await odd.graph.get_object("me")


async def test_failures_are_logged_with_metas_trace_and_without_secrets(
    odd: Oddity, caplog: pytest.LogCaptureFixture
) -> None:
    odd.says(
        {"error": {"code": 100, "message": "no", "fbtrace_id": "AbC123"}}, 400, x_fb_debug="dbg"
    )
    with (
        structlog.testing.capture_logs() as logs,
        caplog.at_level(logging.DEBUG),
        pytest.raises(GraphRefused),
    ):
        await odd.graph.put_object("me", "feed", message="words of a customer")
    [line] = [one for one in logs if one["event"] == "graph_refused"]
    assert (line["fbtrace_id"], line["debug"]) == ("AbC123", "dbg")
    everything = repr(logs) + caplog.text
    assert TOKEN not in everything
    assert "words of a customer" not in everything


async def test_a_silent_change_of_version_is_noticed(odd: Oddity) -> None:
    odd.says({"id": "1"}, facebook_api_version="v27.0")
    with structlog.testing.capture_logs() as logs:
        await odd.graph.get_object("me")
    assert {"asked": "v25.0", "served": "v27.0"}.items() <= logs[0].items()


async def test_an_instagram_account_is_asked_through_the_pages_token(network: Network) -> None:
    found = await network.graph.get_object(INSTAGRAM, fields="id,username")
    assert found == {"id": INSTAGRAM, "username": "blumen.am.markt"}
