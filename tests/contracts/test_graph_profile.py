"""/messenger_profile: Get Started, menus, ice breakers and their limits."""

from typing import Any

import pytest

from tests.sandbox.network import PAGE, Network

ITEM = {"type": "postback", "title": "Katalog", "payload": "KATALOG"}
MENU = [{"locale": "default", "call_to_actions": [ITEM]}]
START = {"payload": "LOS"}


async def test_a_profile_is_set_shown_and_removed(network: Network) -> None:
    status, body = await network.graph(
        "POST",
        "me/messenger_profile",
        get_started=START,
        greeting=[{"locale": "default", "text": "Guten Tag"}],
        persistent_menu=MENU,
        ice_breakers=[{"question": "Offen?", "payload": "ZEITEN"}],
    )
    assert (status, body) == (200, {"result": "success"})
    _, shown = await network.graph(
        "GET", f"{PAGE}/messenger_profile", fields="get_started,persistent_menu"
    )
    assert shown == {"data": [{"get_started": START, "persistent_menu": MENU}]}
    assert await network.refused("DELETE", "me/messenger_profile", fields="get_started") == (
        100,
        None,
    )
    await network.graph("DELETE", "me/messenger_profile", fields="get_started,persistent_menu")
    _, shown = await network.graph("GET", "me/messenger_profile", fields="get_started")
    assert shown == {"data": []}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"nonsense": 1},
        {"persistent_menu": MENU},
        {"get_started": {"payload": "x" * 1001}},
        {"get_started": {}},
        {"get_started": "LOS"},
        {"greeting": [{"locale": "de_DE", "text": "Hallo"}]},
        {"ice_breakers": [{"question": "?", "payload": "P"}] * 5},
        {"ice_breakers": [5]},
        {"get_started": START, "persistent_menu": [{"locale": "default", "call_to_actions": []}]},
        {
            "get_started": START,
            "persistent_menu": [
                {"locale": "default", "call_to_actions": [{**ITEM, "title": "t" * 31}]}
            ],
        },
        {
            "get_started": START,
            "persistent_menu": [{"locale": "default", "call_to_actions": [ITEM] * 21}],
        },
        {"get_started": START, "persistent_menu": [{"locale": "de_DE", "call_to_actions": [ITEM]}]},
        {"whitelisted_domains": ["http://example.com"]},
        {"whitelisted_domains": ["https://example.com"] * 51},
    ],
)
async def test_what_does_not_fit_changes_nothing(network: Network, params: dict[str, Any]) -> None:
    assert await network.refused("POST", "me/messenger_profile", **params) == (100, None)
    assert network.world.pages[PAGE].profile["messenger"] == {}


async def test_instagram_has_ice_breakers_but_no_get_started(network: Network) -> None:
    questions = [{"locale": "default", "call_to_actions": [{"question": "?", "payload": "P"}]}]
    status, _ = await network.graph(
        "POST", "me/messenger_profile", platform="instagram", ice_breakers=questions
    )
    assert status == 200
    assert network.world.pages[PAGE].profile["messenger"] == {}
    assert await network.refused(
        "POST", "me/messenger_profile", platform="instagram", get_started=START
    ) == (100, None)
    menu = [{**MENU[0], "composer_input_disabled": True}]
    assert await network.refused(
        "POST", "me/messenger_profile", platform="instagram", persistent_menu=menu
    ) == (100, None)


async def test_ten_changes_in_ten_minutes_are_enough(network: Network) -> None:
    for _ in range(10):
        assert (await network.graph("POST", "me/messenger_profile", get_started=START))[0] == 200
    assert await network.refused("POST", "me/messenger_profile", get_started=START) == (613, None)
    network.clock.advance(minutes=10)
    assert (await network.graph("POST", "me/messenger_profile", get_started=START))[0] == 200
