"""The faces over HTTP: forms without JavaScript, in two languages."""

import base64
import json
import re
from typing import Any

import aiohttp
import pytest

from tests.sandbox.network import PAGE, SLUG, Network

FACES = [
    "/",
    "/who",
    "/weather",
    f"/facebook/{SLUG}",
    f"/facebook/{SLUG}/shop",
    f"/facebook/{SLUG}/info",
    f"/messenger/{SLUG}",
    f"/page-inbox/{SLUG}",
    "/instagram/blumen.markt",
    "/instagram/blumen.markt/direct",
]


async def page(network: Network, path: str, **headers: str) -> str:
    async with network.http.get(network.url + path, headers=headers) as answer:
        assert answer.status == 200, path
        return await answer.text()


async def post(network: Network, path: str, **fields: Any) -> str:
    """Follows the redirect and gives the page one lands on."""
    async with network.http.post(network.url + path, data=fields) as answer:
        assert answer.status == 200, path
        return await answer.text()


@pytest.mark.parametrize("path", FACES)
async def test_every_face_opens_empty_under_a_strict_policy(network: Network, path: str) -> None:
    async with network.http.get(network.url + path) as answer:
        assert answer.status == 200
        policy = answer.headers["Content-Security-Policy"]
        html = await answer.text()
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert not re.search(r"<script(?! type=\"module\" src=)|<style| style=| onclick=", html)
    assert not re.search(r"(src|href)=\"https?://(?!127\.0\.0\.1)", html)


async def test_the_language_is_asked_kept_and_guessed(network: Network) -> None:
    assert "Drei Türen" in await page(network, "/")
    assert "Three doors" in await page(network, "/", **{"Accept-Language": "en-GB,en;q=0.9"})
    assert "Three doors" in await page(network, "/?lang=en")
    assert "Wall" in await page(network, f"/facebook/{SLUG}")
    assert "Drei Türen" in await page(network, "/?lang=de", **{"Accept-Language": "en"})


async def test_german_says_everything_in_german(network: Network) -> None:
    from pathlib import Path

    from sandbox.languages import words

    folder = Path(__file__).parents[2] / "sandbox" / "templates"
    pattern = re.compile(r"(?:_|ctx\.t)\((?:\"([^\"]+)\"|'([^']+)')\)")
    german = words("de").texts
    asked = {
        double or single
        for path in folder.glob("*.html")
        for double, single in pattern.findall(path.read_text())
    }
    assert len(asked) > 100
    assert {text for text in asked if text not in german} == set()


async def test_one_can_be_somebody_else(network: Network) -> None:
    html = await post(network, "/who", person="ben-yildiz", back=f"/facebook/{SLUG}")
    assert "Ben Yıldız" in html
    await post(network, f"/facebook/{SLUG}/posts", text="Danke!")
    [made] = network.world.shop(PAGE).posts
    assert made.author is network.world.people["ben-yildiz"]
    await post(network, "/who", name="Eva Groß", locale="de_DE", back="/")
    assert "Eva Groß" in await page(network, "/")


@pytest.mark.parametrize("back", ["https://example.com", "//example.com", "/\\example.com", ""])
async def test_the_way_back_never_leads_outside(network: Network, back: str) -> None:
    async with network.http.post(
        f"{network.url}/who", data={"person": "anna-weber", "back": back}, allow_redirects=False
    ) as answer:
        assert answer.headers["Location"] == "/"


async def test_forms_of_other_sites_are_refused(network: Network) -> None:
    headers = {"Origin": "http://evil.example"}
    async with network.http.post(
        f"{network.url}/facebook/{SLUG}/posts", data={"text": "x"}, headers=headers
    ) as answer:
        assert answer.status == 403
        assert "anderen Seite" in await answer.text()
    assert network.world.shop(PAGE).posts == []


