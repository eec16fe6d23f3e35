"""The sender: order, retries, and every kind of weather."""

import asyncio
from typing import Any

from sandbox.webhooks import Delivery
from tests.sandbox.network import PAGE, SLUG, Network


async def say(network: Network, *texts: str, person: str = "anna-weber") -> None:
    for text in texts:
        await network.control("POST", f"people/{person}/write", page=SLUG, text=text)


async def arrived(network: Network) -> list[str]:
    await network.settled()
    return [event["message"]["text"] for event in network.shop.events()]


def states(network: Network) -> list[str]:
    return [delivery.state for delivery in network.world.sender.about("meta")]


async def test_one_conversation_arrives_in_order(network: Network) -> None:
    await network.subscribe()
    texts = [str(number) for number in range(30)]
    for text in texts:
        network.world.write(network.world.people["anna-weber"], PAGE, text)
    assert await arrived(network) == texts


async def test_a_refused_delivery_is_sent_again_with_the_same_bytes(network: Network) -> None:
    await network.subscribe()
    network.shop.answers = [500, 302, 200]
    await say(network, "Hallo")
    assert await arrived(network) == ["Hallo"] * 3
    first, second, third = [body for body, _ in network.shop.deliveries]
    assert first == second == third
    [delivery] = await network.control("GET", "deliveries", label="meta")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 302, 200]
    assert delivery["state"] == "delivered"


async def test_retries_end_and_do_not_hold_up_what_follows(network: Network) -> None:
    await network.subscribe()
    network.shop.answers = [500, 200, 500, 500, 500]
    await say(network, "kaputt", "heil")
    assert await arrived(network) == ["kaputt", "heil", "kaputt", "kaputt", "kaputt"]
    assert states(network) == ["failed", "delivered"]


async def test_an_unreachable_shop_is_noted_by_name(network: Network) -> None:
    await network.subscribe()
    network.world.subscriptions["page"].callback_url = "http://127.0.0.1:1/"
    await say(network, "Hallo")
    await network.settled()
    [delivery] = await network.control("GET", "deliveries")
    assert delivery["attempts"][0] == {
        "at": "2026-11-22T09:00:00+00:00",
        "status": 0,
        "problem": "ClientConnectorError",
    }


async def test_dropped_ones_never_come(network: Network) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="drop", label="meta", times=1)
    await say(network, "eins", "zwei")
    assert await arrived(network) == ["zwei"]
    assert states(network) == ["dropped", "delivered"]


async def test_doubled_ones_come_twice(network: Network) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="duplicate", times=1)
    await say(network, "eins", "zwei")
    assert await arrived(network) == ["eins", "eins", "zwei"]


async def test_out_of_order_means_the_second_comes_first(network: Network) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="reorder", times=1)
    await say(network, "eins", "zwei", "drei")
    assert await arrived(network) == ["zwei", "eins", "drei"]


async def test_a_lone_one_out_of_order_still_comes(
    network: Network,
) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="reorder", times=1)
    await say(network, "eins")
    assert await arrived(network) == ["eins"]


async def test_held_ones_come_when_released(network: Network) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="hold")
    await say(network, "eins", "zwei", "drei")
    assert await arrived(network) == []
    await network.control("DELETE", "weather", kind="hold")
    assert await network.control("POST", "release", order="reversed") == {"released": 3}
    assert await arrived(network) == ["drei", "zwei", "eins"]


async def test_delayed_ones_wait(network: Network) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="delay", milliseconds=150, times=1)
    await say(network, "eins")
    await asyncio.sleep(0.05)
    assert network.shop.deliveries == []
    assert await arrived(network) == ["eins"]


async def test_a_forged_one_is_followed_by_the_true_one(network: Network) -> None:
    await network.subscribe()
    network.shop.answers = [403]
    await network.control("POST", "weather", kind="tamper", times=1)
    await say(network, "echt")
    await network.settled()
    forged, true = network.shop.deliveries
    assert forged[0] != true[0]
    assert len(forged[0]) == len(true[0])
    assert forged[1]["X-Hub-Signature-256"] == true[1]["X-Hub-Signature-256"]


async def test_the_weather_strikes_only_its_label(network: Network) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="drop", label="stripe")
    await say(network, "Hallo")
    assert await arrived(network) == ["Hallo"]


async def test_headers_are_made_when_it_is_sent(network: Network) -> None:
    asked: list[bytes] = []

    def headers(body: bytes) -> dict[str, str]:
        asked.append(body)
        return {"X-Try": str(len(asked))}

    network.shop.answers = [500, 200]
    url = f"{network.shop.url}/webhooks/meta"
    delivery: Delivery = network.world.sender.send(url, b"{}", headers, label="stripe:x")
    await network.settled()
    assert [sent["X-Try"] for _, sent in network.shop.deliveries] == ["1", "2"]
    assert delivery.state == "delivered"


async def test_any_entries_can_be_sent_signed(network: Network) -> None:
    await network.subscribe()
    entries: list[Any] = [{"id": "1", "time": 1, "messaging": [{"message": "odd"}]}, 5]
    await network.control("POST", "deliver", object="page", entries=entries)
    await network.settled()
    assert network.shop.bodies == [{"object": "page", "entry": entries}]
    assert "X-Hub-Signature-256" in network.shop.deliveries[0][1]
    number = (await network.control("GET", "deliveries"))[0]["number"]
    await network.control("POST", f"deliveries/{number}/repeat")
    await network.settled()
    assert len(network.shop.deliveries) == 2


async def test_conversations_do_not_wait_for_each_other(network: Network) -> None:
    await network.subscribe()
    await network.control("POST", "weather", kind="delay", milliseconds=300, times=1)
    await say(network, "langsam")
    await say(network, "schnell", person="ben-yildiz")
    assert await arrived(network) == ["schnell", "langsam"]
