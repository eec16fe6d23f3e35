"""What a chat shows before anybody has written, and who somebody is."""

import pytest

from meta.errors import GraphRefused
from meta.profiles import (
    MenuItem,
    Profile,
    ProfileTexts,
    Question,
    name_of_person,
    read_profile,
    set_profile,
)
from sandbox.graph_faults import GraphFault
from tests.meta.conftest import PAGE, Network

GERMAN = ProfileTexts(
    greeting="Willkommen! " + "ä" * 200,
    menu=(MenuItem("Stöbern", "1:browse:0:"), MenuItem("Laden", url="https://shop.example/")),
    questions=tuple(
        Question(f"Frage {number}? " + "x" * 90, f"1:q:{number}:") for number in range(6)
    ),
)
ENGLISH = ProfileTexts(
    greeting="Welcome!", menu=(MenuItem("Browse the whole catalogue of things", "1:browse:0:"),),
    questions=(Question("When are you open?", "1:menu:0:"),),
)  # fmt: skip
PROFILE = Profile(
    "1:start:0:", "de", {"en": ENGLISH, "de": GERMAN},
    domains=("https://shop.example", "http://127.0.0.1:8000"),
)  # fmt: skip


async def test_a_profile_is_set_in_both_languages_and_within_the_limits(network: Network) -> None:
    await set_profile(network.graph, network.page(), PROFILE)
    profile = network.world.shop(PAGE).profile
    messenger, instagram = profile["messenger"], profile["instagram"]
    assert messenger["get_started"] == {"payload": "1:start:0:"}
    assert [one["locale"] for one in messenger["greeting"]] == [
        "default", "en_US", "en_GB", "de_DE",
    ]  # fmt: skip
    default = messenger["greeting"][0]["text"]
    assert default.startswith("Willkommen!")
    assert len(default) == 160
    titles = [item["title"] for item in messenger["persistent_menu"][1]["call_to_actions"]]
    assert titles == ["Browse the whole catalogue of "]
    assert "ice_breakers" not in messenger
    assert len(instagram["ice_breakers"][0]["call_to_actions"]) == 4
    assert messenger["whitelisted_domains"] == ["https://shop.example"]
    assert set(instagram) == {"persistent_menu", "ice_breakers"}
    assert (await read_profile(network.graph, network.page()))["get_started"]


async def test_without_instagram_only_messenger_is_set(network: Network) -> None:
    await set_profile(network.graph, network.page(instagram_id=None), PROFILE)
    assert network.world.shop(PAGE).profile["instagram"] == {}
    assert network.world.shop(PAGE).profile["messenger"]


async def test_an_empty_profile_reads_as_nothing(network: Network) -> None:
    assert await read_profile(network.graph, network.page()) == {}


async def test_names_are_learned_of_those_who_wrote(network: Network) -> None:
    anna = network.world.meet("Anna Weber")
    network.world.write(anna, PAGE, "Hallo")
    network.world.write(anna, PAGE, "Hallo", channel="instagram")
    page = network.world.shop(PAGE)
    psid, igsid = (network.world.user_id(anna, page, one) for one in ("messenger", "instagram"))
    assert await name_of_person(network.graph, psid, "messenger") == "Anna Weber"
    assert await name_of_person(network.graph, igsid, "instagram") == "Anna Weber"


async def test_who_never_wrote_has_no_name_for_us(network: Network) -> None:
    ben = network.world.user_id(network.world.meet("Ben"), network.world.shop(PAGE))
    assert await name_of_person(network.graph, ben, "messenger") is None
    assert await name_of_person(network.graph, "7999", "messenger") is None


async def test_a_dead_token_is_not_taken_for_a_nameless_person(network: Network) -> None:
    network.world.graph_weather.faults.append(GraphFault("token_expired"))
    with pytest.raises(GraphRefused):
        await name_of_person(network.graph, "7999", "messenger")