async def test_a_fan_comments_edits_and_removes(network: Network) -> None:
    made = network.world.post(PAGE, "Rabatt <b>jetzt</b>")
    wall = f"/facebook/{SLUG}"
    html = await post(network, f"{wall}/comments", target=made.id, text="Auch für\nRosen?")
    assert "Auch für<br>Rosen?" in html
    assert "Rabatt &lt;b&gt;" in html
    [comment] = made.comments
    await post(network, f"{wall}/things/{comment.id}/edit", text="Für Rosen?")
    assert comment.message == "Für Rosen?"
    await post(network, f"{wall}/comments", target=comment.id, text="Hallo?")
    assert made.comments[1].parent is comment
    await post(network, f"{wall}/things/{made.id}/like")
    assert made.likes == {"anna-weber"}
    html = await post(network, f"{wall}/things/{comment.id}/remove")
    assert "Für Rosen?" not in html
    assert "Hallo?" not in html


async def test_nobody_changes_what_others_wrote(network: Network) -> None:
    made = network.world.post(PAGE, "Rabatt")
    for verb in ("edit", "remove"):
        async with network.http.post(
            f"{network.url}/facebook/{SLUG}/things/{made.id}/{verb}", data={"text": "x"}
        ) as answer:
            assert answer.status == 403
    assert (made.message, made.is_removed) == ("Rabatt", False)


async def test_a_hidden_comment_is_seen_by_its_author_alone(network: Network) -> None:
    world = network.world
    made = world.post(PAGE, "Rabatt")
    comment = world.comment(made, world.people["anna-weber"], "Alles Betrug")
    await network.graph("POST", comment.id, is_hidden=True)
    assert "Alles Betrug" in await page(network, f"/facebook/{SLUG}")
    await post(network, "/who", person="ben-yildiz", back="/")
    assert "Alles Betrug" not in await page(network, f"/facebook/{SLUG}")


async def test_a_picture_is_uploaded_with_a_post(network: Network) -> None:
    form = aiohttp.FormData({"text": ""})
    form.add_field("picture", b"\x89PNG", filename="a.png", content_type="image/png")
    async with network.http.post(f"{network.url}/facebook/{SLUG}/posts", data=form) as answer:
        html = await answer.text()
    [made] = network.world.shop(PAGE).posts
    assert f"/pictures/{made.pictures[0].id}" in html
    form = aiohttp.FormData({"text": ""})
    form.add_field("picture", b"MZ", filename="a.exe", content_type="application/x-msdownload")
    async with network.http.post(f"{network.url}/facebook/{SLUG}/posts", data=form) as answer:
        assert answer.status == 200
    assert len(network.world.shop(PAGE).posts) == 1


async def test_the_shop_tab_posts_a_signed_request(network: Network) -> None:
    html = await page(network, f"/facebook/{SLUG}/shop?app_data=deal-7")
    assert f'action="{network.shop.url}/s/{SLUG}/tab"' in html
    found = re.search(r'name="signed_request" value="([^"]+)"', html)
    assert found is not None
    payload = found[1].split(".")[1]
    data = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert data["algorithm"] == "HMAC-SHA256"
    assert data["page"] == {"id": PAGE, "admin": False, "liked": True}
    assert data["app_data"] == "deal-7"
    assert data["issued_at"] == int(network.clock().timestamp())
    assert "user_id" not in data


async def talk(network: Network, **fields: str) -> str:
    return await post(network, f"/messenger/{SLUG}", **fields)


async def send(network: Network, content: dict[str, Any]) -> str:
    thread = network.world.talk(network.world.people["anna-weber"], PAGE)
    status, body = await network.graph(
        "POST",
        "me/messages",
        recipient={"id": thread.user_id},
        messaging_type="RESPONSE",
        message=content,
    )
    assert status == 200, body
    return str(body["message_id"])


