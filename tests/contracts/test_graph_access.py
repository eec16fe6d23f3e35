"""Who may call the Graph API: versions, tokens, proof, permissions, and how errors look."""

import re

import aiohttp
import pytest

from sandbox.signing import proof
from tests.sandbox.network import PAGE, SECRET, Network

# Own vector: secret `app-secret`, token `page-token`.
PROOF = "d8b448b9cc7d64c51098271805b3cc20b5b715e52bd587eb71b610259587c856"


def test_the_proof_is_the_token_hashed_with_the_app_secret() -> None:
    assert proof("app-secret", "page-token") == PROOF


async def test_a_page_says_who_it_is(network: Network) -> None:
    assert await network.graph("GET", "me", fields="id,name") == (
        200,
        {"id": PAGE, "name": "Blumen am Markt"},
    )


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("me", 2500),
        ("graph/me", 2500),
        ("v20.0/me", 2635),
        ("v99.0/me", 2635),
        ("v25.0", 2500),
        ("v25.0/a/b/c", 2500),
    ],
)
async def test_calls_without_a_living_version_or_node_are_refused(
    network: Network, path: str, code: int
) -> None:
    headers = {"Authorization": "Bearer page-token"}
    query = {"appsecret_proof": PROOF}
    async with network.http.get(
        f"{network.url}/graph/{path}", headers=headers, params=query
    ) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == code


async def test_the_token_may_come_as_header_query_or_form(network: Network) -> None:
    url = f"{network.url}/graph/v25.0/me"
    query = {"access_token": "page-token", "appsecret_proof": PROOF}
    async with network.http.get(url, params=query) as answer:
        assert (await answer.json())["id"] == PAGE
    for scheme in ("Bearer", "OAuth"):
        headers = {"Authorization": f"{scheme} page-token"}
        async with network.http.get(
            url, headers=headers, params={"appsecret_proof": PROOF}
        ) as answer:
            assert (await answer.json())["id"] == PAGE
    form = aiohttp.FormData({**query, "message": "Guten Morgen"})
    async with network.http.post(f"{network.url}/graph/v25.0/{PAGE}/feed", data=form) as answer:
        assert answer.status == 200


async def test_an_error_has_metas_shape(network: Network) -> None:
    status, body = await network.graph("GET", "me", token="nonsense")
    error = body["error"]
    assert status == 400
    assert error.pop("fbtrace_id")
    assert error == {
        "message": "Invalid OAuth access token - Cannot parse access token",
        "type": "OAuthException",
        "code": 190,
    }


async def test_a_missing_token_is_104_and_on_me_2500(network: Network) -> None:
    assert await network.refused("GET", PAGE, token="") == (104, None)
    assert await network.refused("GET", "me", token="") == (2500, None)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "API calls from the server require an appsecret_proof argument"),
        (
            {"appsecret_proof": "0" * 64},
            "Invalid appsecret_proof provided in the API argument",
        ),
        ({"appsecret_proof": "ä"}, "Invalid appsecret_proof provided in the API argument"),
    ],
)
async def test_the_app_secret_proof_is_demanded_and_checked(
    network: Network, given: dict[str, str], message: str
) -> None:
    headers = {"Authorization": "Bearer page-token"}
    url = f"{network.url}/graph/v25.0/me"
    async with network.http.get(url, headers=headers, params=given) as answer:
        error = (await answer.json())["error"]
    assert (error["code"], error["type"], error["message"]) == (
        100,
        "GraphMethodException",
        message,
    )


async def test_a_dead_token_says_why(network: Network) -> None:
    await network.control("POST", "tokens", page=PAGE, is_live=False, subcode=463)
    assert await network.refused("GET", "me") == (190, 463)
    _, body = await network.graph(
        "GET", "debug_token", token=f"1900|{SECRET}", input_token="page-token"
    )
    assert body["data"]["is_valid"] is False
    assert body["data"]["error"]["subcode"] == 463


async def test_debug_token_describes_a_page_token(network: Network) -> None:
    token = f"1900|{SECRET}"
    _, body = await network.graph("GET", "debug_token", token=token, input_token="page-token")
    data = body["data"]
    assert (data["is_valid"], data["type"], data["expires_at"]) == (True, "PAGE", 0)
    assert data["profile_id"] == PAGE
    assert "pages_messaging" in data["scopes"]
    _, unknown = await network.graph("GET", "debug_token", token=token, input_token="x")
    assert unknown["data"]["is_valid"] is False


async def test_a_missing_permission_is_200_and_nothing_is_written(network: Network) -> None:
    await network.control("POST", "tokens", page=PAGE, scopes=["pages_read_engagement"])
    assert await network.refused("POST", f"{PAGE}/feed", message="Hallo") == (200, None)
    assert network.world.pages[PAGE].posts == []


