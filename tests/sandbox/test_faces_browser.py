"""The faces in a real browser: keyboard, live refresh, the framed tab, and axe on each."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from sandbox import chats
from sandbox.things import LinkCard, Thread
from tests.browsers import complaints, needs_browser, open_browser
from tests.sandbox.network import PAGE, SLUG, Network, running

FACES = {
    "doors": "/",
    "who": "/who",
    "weather": "/weather",
    "wall": f"/facebook/{SLUG}",
    "shop": f"/facebook/{SLUG}/shop",
    "info": f"/facebook/{SLUG}/info",
    "messenger": f"/messenger/{SLUG}",
    "page inbox": f"/page-inbox/{SLUG}",
    "instagram": "/instagram/blumen.markt",
    "picture": "/instagram/blumen.markt/p/",
    "direct": "/instagram/blumen.markt/direct",
}

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def town() -> AsyncIterator[Network]:
    """A furnished network: something of every kind stands somewhere."""
    async with running() as network:
        await network.subscribe()
        furnish(network)
        yield network


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def tab(chromium: Browser, town: Network) -> AsyncIterator[Page]:
    context = await chromium.new_context(base_url=town.url, locale="de-DE")
    context.set_default_timeout(5000)
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    await context.close()
    assert problems == []


def template(**payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": payload}}


def furnish(network: Network) -> None:
    world = network.world
    anna, ben = world.people["anna-weber"], world.people["ben-yildiz"]
    picture = world.paint(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "Tulpen")
    post = world.post(PAGE, "Rabatt! https://example.com/deal", pictures=[picture])
    question = world.comment(post, anna, "Auch für Rosen?")
    world.comment(question, None, "Ja!")
    question.privately_replied_at = world.now()
    world.post(PAGE, "Danke!", by=anna)
    world.post(PAGE, "Neu", link=LinkCard(f"{network.shop.url}/p/tulpen", "Tulpen"))
    media = world.show(PAGE, picture, "Strauß")
    world.comment_on_instagram(world.comment_on_instagram(media, anna, "Schön"), None, "Danke")
    fill(network, world.talk(anna, PAGE), world.picture_url(picture))
    fill(network, world.talk(anna, PAGE, "instagram"), world.picture_url(picture))
    world.answer(ben, PAGE, "Hallo Ben")


def fill(network: Network, thread: Thread, url: str) -> None:
    world, app_id = network.world, network.world.settings.app_id
    button = {"type": "postback", "title": "Kaufen", "payload": "K"}
    card = {"title": "Tulpen", "subtitle": "9,90 €", "image_url": url, "buttons": [button]}
    receipt: dict[str, Any] = {
        "template_type": "receipt",
        "recipient_name": "Anna",
        "order_number": "1001",
        "currency": "EUR",
        "payment_method": "Visa",
        "summary": {"subtotal": 10, "total_cost": 44.7},
        "elements": [{"title": "Tulpen", "price": 9.9, "image_url": url}],
    }
    chats.write(world, thread, "Hallo")
    for content in (
        {"text": "Guten Tag"},
        template(template_type="generic", elements=[card] * 4),
        template(template_type="button", text="Was nun?", buttons=[button]),
        template(**receipt),
        template(template_type="coupon", title="20 %", coupon_code="TULPE20"),
        {"text": "?", "quick_replies": [{"content_type": "text", "title": "Ja", "payload": "J"}]},
    ):
        chats.send(world, thread, content, app_id=app_id)
    thread.is_page_typing = True


@pytest.mark.parametrize("name", FACES)
async def test_a_face_is_accessible_and_fits_phone_and_desktop(
    tab: Page, town: Network, name: str
) -> None:
    path = FACES[name]
    if name == "picture":
        path += town.world.shop(PAGE).media[0].shortcode
    for scheme, width, height in (("light", 1280, 900), ("dark", 360, 740)):
        await tab.set_viewport_size({"width": width, "height": height})
        await tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await tab.goto(path)
        await tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert await complaints(tab) == []
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_fan_comments_and_sees_the_answer_without_reloading(
    tab: Page, town: Network
) -> None:
    post = town.world.post(PAGE, "Live")
    await tab.goto(f"/facebook/{SLUG}")
    article = tab.locator(f"[id='post-{post.id}']")
    await article.get_by_label("Kommentar schreiben").fill("Gilt das heute?")
    await tab.keyboard.press("Enter")
    await expect(article.get_by_text("Gilt das heute?")).to_be_visible()
    await article.get_by_label("Kommentar schreiben").fill("Halb geschr")
    await town.graph("POST", f"{post.comments[0].id}/comments", message="Ja, bis acht.")
    await expect(article.get_by_text("Ja, bis acht.")).to_be_visible()
    await expect(article.get_by_label("Kommentar schreiben")).to_have_value("Halb geschr")
    assert await tab.evaluate("performance.getEntriesByType('navigation').length") == 1


async def test_a_chat_goes_on_by_itself(tab: Page, town: Network) -> None:
    chloe = town.world.people["chloe-martin"]
    await tab.goto("/who")
    await tab.get_by_role("button", name="Chloé Martin").click()
    await tab.goto(f"/messenger/{SLUG}")
    await tab.get_by_label("Nachricht schreiben").fill("Bonjour")
    await tab.keyboard.press("Enter")
    log = tab.get_by_role("log")
    await expect(log.get_by_text("Bonjour")).to_be_visible()
    thread = town.world.talk(chloe, PAGE)
    await town.graph(
        "POST",
        "me/messages",
        recipient={"id": thread.user_id},
        messaging_type="RESPONSE",
        message={
            "text": "Guten Tag! Katalog?",
            "quick_replies": [{"content_type": "text", "title": "Zeigen", "payload": "KAT"}],
        },
    )
    await log.get_by_role("button", name="Zeigen").click()
    await expect(log.get_by_role("button", name="Zeigen")).to_have_count(0)
    assert thread.messages[-1].content == {"text": "Zeigen", "quick_reply": {"payload": "KAT"}}


async def test_the_shop_tab_loads_into_its_frame_by_post(tab: Page, town: Network) -> None:
    town.shop.tab_forms.clear()
    await tab.goto(f"/facebook/{SLUG}/shop")
    frame = tab.frame_locator("iframe[name=shop]")
    await expect(frame.get_by_role("heading", name="The shop tab")).to_be_visible()
    assert set(town.shop.tab_forms[0]) == {"signed_request"}


async def test_the_wall_can_be_walked_by_keyboard(tab: Page, town: Network) -> None:
    await tab.goto(f"/facebook/{SLUG}")
    await tab.keyboard.press("Tab")
    await expect(tab.get_by_text("Zum Inhalt springen")).to_be_focused()
    await tab.keyboard.press("Enter")
    await tab.keyboard.press("Tab")
    await expect(tab.get_by_role("textbox", name="An diese Pinnwand schreiben")).to_be_focused()
