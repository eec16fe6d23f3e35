"""The app dashboard's part: subscribing by hand, and its odd "Test" events."""

from typing import Any

from sandbox.asking import Refused
from sandbox.graph.subscriptions import OBJECTS, register
from sandbox.telling import deliver, seconds
from sandbox.world import World

TEST_TIME = "1527459824"
VALUES: dict[str, Any] = {
    "messages": {
        "sender": {"id": "12334"},
        "recipient": {"id": "23245"},
        "timestamp": TEST_TIME,
        "message": {"mid": "test_message_id", "text": "test_message"},
    },
    "messaging_postbacks": {
        "sender": {"id": "12334"},
        "recipient": {"id": "23245"},
        "timestamp": TEST_TIME,
        "postback": {"mid": "mid", "title": "postback_title", "payload": "postback_payload"},
    },
    "feed": {
        "item": "status",
        "post_id": "44444444_444444444",
        "verb": "add",
        "published": 1,
        "created_time": int(TEST_TIME),
        "message": "Example post content.",
        "from": {"name": "Test Page", "id": "1067280970047460"},
    },
    "comments": {
        "from": {"id": "232323232", "username": "test"},
        "media": {"id": "123123123", "media_product_type": "FEED"},
        "id": "17865799348089039",
        "text": "This is an example.",
    },
}


async def subscribe_all(world: World, callback_url: str = "") -> None:
    """All objects and fields, the app's and each page's, as a person would click it together."""
    settings = world.settings
    target = callback_url or settings.product_url + settings.meta_webhook_path
    for name, fields in OBJECTS.items():
        await register(world, name, sorted(fields), target, settings.verify_token)
    for page in world.pages.values():
        page.subscribed_fields = set(OBJECTS["page"])


def send_test(world: World, object_name: str, field: str, *, is_bare: bool = False) -> None:
    """The dashboard's test: id "0", messaging events as changes, or just a page id."""
    value = {"page_id": "1067280970047460"} if is_bare else VALUES.get(field)
    if value is None:
        value = {"page_id": "1067280970047460"}
    entry = {
        "id": "0",
        "time": seconds(world.now()),
        "changes": [{"field": field, "value": value}],
    }
    if deliver(world, object_name, [entry], label=f"test:{field}") is None:
        raise Refused(f"the app is not subscribed to {object_name}")
