"""The founding story: a slip of the pen, complained about in public, put right on the spot.

Everything is done by clicks in a browser, as the fan and as the merchant do it.
"""

import re
import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from app.demo.run import Demo
from tests.browsers import needs_browser, open_browser
from tests.journeys.test_whole_story import (
    SECOND,
    become,
    come_in,
    go_behind_the_counter,
    receipt_in_messenger,
)

pytestmark = needs_browser

COMPLAINT = "Ich wollte zwei Töpfe, habe mich vertippt. Jetzt kostet der zweite plötzlich mehr?!"
ANSWER = "Liebe Aylin, der zweite Topf ist zum alten Preis dabei. Danke fürs Bescheidgeben!"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def test_a_typing_error_is_put_right_at_the_original_price_under_the_post(
    browser: Browser, demo: Demo
) -> None:
    merchant, fan = await come_in(browser, demo), await come_in(browser, demo)
    await go_behind_the_counter(merchant)
    await become(fan, "Aylin Demir")
    number = await buy_one_pot(fan)
    order_page = fan.url
    await receipt_in_messenger(fan, number)
    await the_price_goes_up(merchant)
    await complain_in_public(fan)

    began = time.monotonic()
    await correct_from_the_conversation(merchant)
    by_the_agent = time.monotonic() - began

    await pay_the_difference(fan, order_page)
    began = time.monotonic()
    await answer_under_the_post(merchant)
    by_the_agent += time.monotonic() - began
    assert by_the_agent < 60

    await everybody_sees_the_answer(fan, demo)
    await the_order_has_two_at_the_price_of_then(merchant, number)
    await stripe_has_both_payments(fan, demo)


async def buy_one_pot(fan: Page) -> str:
    await fan.locator("a[href='/facebook/blumen/shop']").first.click()
    shop = fan.frame_locator("iframe.tab-frame")
    await shop.get_by_role("link", name="Lavendel im Topf").first.click()
    await shop.get_by_role("button", name="In den Warenkorb").click()
    await shop.get_by_role("link", name="Zur Bestellseite").click()
    for name, value in {
        "name": "Aylin Demir", "email": "aylin@example.org", "street": "Lindenweg 4",
        "postcode": "10115", "town": "Berlin",
    }.items():  # fmt: skip
        await shop.locator(f"#field-{name}").fill(value)
    await shop.get_by_role("button", name="Zahlungspflichtig bestellen").click()
    await pay(fan)
    await expect(fan.get_by_text("Ihre Bestellung ist bezahlt")).to_be_visible(timeout=10 * SECOND)
    found = re.search(r"\d+", await fan.locator("h1").last.inner_text())
    assert found is not None
    return found.group()


async def pay(fan: Page) -> None:
    await fan.wait_for_url(re.compile("/pay/"))
    await fan.locator("button[name=fill]").first.click()
    await fan.locator("button.pay-now").click()
    await fan.wait_for_url(re.compile("/s/blumen/.*o/"))


async def the_price_goes_up(merchant: Page) -> None:
    """From 7.90 to 9.90."""
    await merchant.locator(".rail-nav a[href='/counter/products']").click()
    await merchant.get_by_role("link", name="Lavendel im Topf").first.click()
    await merchant.locator("form[action*='/variants/'] input[name=price]").first.fill("9,90")
    await merchant.locator(
        "form[action*='/variants/']:has(input[name=price]) button[type=submit]"
    ).first.click()
    await expect(merchant.locator("input[name=price]").first).to_have_value("9,90")


async def complain_in_public(fan: Page) -> None:
    await fan.goto(fan.url.split("/chat")[0] if "/chat" in fan.url else fan.url)
    await fan.locator("a[href='/facebook/blumen']").first.click()
    post = fan.locator("article.post", has_text="Pfingstrosen sind da")
    await post.locator("form.say textarea").last.fill(COMPLAINT)
    await post.locator("form.say button").last.click()
    await expect(post).to_contain_text(COMPLAINT)


async def correct_from_the_conversation(merchant: Page) -> None:
    await merchant.locator(".rail-nav a[href='/counter/inbox']").click()
    row = merchant.locator(".rows .row", has_text="Ich wollte zwei Töpfe")
    await row.locator("a").first.click(timeout=5 * SECOND)
    await merchant.locator(".order-card").get_by_role("link", name="Bestellung ändern").click()
    await expect(merchant.locator("body")).to_contain_text("heute 9,90")
    await merchant.locator("input[name^='quantity-']").fill("2")
    await merchant.get_by_role("button", name="Zeigen, was herauskommt").last.click()
    await expect(merchant.locator(".changes")).to_contain_text("zum vereinbarten Preis")
    await expect(merchant.locator(".notice.info")).to_contain_text("schuldet Ihnen 7,90")
    await merchant.get_by_role("button", name="So vereinbaren").click()
    await expect(merchant.locator(".notice.warning")).to_contain_text("wartet")


async def pay_the_difference(fan: Page, order_page: str) -> None:
    await fan.goto(order_page)
    await fan.get_by_role("button", name=re.compile("7,90.*bezahlen")).click()
    await pay(fan)
    await expect(fan.get_by_text("Wie vereinbart geändert")).to_be_visible(timeout=10 * SECOND)


async def answer_under_the_post(merchant: Page) -> None:
    await merchant.locator(".rail-nav a[href='/counter/inbox']").click()
    row = merchant.locator(".rows .row", has_text="Ich wollte zwei Töpfe")
    await row.locator("a").first.click()
    await merchant.locator("label.mode.public").click()
    await merchant.fill("#composer-text", ANSWER)
    await merchant.locator("form.composer button.send").click()
    await expect(merchant.locator(".thread")).to_contain_text(ANSWER)


async def everybody_sees_the_answer(fan: Page, demo: Demo) -> None:
    await fan.goto(f"{demo.plan.sandbox_url}/facebook/blumen")
    post = fan.locator("article.post", has_text="Pfingstrosen sind da")
    await expect(post).to_contain_text(ANSWER, timeout=10 * SECOND)


async def the_order_has_two_at_the_price_of_then(merchant: Page, number: str) -> None:
    await merchant.locator(".rail-nav a[href='/counter/orders']").click()
    await merchant.get_by_role("link", name=number).first.click()
    await expect(merchant.locator(".lines:not(.changes)").first).to_contain_text("15,80")
    await expect(merchant.locator(".lines:not(.changes)").first).to_contain_text("2 ×")


async def stripe_has_both_payments(fan: Page, demo: Demo) -> None:
    await fan.goto(f"{demo.plan.sandbox_url}/pay")
    amounts = fan.locator(".payments li")
    await expect(amounts.filter(has_text="7,90").first).to_be_visible()
    await expect(amounts.filter(has_text="13,80").first).to_be_visible()