async def test_another_pages_token_sees_nothing(network: Network) -> None:
    post = network.world.post(PAGE, "Hallo")
    assert await network.refused("GET", post.id, token="other-token") == (100, 33)
    assert await network.refused("POST", f"{PAGE}/feed", token="other-token", message="x") == (
        100,
        33,
    )
    assert await network.refused("GET", "12345") == (100, 33)


async def test_a_user_token_lists_the_pages_but_cannot_send(network: Network) -> None:
    _, body = await network.graph(
        "GET", "me/accounts", token="user-token", fields="id,name,access_token,tasks"
    )
    assert [(page["id"], page["access_token"]) for page in body["data"]] == [
        (PAGE, "page-token"),
        ("200", "other-token"),
    ]
    assert "MESSAGING" in body["data"][0]["tasks"]
    assert await network.refused("POST", f"{PAGE}/messages", token="user-token") == (210, None)


@pytest.mark.parametrize("field", ["nonsense", "name{", "name,,)", "name.limit", "ä"])
async def test_unknown_or_broken_fields_are_refused(network: Network, field: str) -> None:
    code, _ = await network.refused("GET", "me", fields=field)
    assert code in (100, 2500)


async def test_parameters_meta_removed_are_refused(network: Network) -> None:
    assert await network.refused("GET", "me", ids="1,2") == (100, None)
    assert await network.refused("GET", "me", date_format="U") == (100, None)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_refused(network: Network, body: bytes) -> None:
    headers = {"Authorization": "Bearer page-token", "Content-Type": "application/json"}
    async with network.http.post(
        f"{network.url}/graph/v25.0/me/feed", data=body, headers=headers
    ) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, 100)


@pytest.mark.parametrize(
    ("family", "status", "code", "subcode"),
    [
        ("transient", 500, 2, None),
        ("app_rate", 403, 4, None),
        ("token_expired", 400, 190, 463),
        ("unreachable", 400, 551, 1545041),
        ("abuse", 400, 368, None),
    ],
)
async def test_error_families_strike_as_often_as_asked(
    network: Network, family: str, status: int, code: int, subcode: int | None
) -> None:
    await network.control("POST", "graph/faults", family=family, times=2, path="/me")
    for _ in range(2):
        answered, body = await network.graph("GET", "me")
        error = body["error"]
        assert (answered, error["code"], error.get("error_subcode")) == (status, code, subcode)
        assert error.get("is_transient", False) is (code == 2)
    assert (await network.graph("GET", "me"))[0] == 200


async def test_a_call_can_succeed_and_never_answer(network: Network) -> None:
    await network.control(
        "POST", "graph/faults", family="timeout_after_success", path="/feed", hang_seconds=5
    )
    with pytest.raises(TimeoutError):
        await network.http.post(
            f"{network.url}/graph/v25.0/{PAGE}/feed",
            json={"message": "Doppelt?", "appsecret_proof": PROOF, "access_token": "page-token"},
            timeout=aiohttp.ClientTimeout(total=1),
        )
    assert [post.message for post in network.world.pages[PAGE].posts] == ["Doppelt?"]


async def test_usage_headers_are_sent_when_set(network: Network) -> None:
    usage = {PAGE: [{"type": "messenger", "call_count": 95, "estimated_time_to_regain_access": 3}]}
    await network.control("POST", "graph/usage", **{"X-Business-Use-Case-Usage": usage})
    headers = {"Authorization": "Bearer page-token"}
    async with network.http.get(
        f"{network.url}/graph/v25.0/me", headers=headers, params={"appsecret_proof": PROOF}
    ) as answer:
        assert '"call_count": 95' in answer.headers["X-Business-Use-Case-Usage"]
        assert answer.headers["facebook-api-version"] == "v25.0"


async def test_lists_are_paged_with_cursors(network: Network) -> None:
    for number in range(5):
        network.clock.advance(seconds=1)
        network.world.post(PAGE, f"Nr. {number}")
    _, first = await network.graph("GET", f"{PAGE}/feed", limit="2", fields="message")
    assert [post["message"] for post in first["data"]] == ["Nr. 4", "Nr. 3"]
    after = first["paging"]["cursors"]["after"]
    _, second = await network.graph("GET", f"{PAGE}/feed", limit="2", after=after)
    assert [post["message"] for post in second["data"]] == ["Nr. 2", "Nr. 1"]
    assert re.search(r"access_token=page-token.*after=", second["paging"]["next"])
    _, last = await network.graph(
        "GET", f"{PAGE}/feed", limit="2", after=second["paging"]["cursors"]["after"]
    )
    assert [post["message"] for post in last["data"]] == ["Nr. 0"]
    assert "next" not in last["paging"]
    assert await network.refused("GET", f"{PAGE}/feed", limit="101") == (100, None)
    assert await network.refused("GET", f"{PAGE}/feed", after="!!") == (100, None)