def template(**payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": payload}}


async def test_a_chat_starts_with_the_greeting_and_the_button(network: Network) -> None:
    await network.graph(
        "POST",
        "me/messenger_profile",
        get_started={"payload": "LOS"},
        greeting=[{"locale": "default", "text": "Guten Tag!"}],
        persistent_menu=[
            {
                "locale": "default",
                "call_to_actions": [{"type": "postback", "title": "Katalog", "payload": "KAT"}],
            }
        ],
    )
    html = await page(network, f"/messenger/{SLUG}")
    assert "Guten Tag!" in html
    assert "Los geht’s" in html
    html = await talk(network, verb="start")
    assert 'value="start"' not in html
    await talk(network, verb="choose", place="0")
    thread = network.world.talk(network.world.people["anna-weber"], PAGE)
    assert [message.postback_title for message in thread.messages] == ["Los geht’s", "Katalog"]


async def test_every_template_is_shown_and_its_buttons_work(network: Network) -> None:
    await network.subscribe(fields="messages,messaging_postbacks")
    await talk(network, verb="write", text="Hallo")
    button = {"type": "postback", "title": "Kaufen", "payload": "KAUF-2"}
    link = {"type": "web_url", "title": "Ansehen", "url": "https://example.com/p"}
    cards = await send(
        network,
        template(
            template_type="generic",
            elements=[
                {"title": "Tulpen", "subtitle": "9,90 €"},
                {"title": "Rosen", "buttons": [link, button]},
            ],
        ),
    )
    coupon = await send(
        network, template(template_type="coupon", title="20 %", coupon_code="TULPE20")
    )
    await send(
        network,
        template(
            template_type="receipt",
            recipient_name="Anna",
            order_number="1001",
            currency="EUR",
            payment_method="Visa",
            summary={"total_cost": 44.7},
            elements=[{"title": "Tulpen", "quantity": 2, "price": 19.8}],
        ),
    )
    quick = await send(
        network,
        {
            "text": "Noch etwas?",
            "quick_replies": [{"content_type": "text", "title": "Ja bitte", "payload": "JA"}],
        },
    )
    html = await page(network, f"/messenger/{SLUG}")
    for text in (
        "Tulpen",
        "9,90 €",
        "https://example.com/p",
        "44,70 EUR",
        "Beleg 1001",
        "Ja bitte",
    ):
        assert text in html
    assert "TULPE20" not in html
    await talk(network, verb="press", mid=cards, element="1", place="0")
    await talk(network, verb="tap", mid=quick, place="0")
    assert "TULPE20" in await talk(network, verb="reveal", mid=coupon)
    await talk(network, verb="press", mid=cards, element="1", place="1")
    await network.settled()
    told = network.shop.events()
    assert [event["postback"]["payload"] for event in told if "postback" in event] == ["KAUF-2"]
    payloads = [event.get("message", {}).get("quick_reply") for event in told]
    assert {"payload": "JA"} in payloads


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"verb": "fly"},
        {"verb": "tap", "place": "0"},
        {"verb": "press", "mid": "m_1", "place": "0"},
        {"verb": "choose", "place": "99999999999999999999"},
        {"verb": "break_ice", "place": "x"},
        {"verb": "react", "mid": PAGE, "reaction": "love"},
        {"verb": "write", "text": "   "},
        {"verb": "unsend", "mid": ""},
        {"verb": "reveal", "mid": "x"},
    ],
)
async def test_outdated_or_odd_forms_do_nothing(network: Network, fields: dict[str, str]) -> None:
    await talk(network, **fields)
    thread = network.world.talk(network.world.people["anna-weber"], PAGE)
    assert thread.messages == []


async def test_looking_at_the_chat_is_reading_it(network: Network) -> None:
    await network.subscribe(fields="messages,message_reads")
    await talk(network, verb="write", text="Hallo")
    await send(network, {"text": "Guten Tag"})
    await page(network, f"/messenger/{SLUG}")
    await page(network, f"/messenger/{SLUG}")
    await network.settled()
    assert sum("read" in event for event in network.shop.events()) == 1


