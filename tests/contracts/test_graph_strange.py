"""Whatever an app sends, the Graph API answers with an error of its own, never by breaking."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.graph.errors import GraphError
from sandbox.graph.fields import Field, parse
from sandbox.graph.message_limits import check_message
from sandbox.pages import templates
from sandbox.settings import SandboxPage
from sandbox.things import Message, Page, Person, Thread
from tests.sandbox.network import PAGE, SLUG, Network

WORDS = [
    "text",
    "attachment",
    "attachments",
    "quick_replies",
    "metadata",
    "type",
    "payload",
    "template_type",
    "elements",
    "buttons",
    "title",
    "subtitle",
    "url",
    "image_url",
    "default_action",
    "content_type",
    "web_url",
    "postback",
    "generic",
    "button",
    "receipt",
    "coupon",
    "media",
    "image",
    "summary",
    "total_cost",
    "recipient_name",
    "order_number",
    "currency",
    "payment_method",
    "coupon_code",
    "adjustments",
    "name",
    "amount",
    "price",
    "user_email",
    "media_type",
    "attachment_id",
    "template",
    "https://example.com/",
    "locale",
    "default",
    "call_to_actions",
    "question",
]
WORD = st.sampled_from(WORDS)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORD | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=5),
    max_leaves=12,
)
LINK = st.fixed_dictionaries(
    {"type": st.just("web_url"), "title": WORD, "url": st.just("https://example.com/")}
)
POSTBACK = st.fixed_dictionaries({"type": st.just("postback"), "title": WORD, "payload": WORD})
BUTTONS = st.lists(LINK | POSTBACK | VALUE, max_size=4)
ELEMENT = st.fixed_dictionaries(
    {"title": WORD | VALUE},
    optional={"subtitle": VALUE, "buttons": BUTTONS, "price": VALUE, "image_url": VALUE},
)
TEMPLATE = st.fixed_dictionaries(
    {"template_type": st.sampled_from(["generic", "button", "media", "receipt", "coupon"])},
    optional={
        "text": WORD,
        "buttons": BUTTONS,
        "elements": st.lists(ELEMENT, max_size=3),
        "title": WORD,
        "coupon_code": WORD,
        "recipient_name": WORD,
        "order_number": WORD,
        "currency": WORD,
        "payment_method": WORD,
        "summary": st.fixed_dictionaries({"total_cost": st.integers() | VALUE}) | VALUE,
        "adjustments": VALUE,
    },
)
MESSAGE = st.dictionaries(WORD, VALUE, max_size=4) | st.fixed_dictionaries(
    {
        "attachment": st.fixed_dictionaries(
            {"type": st.just("template") | WORD, "payload": TEMPLATE | VALUE}
        )
    }
)

BUBBLES: Any = templates().get_template("bubbles.html").module
SHOWN_IN = {"home": "/messenger/x", "t": str, "amount": str}


def a_thread() -> Thread:
    page = Page(SandboxPage(page_id="1", name="Blumen", slug="x", page_token="t"))
    return Thread("t_1", page, Person("a", "Anna", "de_DE", "anna"), "messenger", "7")


@settings(deadline=None)
@given(MESSAGE, st.sampled_from(["messenger", "instagram"]))
def test_a_message_is_refused_or_can_be_shown(content: dict[str, Any], channel: Any) -> None:
    thread = a_thread()
    try:
        check_message(content, channel, thread.page)
    except GraphError:
        return
    message = Message("m_1", thread, True, content, datetime.now(UTC))
    html = BUBBLES.content(SHOWN_IN, message)
    assert "javascript:" not in html


@given(st.text(alphabet="abc_{}(),. ä\n5") | st.text())
def test_fields_are_understood_or_refused(text: str) -> None:
    with contextlib.suppress(GraphError):
        assert all(isinstance(one, Field) for one in parse(text))


ODD: list[Any] = [None, -1, 1e308, "x", "9" * 5000, [[]], {"id": {}}]
PARAMETERS = [
    "recipient",
    "message",
    "messaging_type",
    "tag",
    "sender_action",
    "payload",
    "fields",
    "limit",
    "after",
    "before",
    "since",
    "published",
    "scheduled_publish_time",
    "attached_media",
    "url",
    "link",
    "subscribed_fields",
    "get_started",
    "persistent_menu",
    "ice_breakers",
    "greeting",
    "commands",
    "platform",
    "user_id",
    "is_hidden",
    "hide",
    "caption",
    "image_url",
    "children",
    "media_type",
    "creation_id",
    "method",
    "object",
    "filter",
    "order",
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:12])
async def test_odd_parameters_never_break_a_call(network: Network, odd: Any) -> None:
    world = network.world
    anna = world.people["anna-weber"]
    post = world.post(PAGE, "Neu")
    media = world.show(PAGE, world.paint(b"x", "image/jpeg"), "Strauß")
    paths = [
        "me/messages",
        "me/feed",
        "me/photos",
        "me/messenger_profile",
        "me/subscribed_apps",
        "me/conversations",
        post.id,
        f"{post.id}/comments",
        world.comment(post, anna, "x").id,
        f"{world.comment_on_instagram(media, anna, 'x').id}/replies",
        f"{world.shop(PAGE).settings.instagram_id}/media",
        f"{world.shop(PAGE).settings.instagram_id}/media_publish",
    ]
    for path in paths:
        for name in PARAMETERS:
            status, body = await network.graph("POST", path, **{name: odd})
            assert status < 500, (path, name, body)
    async with network.http.get(f"{network.url}/facebook/{SLUG}") as answer:
        assert answer.status == 200
