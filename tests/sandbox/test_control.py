"""The control API: what it shows and what it refuses."""

import re
from pathlib import Path
from typing import Any

import pytest

from sandbox.acting import VERBS
from sandbox.attachments import KINDS as ATTACHED
from sandbox.weather import KINDS
from tests.sandbox.network import PAGE, SLUG, Network


async def test_people_are_met_once(network: Network) -> None:
    made = await network.control("POST", "people", name="Jörg Groß", locale="de_DE")
    again = await network.control("POST", "people", name="Jörg Groß")
    assert made == again
    assert made["key"] == "jorg-gross"
    assert made["ids"][SLUG]["psid"] != made["ids"]["nebenan"]["psid"]
    assert len(await network.control("GET", "people")) == 5


async def test_a_person_keeps_the_psid_over_restarts(network: Network) -> None:
    anna = network.world.people["anna-weber"]
    assert network.world.user_id(anna, network.world.shop(PAGE)) == "7236191595700167"


async def test_what_stands_on_the_wall_can_be_read(network: Network) -> None:
    post = await network.control("POST", f"pages/{SLUG}/posts", text="Neu")
    await network.control("POST", "people/anna-weber/comment", on=post["id"], text="Schön")
    shown = await network.control("GET", f"pages/{SLUG}")
    [comment] = shown["posts"][0]["comments"]
    assert (comment["by"], comment["text"], comment["is_removed"]) == (
        "anna-weber",
        "Schön",
        False,
    )


async def test_a_thread_shows_both_sides(network: Network) -> None:
    await network.control("POST", "people/anna-weber/write", page=SLUG, text="Hallo")
    await network.control("POST", "people/anna-weber/hear", page=SLUG, text="Guten Tag")
    thread = await network.control("GET", f"threads/{SLUG}/anna-weber")
    assert [(one["from"], one["text"]) for one in thread["messages"]] == [
        ("person", "Hallo"),
        ("page", "Guten Tag"),
    ]
    assert thread["is_open"] is True


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("people", {}),
        ("people", {"name": 5}),
        ("people/nobody/write", {"text": "x"}),
        ("people/anna-weber/fly", {}),
        ("people/anna-weber/write", {}),
        ("people/anna-weber/write", {"text": "x", "page": "nowhere"}),
        ("people/anna-weber/write", {"text": "x", "channel": "fax"}),
        ("people/anna-weber/write", {"text": "x", "at": "gestern"}),
        ("people/anna-weber/write", {"text": "x", "at": "2026-11-22T09:00:00"}),
        ("people/anna-weber/write", {"attachments": ["hologram"]}),
        ("people/anna-weber/start", {}),
        ("people/anna-weber/tap", {"title": "Ja"}),
        ("people/anna-weber/press", {"title": "Ja"}),
        ("people/anna-weber/edit", {"text": "x"}),
        ("people/anna-weber/react", {"mid": "m_1"}),
        ("people/anna-weber/comment", {"on": "1", "text": "x"}),
        ("people/anna-weber/remove", {"on": PAGE}),
        ("weather", {"kind": "snow"}),
        ("weather", {"kind": "drop", "times": "viele"}),
        ("release", {"order": "random"}),
        ("graph/faults", {"family": "flood"}),
        ("deliver", {"entries": 5}),
        ("deliver", {"entries": []}),
        ("deliveries/7/repeat", {}),
        ("dashboard/test", {"field": "feed"}),
        ("dashboard/subscribe", {"callback_url": "http://127.0.0.1:1/"}),
    ],
)
async def test_what_cannot_be_done_is_said_and_changes_nothing(
    network: Network, path: str, body: dict[str, Any]
) -> None:
    async with network.http.post(f"{network.url}/control/{path}", json=body) as answer:
        assert answer.status == 422
        assert (await answer.json())["error"]
    assert network.world.sender.about() == []
    assert all(not thread.messages for thread in network.world.shop(PAGE).threads.values())


async def test_a_form_of_another_site_cannot_use_it(network: Network) -> None:
    async with network.http.post(
        f"{network.url}/control/people",
        data='{"name": "Eve"}',
        headers={"Content-Type": "text/plain"},
    ) as answer:
        assert answer.status == 422


async def test_only_ones_own_things_can_be_changed(network: Network) -> None:
    post = await network.control("POST", "people/ben-yildiz/post", text="Danke")
    for verb in ("remove", "edit_post"):
        async with network.http.post(
            f"{network.url}/control/people/anna-weber/{verb}",
            json={"on": post["id"], "text": "x"},
        ) as answer:
            assert answer.status == 422
    assert network.world.nodes[post["id"]].message == "Danke"


async def test_a_message_is_edited_five_times_at_most(network: Network) -> None:
    mid = (await network.control("POST", "people/anna-weber/write", text="0"))["mid"]
    for number in range(1, 6):
        await network.control("POST", "people/anna-weber/edit", mid=mid, text=str(number))
    async with network.http.post(
        f"{network.url}/control/people/anna-weber/edit", json={"mid": mid, "text": "6"}
    ) as answer:
        assert answer.status == 422
    assert network.world.nodes[mid].text == "5"


def test_the_manual_names_everything_that_can_be_said() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
    words = set(re.findall(r"[a-z_]+", manual))
    assert {*VERBS, *KINDS, *ATTACHED} - words == set()
