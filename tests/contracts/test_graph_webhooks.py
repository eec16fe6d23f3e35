"""What the network tells the shop: the bytes, the signature, the layers, every shape."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from sandbox.dashboard import VALUES
from sandbox.signing import escaped, signed_request, webhook_signature
from tests.sandbox.network import INSTAGRAM, PAGE, SECRET, SLUG, Network

# Own vector: 114 bytes, backslashes literal.
BODY = (
    rb'{"object":"page","entry":[{"id":"1","time":1,"messaging":'
    rb'[{"message":{"text":"\u00e4\u00f6\u00e5 http:\/\/x"}}]}]}'
)
SIGNATURE = "fc480826bc9feefb821d9d21073bd07d575d5a7ef95d1a13648f8ed14ae3ad36"
EVERYTHING = (
    "feed,messages,message_echoes,message_edits,message_reactions,message_reads,"
    "message_deliveries,messaging_postbacks,messaging_referrals,standby"
)


def test_the_known_body_has_the_known_signature() -> None:
    assert len(BODY) == 114
    assert webhook_signature("app-secret", BODY) == f"sha256={SIGNATURE}"


def test_json_is_written_as_meta_signs_it() -> None:
    parsed = json.loads(BODY)
    assert escaped(parsed) == BODY
    ascii_only = json.dumps(parsed, separators=(",", ":")).encode()
    assert webhook_signature("app-secret", ascii_only).startswith("sha256=c4568ea1")
    utf8 = json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode()
    assert webhook_signature("app-secret", utf8).startswith("sha256=7b45b383")


def test_a_signed_request_signs_its_encoded_half() -> None:
    signature, _, payload = signed_request("secret", {"user_id": "1"}).partition(".")
    raw = hmac.new(b"secret", payload.encode(), hashlib.sha256).digest()
    import base64

    assert base64.urlsafe_b64decode(signature + "=") == raw
    assert "=" not in signature + payload


async def test_deliveries_are_signed_over_their_bytes(network: Network) -> None:
    await network.subscribe()
    network.world.write(network.world.people["anna-weber"], PAGE, "Grüße 🌷 http://x/ä")
    await network.settled()
    [(body, headers)] = network.shop.deliveries
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert rb"Gr\u00fc\u00dfe \ud83c\udf37 http:\/\/x\/\u00e4" in body
    assert body.isascii()


async def test_the_callback_must_prove_itself(network: Network) -> None:
    params = {
        "token": f"1900|{SECRET}",
        "object": "page",
        "fields": "feed",
        "callback_url": f"{network.shop.url}/webhooks/meta",
    }
    assert await network.refused("POST", "1900/subscriptions", **params, verify_token="no") == (
        2200,
        None,
    )
    params["callback_url"] = "http://127.0.0.1:1/"
    assert await network.refused("POST", "1900/subscriptions", **params, verify_token="x") == (
        2200,
        None,
    )
    assert network.world.subscriptions == {}


@pytest.mark.parametrize(
    ("app_fields", "page_fields", "arrives"),
    [("feed", "feed", True), ("messages", "feed", False), ("feed", "messages", False)],
)
async def test_an_event_needs_every_layer_of_the_subscription(
    network: Network, app_fields: str, page_fields: str, arrives: bool
) -> None:
    await network.subscribe(fields=app_fields)
    status, body = await network.graph(
        "POST", f"{PAGE}/subscribed_apps", subscribed_fields=page_fields
    )
    assert (status, body) == (200, {"success": True})
    network.world.post(PAGE, "Danke", by=network.world.people["anna-weber"])
    await network.settled()
    assert bool(network.shop.deliveries) is arrives


async def test_subscriptions_can_be_read_back_and_ended(network: Network) -> None:
    await network.subscribe(fields="feed,messages")
    _, apps = await network.graph("GET", f"{PAGE}/subscribed_apps")
    assert apps["data"][0]["subscribed_fields"] == ["feed", "messages"]
    _, objects = await network.graph("GET", "1900/subscriptions", token=f"1900|{SECRET}")
    assert [one["object"] for one in objects["data"]] == ["page", "instagram"]
    assert await network.refused("GET", "1900/subscriptions") == (15, None)
    await network.graph("DELETE", f"{PAGE}/subscribed_apps")
    network.world.post(PAGE, "Danke", by=network.world.people["anna-weber"])
    assert network.world.sender.about() == []
    assert await network.refused("POST", f"{PAGE}/subscribed_apps", subscribed_fields="feeds") == (
        100,
        None,
    )


async def test_without_values_only_names_are_sent(network: Network) -> None:
    await network.subscribe()
    network.world.subscriptions["page"].has_values = False
    network.world.post(PAGE, "Danke", by=network.world.people["anna-weber"])
    await network.settled()
    [entry] = network.shop.bodies[0]["entry"]
    assert entry["changed_fields"] == ["feed"]
    assert "changes" not in entry


MILLISECONDS = 1795338000000


async def do(network: Network, verb: str, **body: Any) -> Any:
    return await network.control("POST", f"people/anna-weber/{verb}", page=SLUG, **body)


async def only(network: Network) -> dict[str, Any]:
    """The one event that came."""
    await network.settled()
    [event] = network.shop.events()
    network.shop.deliveries.clear()
    return event


async def test_messenger_events_have_metas_shapes(network: Network) -> None:
    await network.subscribe(fields=EVERYTHING)
    psid = network.world.user_id(network.world.people["anna-weber"], network.world.shop(PAGE))
    common = {"sender": {"id": psid}, "recipient": {"id": PAGE}, "timestamp": MILLISECONDS}
    mid = (await do(network, "write", text="Hallo"))["mid"]
    assert await only(network) == {**common, "message": {"mid": mid, "text": "Hallo"}}
    assert mid.startswith("m_")
    await do(network, "edit", mid=mid, text="Hallo!")
    edit = {"mid": mid, "text": "Hallo!", "num_edit": 1}
    assert await only(network) == {**common, "message_edit": edit}
    await do(network, "react", mid=mid, reaction="love")
    reaction = {"mid": mid, "action": "react", "reaction": "love", "emoji": "❤"}
    assert await only(network) == {**common, "reaction": reaction}
    await do(network, "unreact", mid=mid)
    assert (await only(network))["reaction"] == {"mid": mid, "action": "unreact"}
    await do(network, "unsend", mid=mid)
    assert (await only(network))["message"] == {"mid": mid, "is_deleted": True}
    await do(network, "arrive", ref="tulpe")
    referral = {"ref": "tulpe", "source": "SHORTLINK", "type": "OPEN_THREAD"}
    assert await only(network) == {**common, "referral": referral}
    await do(network, "write", attachments=["location"], reply_to=mid)
    message = (await only(network))["message"]
    assert message["reply_to"] == {"mid": mid}
    assert message["attachments"][0]["payload"]["coordinates"]["lat"] == 52.5208


async def test_a_sticker_is_one_attachment_of_its_own_type(network: Network) -> None:
    await network.subscribe(fields=EVERYTHING)
    await do(network, "write", attachments=["sticker"])
    [attachment] = (await only(network))["message"]["attachments"]
    assert attachment["type"] == "sticker"
    assert attachment["payload"]["sticker_id"] == 369239263222822


async def test_get_started_carries_the_ref_of_a_new_thread(network: Network) -> None:
    await network.subscribe(fields=EVERYTHING)
    await network.graph("POST", "me/messenger_profile", get_started={"payload": "LOS"})
    await do(network, "arrive", ref="tulpe")
    await network.settled()
    assert network.shop.deliveries == []
    mid = (await do(network, "start"))["mid"]
    assert (await only(network))["postback"] == {
        "mid": mid,
        "title": "Los geht’s",
        "payload": "LOS",
        "referral": {"ref": "tulpe", "source": "SHORTLINK", "type": "OPEN_THREAD"},
    }


async def test_buttons_quick_replies_and_coupons_come_back(network: Network) -> None:
    await network.subscribe(fields=EVERYTHING.replace("message_echoes,message_", "message_"))
    await do(network, "write", text="Hallo")
    thread = network.world.talk(network.world.people["anna-weber"], PAGE)
    quick = {"content_type": "text", "title": "Ja", "payload": "JA"}
    button = {"type": "postback", "title": "Kaufen", "payload": "KAUF"}
    for content in (
        {
            "attachment": {
                "type": "template",
                "payload": {"template_type": "button", "text": "?", "buttons": [button]},
            }
        },
        {
            "attachment": {
                "type": "template",
                "payload": {
                    "template_type": "coupon",
                    "title": "T",
                    "coupon_code": "C1",
                    "payload": "P",
                },
            }
        },
        {"text": "?", "quick_replies": [quick]},
    ):
        assert (
            await network.graph(
                "POST",
                "me/messages",
                recipient={"id": thread.user_id},
                messaging_type="RESPONSE",
                message=content,
            )
        )[0] == 200
    await network.settled()
    network.shop.deliveries.clear()
    await do(network, "reveal", mid=thread.messages[2].mid)
    assert (await only(network))["template"] == {
        "type": "coupon",
        "payload": "P",
        "coupon_code": "C1",
    }
    await do(network, "tap", title="Ja")
    assert (await only(network))["message"]["quick_reply"] == {"payload": "JA"}
    await do(network, "press", title="Kaufen")
    assert (await only(network))["postback"]["payload"] == "KAUF"


async def test_what_the_page_sends_is_echoed_with_its_app(network: Network) -> None:
    await network.subscribe(fields=EVERYTHING)
    await do(network, "write", text="Hallo")
    await only(network)
    thread = network.world.talk(network.world.people["anna-weber"], PAGE)
    _, sent = await network.graph(
        "POST",
        "me/messages",
        recipient={"id": thread.user_id},
        messaging_type="RESPONSE",
        message={"text": "Tag", "metadata": "outbox-7"},
    )
    await network.settled()
    echo, delivery = network.shop.events()
    assert echo == {
        "sender": {"id": PAGE},
        "recipient": {"id": thread.user_id},
        "timestamp": MILLISECONDS,
        "message": {
            "mid": sent["message_id"],
            "is_echo": True,
            "app_id": 1900,
            "text": "Tag",
            "metadata": "outbox-7",
        },
    }
    assert delivery["delivery"] == {"mids": [sent["message_id"]], "watermark": MILLISECONDS}
    network.shop.deliveries.clear()
    await do(network, "hear", text="Vom Telefon")
    await network.settled()
    assert network.shop.events()[0]["message"]["app_id"] == 263902037430900
    network.shop.deliveries.clear()
    await do(network, "read")
    assert (await only(network))["read"] == {"watermark": MILLISECONDS}


async def test_instagram_messages_have_instagrams_shapes(network: Network) -> None:
    await network.subscribe()
    await do(network, "write", text="Hi", channel="instagram")
    await do(network, "hear", text="Hallo", channel="instagram")
    await do(network, "read", channel="instagram")
    await network.settled()
    assert {body["object"] for body in network.shop.bodies} == {"instagram"}
    assert {body["entry"][0]["id"] for body in network.shop.bodies} == {INSTAGRAM}
    written, echo = network.shop.events()
    assert written["recipient"] == {"id": INSTAGRAM}
    assert echo["message"]["is_echo"] is True
    assert "delivery" not in str(network.shop.bodies)


async def test_another_apps_thread_moves_to_standby_without_payloads(network: Network) -> None:
    await network.subscribe(fields=EVERYTHING)
    network.world.shop(PAGE).profile["messenger"]["ice_breakers"] = [
        {"question": "Offen?", "payload": "GEHEIM"}
    ]
    await do(network, "hand_over", app_id="1")
    await do(network, "press", title="Offen?")
    await network.settled()
    assert network.shop.events() == []
    [event] = network.shop.events("standby")
    assert event["postback"]["title"] == "Offen?"
    assert "payload" not in event["postback"]


async def test_a_comment_lives_and_dies_in_the_feed(network: Network) -> None:
    await network.subscribe()
    with network.world.quietly():
        post = network.world.post(PAGE, "Neu")
    comment_id = (await do(network, "comment", on=post.id, text="Preis?"))["id"]
    await do(network, "edit_comment", on=comment_id, text="Preis, bitte?")
    reply_id = (await do(network, "comment", on=comment_id, text="Niemand?"))["id"]
    await network.graph("POST", comment_id, is_hidden=True)
    await do(network, "remove", on=comment_id)
    await network.settled()
    added, edited, replied, hidden, removed = network.shop.changes()
    psid = network.world.user_id(network.world.people["anna-weber"], network.world.shop(PAGE))
    assert added.pop("post")["id"] == post.id
    common = {
        "from": {"id": psid, "name": "Anna Weber"},
        "post_id": post.id,
        "comment_id": comment_id,
        "parent_id": post.id,
        "item": "comment",
    }
    assert added == {**common, "verb": "add", "created_time": 1795338000, "message": "Preis?"}
    assert (edited["verb"], edited["message"]) == ("edited", "Preis, bitte?")
    assert (replied["comment_id"], replied["parent_id"]) == (reply_id, comment_id)
    assert (hidden["verb"], hidden["message"]) == ("hide", "Preis, bitte?")
    assert removed == {**common, "verb": "remove"}
    assert network.shop.bodies[0]["entry"][0]["time"] == 1795338000
    assert comment_id.startswith(post.id.split("_")[1] + "_")


async def test_a_picture_only_comment_has_no_message(network: Network) -> None:
    await network.subscribe()
    post = network.world.post(PAGE, "Neu")
    await do(network, "comment", on=post.id, picture=True)
    await network.settled()
    value = network.shop.changes()[-1]
    assert "message" not in value
    assert value["photo"].startswith(network.url)


async def test_visitor_posts_and_likes_are_told(network: Network) -> None:
    await network.subscribe()
    post_id = (await do(network, "post", text="Danke!"))["id"]
    await do(network, "edit_post", on=post_id, text="Vielen Dank!")
    await do(network, "like", on=post_id)
    await do(network, "like", on=post_id, off=True)
    await do(network, "remove", on=post_id)
    await network.settled()
    added, edited, liked, unliked, removed = network.shop.changes()
    assert (added["item"], added["verb"], added["is_hidden"]) == ("post", "add", False)
    assert "created_time" not in added
    assert edited["verb"] == "edit"
    assert (liked["item"], liked["verb"], liked["reaction_type"]) == ("reaction", "add", "like")
    assert unliked["verb"] == "remove"
    assert (removed["verb"], removed["recipient_id"]) == ("remove", int(PAGE))
    assert "message" not in removed


async def test_the_pages_own_doings_come_back_too(network: Network) -> None:
    await network.subscribe()
    _, post = await network.graph("POST", f"{PAGE}/feed", message="Rabatt!")
    await network.graph("POST", f"{post['id']}/comments", message="Nur heute")
    await network.settled()
    own_post, own_comment = network.shop.changes()
    assert (own_post["item"], own_post["verb"], own_post["published"]) == ("status", "add", 1)
    assert own_post["from"] == own_comment["from"] == {"id": PAGE, "name": "Blumen am Markt"}


async def test_instagram_comments_and_replies(network: Network) -> None:
    await network.subscribe()
    media_id = (await network.control("POST", f"pages/{SLUG}/media", caption="Strauß"))["id"]
    first = await do(network, "comment", on=media_id, text="Schön")
    await network.graph("POST", f"{first['id']}/replies", message="Danke!")
    await network.settled()
    comment, reply = network.shop.changes("comments")
    igsid = network.world.user_id(
        network.world.people["anna-weber"], network.world.shop(PAGE), "instagram"
    )
    assert comment == {
        "from": {"id": igsid, "username": "anna.weber"},
        "media": {"id": media_id, "media_product_type": "FEED"},
        "id": first["id"],
        "text": "Schön",
    }
    assert reply["parent_id"] == first["id"]
    assert reply["from"] == {"id": INSTAGRAM, "username": "blumen.markt"}


@pytest.mark.parametrize("field", [*VALUES, "leadgen"])
async def test_the_dashboards_test_events_are_odd(network: Network, field: str) -> None:
    await network.subscribe()
    await network.control("POST", "dashboard/test", field=field)
    await network.settled()
    [entry] = network.shop.bodies[0]["entry"]
    assert entry["id"] == "0"
    assert entry["changes"][0]["field"] == field


async def test_subscribing_at_the_dashboard_tells_everything(network: Network) -> None:
    await network.control("POST", "dashboard/subscribe")
    await do(network, "write", text="Hallo")
    await network.settled()
    assert [event["message"]["text"] for event in network.shop.events()] == ["Hallo"]


async def test_what_lies_in_the_past_is_not_told(network: Network) -> None:
    await network.subscribe()
    with network.world.quietly():
        network.world.post(PAGE, "Alt", at=network.clock())
        network.world.write(network.world.people["anna-weber"], PAGE, "Alt")
    assert network.world.sender.about() == []
