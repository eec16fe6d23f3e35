"""Messages out, through the sandbox's Send API with all its rules."""

import pytest

from meta.errors import GraphRefused, GraphUnclear
from meta.messages import CommentRecipient, PersonRecipient, PostRecipient, act, send
from sandbox.graph_faults import GraphFault
from sandbox.things import Channel
from tests.conftest import SetClock
from tests.meta.conftest import PAGE, Network, Oddity


def person_writes(network: Network, channel: Channel = "messenger") -> str:
    """Their id for the page, with the window open."""
    anna = network.world.meet("Anna Weber")
    network.world.write(anna, PAGE, "Hallo", channel=channel)
    return network.world.talk(anna, PAGE, channel).user_id


def heard_by_anna(network: Network, channel: Channel = "messenger") -> list[str]:
    thread = network.world.talk(network.world.meet("Anna Weber"), PAGE, channel)
    return [message.text for message in thread.messages if message.is_from_page]


async def test_an_answer_reaches_the_person_and_comes_back_with_its_id(network: Network) -> None:
    person = person_writes(network)
    sent = await send(
        network.graph, network.page(), PersonRecipient(person), {"text": "Guten Tag"},
        metadata="out-7",
    )  # fmt: skip
    message = network.world.nodes[sent.message_id]
    assert (message.text, message.content["metadata"]) == ("Guten Tag", "out-7")
    assert sent.recipient_id == person
    assert heard_by_anna(network) == ["Guten Tag"]


async def test_instagram_messages_leave_through_the_page(network: Network) -> None:
    person = person_writes(network, "instagram")
    await send(network.graph, network.page(), PersonRecipient(person), {"text": "Guten Tag"})
    assert heard_by_anna(network, "instagram") == ["Guten Tag"]


async def test_outside_the_window_only_a_person_may_and_with_the_tag(
    network: Network, clock: SetClock
) -> None:
    person = PersonRecipient(person_writes(network))
    clock.advance(hours=25)
    with pytest.raises(GraphRefused) as refused:
        await send(network.graph, network.page(), person, {"text": "Noch da?"})
    assert refused.value.family == "window"
    await send(
        network.graph, network.page(), person, {"text": "Noch da?"},
        messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT",
    )  # fmt: skip
    assert heard_by_anna(network) == ["Noch da?"]


async def test_a_private_reply_goes_once_to_who_wrote_the_comment(network: Network) -> None:
    world = network.world
    comment = world.comment(world.post(PAGE, "Tulpen"), world.meet("Anna Weber"), "Preis?")
    sent = await send(
        network.graph, network.page(), CommentRecipient(comment.id), {"text": "3,50 €"}
    )
    assert sent.recipient_id == world.user_id(world.meet("Anna Weber"), world.shop(PAGE))
    with pytest.raises(GraphRefused) as refused:
        await send(network.graph, network.page(), CommentRecipient(comment.id), {"text": "Und?"})
    assert refused.value.family == "answered_before"
    assert heard_by_anna(network) == ["3,50 €"]


async def test_a_private_reply_to_a_visitors_post(network: Network) -> None:
    world = network.world
    post = world.post(PAGE, "Wo seid ihr?", by=world.meet("Anna Weber"))
    await send(network.graph, network.page(), PostRecipient(post.id), {"text": "Am Markt 3"})
    assert heard_by_anna(network) == ["Am Markt 3"]


async def test_typing_is_shown(network: Network) -> None:
    person = person_writes(network)
    await act(network.graph, network.page(), person, "typing_on")
    assert network.world.talk(network.world.meet("Anna Weber"), PAGE).is_page_typing


async def test_a_send_that_went_out_unanswered_is_unclear(network: Network) -> None:
    person = person_writes(network)
    network.world.graph_weather.hang_s = 0
    network.world.graph_weather.faults.append(GraphFault("timeout_after_success", path="messages"))
    with pytest.raises(GraphUnclear):
        await send(network.graph, network.page(), PersonRecipient(person), {"text": "Angekommen?"})
    assert heard_by_anna(network) == ["Angekommen?"]


async def test_an_answer_without_a_message_id_is_unclear(odd: Oddity, network: Network) -> None:
    odd.says({"recipient_id": "7"})
    with pytest.raises(GraphUnclear):
        await send(odd.graph, network.page(), PersonRecipient("7"), {"text": "x"})