async def test_messages_are_edited_unsent_and_reacted_to(network: Network) -> None:
    await talk(network, verb="write", text="Halo")
    thread = network.world.talk(network.world.people["anna-weber"], PAGE)
    mine = thread.messages[0]
    assert "Hallo!" in await talk(network, verb="edit", mid=mine.mid, text="Hallo!")
    answer = await send(network, {"text": "Guten Tag"})
    assert "👍" in await talk(network, verb="react", mid=answer, reaction="like")
    html = await talk(network, verb="unsend", mid=mine.mid)
    assert "Nachricht entfernt" in html
    assert "Hallo!" not in html


async def test_an_m_me_link_carries_its_ref(network: Network) -> None:
    await network.subscribe(fields="messages,messaging_referrals")
    await talk(network, verb="write", text="Hallo")
    await page(network, f"/m/{PAGE}?ref=deal-7")
    await page(network, f"/m/{SLUG}?ref=<script>")
    await network.settled()
    refs = [event["referral"]["ref"] for event in network.shop.events() if "referral" in event]
    assert refs == ["deal-7"]


async def test_the_merchant_answers_from_the_phone(network: Network) -> None:
    await talk(network, verb="write", text="Hallo")
    inbox = await page(network, f"/page-inbox/{SLUG}")
    thread = network.world.talk(network.world.people["anna-weber"], PAGE)
    assert "Anna Weber" in inbox
    assert "Bin gleich da" in await post(
        network, f"/page-inbox/{SLUG}", thread=thread.id, text="Bin gleich da"
    )
    assert thread.messages[-1].app_id != network.world.settings.app_id
    async with network.http.post(
        f"{network.url}/page-inbox/{SLUG}", data={"thread": PAGE, "text": "x"}
    ) as answer:
        assert answer.status == 404


async def test_instagram_pictures_are_commented_liked_and_cleaned(network: Network) -> None:
    world = network.world
    media = world.show(PAGE, world.paint(b"x", "image/jpeg"), "Strauß #blumen")
    path = f"/instagram/blumen.markt/p/{media.shortcode}"
    assert path in await page(network, "/instagram/blumen.markt")
    assert "Preis?" in await post(network, path, target="", text="Preis?")
    [comment] = media.comments
    await post(network, path, target=comment.id, text="Noch da?")
    assert media.comments[1].parent is comment
    await post(network, path, verb="like")
    assert media.likes == {"anna-weber"}
    assert "Preis?" not in await post(network, path, verb="remove", target=comment.id)


@pytest.mark.parametrize(
    "path",
    [
        "/facebook/nowhere",
        "/messenger/nowhere",
        "/instagram/nebenan",
        "/instagram/blumen.markt/p/none",
        "/pictures/1",
        "/nothing",
    ],
)
async def test_what_is_not_there_is_said_in_plain_words(network: Network, path: str) -> None:
    async with network.http.get(network.url + path) as answer:
        assert answer.status == 404
        html = await answer.text()
    assert "Das hat nicht geklappt" in html
    assert "404" not in html


async def test_the_weather_page_switches_faults(network: Network) -> None:
    assert "Stürmisch" not in await page(network, "/")
    await post(network, "/weather", kind="drop", action="on")
    assert "Stürmisch" in await page(network, "/")
    await post(network, "/weather", kind="drop", action="off")
    assert network.world.sender.weather.faults == []
    await post(network, "/weather", kind="snow", action="on")
    assert network.world.sender.weather.faults == []


async def test_open_pages_hear_of_changes(network: Network) -> None:
    url = f"{network.url}/live?topic=wall:{PAGE}"
    async with network.http.get(url) as stream:
        assert (await stream.content.readline()) == b"retry: 1000\n"
        await stream.content.readline()
        network.world.write(network.world.people["anna-weber"], PAGE, "anderswo")
        network.world.post(PAGE, "Neu")
        assert (await stream.content.readline()).decode() == f"data: wall:{PAGE}\n"


async def test_uploaded_pictures_cannot_run_scripts(network: Network) -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    picture = network.world.paint(svg, "image/svg+xml")
    async with network.http.get(f"{network.url}/pictures/{picture.id}") as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
