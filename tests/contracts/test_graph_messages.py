"""The Send API: limits, windows, tags, private replies (Messenger Platform docs)."""

from typing import Any

import pytest

from sandbox.things import Person, Thread
from tests.sandbox.network import PAGE, Network, running


def meet(network: Network, channel: Any = "messenger") -> Thread:
    """Somebody who has just written."""
    anna = network.world.people["anna-weber"]
    network.world.write(anna, PAGE, "Hallo", channel=channel)
    return network.world.talk(anna, PAGE, channel)


async def message(network: Network, thread: Thread, content: Any, **more: Any) -> Any:
    return await network.graph(
        "POST",
        "me/messages",
        **{
            "recipient": {"id": thread.user_id},
            "messaging_type": "RESPONSE",
            "message": content,
            **more,
        },
    )


async def refusal(network: Network, thread: Thread, content: Any, **more: Any) -> Any:
    before = len(thread.messages)
    status, body = await message(network, thread, content, **more)
    assert status != 200, body
    assert len(thread.messages) == before
    return body["error"]["code"], body["error"].get("error_subcode")


def template(**payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": payload}}


async def test_a_text_is_sent_and_named(network: Network) -> None:
    thread = meet(network)
    status, body = await network.send("Guten Tag!", thread.user_id)
    assert status == 200
    assert body == {"recipient_id": thread.user_id, "message_id": thread.messages[-1].mid}
    assert thread.messages[-1].text == "Guten Tag!"


@pytest.mark.parametrize(
    ("channel", "text", "is_taken"),
    [
        ("messenger", "ä" * 1999, True),
        ("messenger", "ä" * 2000, False),
        ("messenger", "", False),
        ("instagram", "ä" * 500, True),
        ("instagram", "ä" * 501, False),
        ("instagram", "a" * 1000, True),
    ],
)
async def test_texts_have_their_limits(
    network: Network, channel: str, text: str, is_taken: bool
) -> None:
    """Below 2000 characters on Messenger, at most 1000 bytes on Instagram."""
    thread = meet(network, channel)
    status, body = await message(network, thread, {"text": text})
    assert (status == 200) is is_taken
    if not is_taken:
        assert body["error"]["code"] == 100


BUTTON = {"type": "postback", "title": "Ja", "payload": "JA"}
LINK = {"type": "web_url", "title": "Ansehen", "url": "https://example.com"}
RECEIPT: dict[str, Any] = {
    "template_type": "receipt",
    "recipient_name": "Anna",
    "order_number": "1001",
    "currency": "EUR",
    "payment_method": "Visa",
    "summary": {"total_cost": 44.7},
}
GOOD: list[dict[str, Any]] = [
    {"text": "Was?", "quick_replies": [{"content_type": "text", "title": "A", "payload": "A"}]},
    {"text": "Ihre E-Mail?", "quick_replies": [{"content_type": "user_email"}]},
    {"text": "x", "metadata": "m" * 999},
    template(template_type="button", text="t" * 640, buttons=[BUTTON, LINK, BUTTON]),
    template(template_type="generic", elements=[{"title": "t" * 80, "subtitle": "s" * 80}] * 10),
    template(**RECEIPT, elements=[{"title": "Tulpen", "price": 12}], timestamp="1795329981"),
    template(template_type="coupon", title="20 %", coupon_code="TULPE20"),
]


@pytest.mark.parametrize("content", GOOD)
async def test_what_fits_is_sent(network: Network, content: dict[str, Any]) -> None:
    status, body = await message(network, meet(network), content)
    assert status == 200, body


QUICK = {"content_type": "text", "title": "A", "payload": "A"}
BAD: list[dict[str, Any]] = [
    {},
    {"text": "x", "attachment": {"type": "template", "payload": {}}},
    {"text": "x", "surprise": 1},
    {"text": "x", "metadata": "m" * 1000},
    {"text": 5},
    {"text": "x", "quick_replies": [QUICK] * 14},
    {"text": "x", "quick_replies": []},
    {"text": "x", "quick_replies": [{**QUICK, "title": "t" * 21}]},
    {"text": "x", "quick_replies": [{**QUICK, "payload": "p" * 1001}]},
    {"text": "x", "quick_replies": [{"content_type": "location"}]},
    template(template_type="button", text="t" * 641, buttons=[BUTTON]),
    template(template_type="button", text="t", buttons=[BUTTON] * 4),
    template(template_type="button", text="t", buttons=[]),
    template(template_type="button", text="t", buttons=[{**BUTTON, "title": "t" * 21}]),
    template(template_type="button", text="t", buttons=[{**LINK, "url": "javascript:1"}]),
    template(template_type="button", text="t", buttons=[{**LINK, "messenger_extensions": True}]),
    template(template_type="button", text="t", buttons=["x"]),
    template(template_type="generic", elements=[{"title": "t"}]),
    template(template_type="generic", elements=[{"title": "t" * 81, "subtitle": "s"}]),
    template(template_type="generic", elements=[{"title": "t", "subtitle": "s" * 81}]),
    template(template_type="generic", elements=[{"title": "t", "subtitle": "s"}] * 11),
    template(
        template_type="generic",
        elements=[{"title": "t", "default_action": {**LINK}}],
    ),
    template(**{**RECEIPT, "summary": {}}),
    template(**{**RECEIPT, "order_number": ""}),
    template(**RECEIPT, elements=[{"title": "x", "price": 1}] * 101),
    template(template_type="coupon", title="20 %"),
    template(template_type="coupon", title="20 %", coupon_code="A B"),
    template(template_type="airline_boardingpass"),
    {"attachment": {"type": "image", "payload": {}}},
    {"attachment": {"type": "hologram", "payload": {"url": "https://example.com"}}},
    {"attachment": "x"},
    {"attachments": [{"type": "image", "payload": {"url": "https://example.com/a.png"}}]},
]


@pytest.mark.parametrize("content", BAD)
async def test_what_does_not_fit_is_refused_with_100(
    network: Network, content: dict[str, Any]
) -> None:
    code, _ = await refusal(network, meet(network), content)
    assert code == 100


@pytest.mark.parametrize("content", [template(**RECEIPT), GOOD[-1]])
async def test_instagram_has_no_receipts_and_no_coupons(
    network: Network, content: dict[str, Any]
) -> None:
    assert await refusal(network, meet(network, "instagram"), content) == (100, None)


async def test_nested_form_values_are_json_and_nothing_else() -> None:
    async with running(proof_required=False) as network:
        await _send_forms(network)


async def _send_forms(network: Network) -> None:
    thread = meet(network)
    url = f"{network.url}/graph/v25.0/me/messages"
    form = {"access_token": "page-token", "messaging_type": "RESPONSE"}
    good = form | {"recipient": f'{{"id":"{thread.user_id}"}}', "message": '{"text":"Hi"}'}
    async with network.http.post(url, data=good) as answer:
        assert answer.status == 200
    async with network.http.post(url, data=good | {"recipient": "id"}) as answer:
        assert (await answer.json())["error"]["code"] == 100


@pytest.mark.parametrize(("channel", "subcode"), [("messenger", 2018278), ("instagram", 2534022)])
async def test_the_window_closes_after_24_hours(
    network: Network, channel: str, subcode: int
) -> None:
    thread = meet(network, channel)
    network.clock.advance(hours=24)
    assert (await message(network, thread, {"text": "noch da"}))[0] == 200
    network.clock.advance(seconds=1)
    assert await refusal(network, thread, {"text": "zu spät"}) == (10, subcode)


async def test_the_pages_own_message_does_not_open_the_window(network: Network) -> None:
    thread = meet(network)
    network.clock.advance(hours=20)
    await network.send("Guten Tag", thread.user_id)
    network.clock.advance(hours=5)
    assert await refusal(network, thread, {"text": "x"}) == (10, 2018278)


@pytest.mark.parametrize("verb", ["react", "press", "arrive", "write"])
async def test_every_action_of_the_person_opens_the_window(network: Network, verb: str) -> None:
    thread = meet(network)
    await network.send("Guten Tag", thread.user_id)
    thread.page.profile["messenger"]["ice_breakers"] = [{"question": "Offen?", "payload": "P"}]
    network.clock.advance(hours=30)
    body = {"page": PAGE, "text": "x", "title": "Offen?", "ref": "tulpe"}
    await network.control("POST", f"people/anna-weber/{verb}", **body)
    assert (await message(network, thread, {"text": "x"}))[0] == 200


async def test_a_human_may_answer_for_seven_days_with_the_tag(network: Network) -> None:
    thread = meet(network)
    tagged = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    network.clock.advance(days=7)
    assert (await message(network, thread, {"text": "x"}, **tagged))[0] == 200
    network.clock.advance(seconds=1)
    assert await refusal(network, thread, {"text": "x"}, **tagged) == (10, 2018278)


@pytest.mark.parametrize(
    "tag", ["CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE"]
)
async def test_removed_tags_are_refused_inside_the_window_too(network: Network, tag: str) -> None:
    more = {"messaging_type": "MESSAGE_TAG", "tag": tag}
    assert await refusal(network, meet(network), {"text": "x"}, **more) == (100, 1893061)


@pytest.mark.parametrize(
    "more",
    [
        {"messaging_type": "NONSENSE"},
        {"messaging_type": "MESSAGE_TAG"},
        {"messaging_type": "MESSAGE_TAG", "tag": "NONSENSE"},
        {"messaging_type": "UTILITY"},
        {"messaging_type": "RESPONSE", "tag": "HUMAN_AGENT"},
        {"recipient": {}},
        {"recipient": {"id": "1", "comment_id": "2"}},
        {"recipient": "x"},
    ],
)
async def test_odd_sendings_are_refused(network: Network, more: dict[str, Any]) -> None:
    assert await refusal(network, meet(network), {"text": "x"}, **more) == (100, None)


async def test_unknown_people_and_those_who_left_are_told_apart(network: Network) -> None:
    thread = meet(network)
    assert await refusal(network, thread, {"text": "x"}, recipient={"id": "1"}) == (100, 2018001)
    await network.control("POST", "people/anna-weber/leave")
    assert await refusal(network, thread, {"text": "x"}) == (551, 1545041)


async def test_a_commenters_psid_alone_does_not_open_a_conversation(network: Network) -> None:
    ben = network.world.people["ben-yildiz"]
    network.world.comment(network.world.post(PAGE, "Neu"), ben, "Schön")
    thread = network.world.talk(ben, PAGE)
    assert await refusal(network, thread, {"text": "x"}) == (10, 2018278)


async def test_another_app_may_own_the_thread(network: Network) -> None:
    thread = meet(network)
    await network.control("POST", "people/anna-weber/hand_over", app_id="263902037430900")
    assert await refusal(network, thread, {"text": "x"}) == (2018300, None)


async def test_typing_and_seen_go_alone(network: Network) -> None:
    thread = meet(network)
    base = {"recipient": {"id": thread.user_id}}
    answer = await network.graph("POST", "me/messages", **base, sender_action="typing_on")
    assert answer == (200, {"recipient_id": thread.user_id})
    assert thread.is_page_typing is True
    assert await network.refused(
        "POST", "me/messages", **base, sender_action="typing_on", message={"text": "x"}
    ) == (100, None)
    assert await network.refused("POST", "me/messages", **base, sender_action="jump") == (
        100,
        None,
    )


async def test_more_than_the_rate_in_a_second_is_refused() -> None:
    async with running(sends_per_second=3) as network:
        await _exceed_the_rate(network)


async def _exceed_the_rate(network: Network) -> None:
    thread = meet(network)
    for _ in range(3):
        assert (await message(network, thread, {"text": "x"}))[0] == 200
    assert await refusal(network, thread, {"text": "x"}) == (613, 2018338)
    network.clock.advance(seconds=1)
    assert (await message(network, thread, {"text": "x"}))[0] == 200


async def test_a_picture_is_fetched_before_it_is_sent(network: Network) -> None:
    thread = meet(network)
    picture = network.world.paint(b"\x89PNG\r\n\x1a\n", "image/png")
    for url, expected in (
        (f"{network.url}/pictures/{picture.id}", None),
        (f"{network.url}/avatars/anna-weber.svg", (100, 2018047)),
        (f"{network.url}/pictures/1", (100, 2018008)),
        ("https://example.com/a.png", (100, 2018008)),
        (f"{network.shop.url}/p/tulpen", (100, 2018047)),
    ):
        content = {"attachment": {"type": "image", "payload": {"url": url}}}
        if expected is None:
            assert (await message(network, thread, content))[0] == 200
        else:
            assert await refusal(network, thread, content) == expected


def ben_of(network: Network) -> Person:
    return network.world.people["ben-yildiz"]


async def private(network: Network, **recipient: str) -> Any:
    return await network.graph(
        "POST", "me/messages", recipient=recipient, message={"text": "Gern privat."}
    )


async def test_a_comment_gets_one_private_reply(network: Network) -> None:
    ben = ben_of(network)
    comment = network.world.comment(network.world.post(PAGE, "Neu"), ben, "Preis?")
    status, body = await private(network, comment_id=comment.id)
    thread = network.world.talk(ben, PAGE)
    assert (status, body["recipient_id"]) == (200, thread.user_id)
    assert thread.messages[-1].about_comment == comment.id
    status, body = await private(network, comment_id=comment.id)
    assert (status, body["error"]["code"]) == (400, 10900)
    assert len(thread.messages) == 1
    assert await refusal(network, thread, {"text": "noch eins"}) == (10, 2018278)
    network.world.write(ben, PAGE, "Danke")
    assert (await message(network, thread, {"text": "Bitte"}))[0] == 200


async def test_a_private_reply_comes_within_seven_days(network: Network) -> None:
    post = network.world.post(PAGE, "Neu")
    first = network.world.comment(post, ben_of(network), "Preis?")
    second = network.world.comment(post, ben_of(network), "Noch da?")
    network.clock.advance(days=7)
    assert (await private(network, comment_id=first.id))[0] == 200
    network.clock.advance(seconds=1)
    _, body = await private(network, comment_id=second.id)
    assert (body["error"]["code"], body["error"]["error_subcode"]) == (100, 2534025)


async def test_visitor_posts_and_instagram_comments_are_answered_privately(
    network: Network,
) -> None:
    world, ben = network.world, ben_of(network)
    visitor = world.post(PAGE, "Danke!", by=ben)
    assert (await private(network, post_id=visitor.id))[0] == 200
    media = world.show(PAGE, world.paint(b"x", "image/jpeg"), "Strauß")
    comment = world.comment_on_instagram(media, ben, "Preis?")
    status, body = await private(network, comment_id=comment.id)
    assert (status, body["recipient_id"]) == (
        200,
        world.user_id(ben, world.shop(PAGE), "instagram"),
    )


async def test_what_cannot_be_answered_privately(network: Network) -> None:
    world, ben = network.world, ben_of(network)
    post = world.post(PAGE, "Neu")
    own = world.comment(post, None, "Ja!")
    gone = world.comment(post, ben, "Ups")
    await network.control("POST", "people/ben-yildiz/remove", on=gone.id)
    assert (await private(network, comment_id=own.id))[1]["error"]["code"] == 10903
    for comment_id in (gone.id, "1_2", PAGE):
        error = (await private(network, comment_id=comment_id))[1]["error"]
        assert (error["code"], error["error_subcode"]) == (100, 2534025)


async def test_a_refused_private_reply_is_not_used_up(network: Network) -> None:
    comment = network.world.comment(network.world.post(PAGE, "Neu"), ben_of(network), "Preis?")
    recipient = {"comment_id": comment.id}
    assert await network.refused(
        "POST", "me/messages", recipient=recipient, message={"text": ""}
    ) == (100, None)
    assert (await private(network, comment_id=comment.id))[0] == 200


async def test_a_profile_is_read_once_there_is_a_conversation(network: Network) -> None:
    thread = meet(network)
    fields = "first_name,last_name,profile_pic"
    _, body = await network.graph("GET", thread.user_id, fields=fields)
    assert (body["first_name"], body["last_name"], body["id"]) == ("Anna", "Weber", thread.user_id)
    async with network.http.get(body["profile_pic"]) as answer:
        assert answer.content_type == "image/svg+xml"
    stranger = network.world.user_id(ben_of(network), network.world.shop(PAGE))
    assert await network.refused("GET", stranger) == (100, 2018218)


async def test_conversations_show_what_was_said(network: Network) -> None:
    thread = meet(network)
    await network.send("Guten Tag", thread.user_id)
    _, body = await network.graph(
        "GET",
        f"{PAGE}/conversations",
        platform="messenger",
        fields="id,updated_time,participants,messages.limit(1){id,message,from,created_time}",
    )
    [shown] = body["data"]
    assert shown["participants"]["data"][0]["id"] == thread.user_id
    [last] = shown["messages"]["data"]
    assert (last["message"], last["from"]["id"]) == ("Guten Tag", PAGE)
    assert last["created_time"] == "2026-11-22T09:00:00+0000"
    assert f"/{thread.id}/messages?" in shown["messages"]["paging"]["next"]
    _, empty = await network.graph("GET", f"{PAGE}/conversations", platform="instagram")
    assert empty == {"data": []}


async def test_only_the_last_twenty_messages_can_be_read(network: Network) -> None:
    thread = meet(network)
    for number in range(24):
        network.world.write(thread.person, PAGE, f"Nr. {number}")
    _, body = await network.graph("GET", f"{thread.id}/messages", fields="message", limit="100")
    assert len(body["data"]) == 20
    assert body["data"][0]["message"] == "Nr. 23"
