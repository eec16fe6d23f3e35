"""The whole story, played in a browser through the faces: nothing reaches past them."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from app.demo.run import Demo
from tests.browsers import needs_browser, open_browser

pytestmark = needs_browser

SECOND = 1_000


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def come_in(browser: Browser, demo: Demo) -> Page:
    """Somebody with a browser of their own, who speaks German and stands before the doors."""
    context = await browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10 * SECOND)
    page = await context.new_page()
    await page.goto(demo.plan.sandbox_url)
    return page


async def test_a_deal_a_question_an_order_a_receipt_and_a_refund(
    browser: Browser, demo: Demo
) -> None:
    merchant, fan = await come_in(browser, demo), await come_in(browser, demo)
    await go_behind_the_counter(merchant)
    await post_a_deal(merchant)
    await become(fan, "Aylin Demir")
    await ask_under_the_deal(fan, merchant)
    await answer_publicly(merchant)
    await expect(fan.get_by_text("Ja, auch auf Topfpflanzen!")).to_be_visible(timeout=5 * SECOND)
    number = await buy_in_the_tab(fan)
    await receipt_in_messenger(fan, number)
    await order_at_the_counter(merchant, number)
    await ask_for_the_order_in_german(fan, number)
    await refund(merchant)
    await refund_reaches_the_customer(fan, demo)


async def go_behind_the_counter(page: Page) -> None:
    await page.locator("a[href$='/doors/counter']").click()
    await page.locator("form button[type=submit]").click()
    await expect(page.locator(".rail-nav")).to_be_visible()


async def post_a_deal(page: Page) -> None:
    await page.locator(".rail-nav a[href='/counter/deals']").click()
    await page.locator("a[href='/counter/deals/new']").first.click()
    await page.fill("#field-title", "15 % auf alles, nur heute")
    await page.fill("#field-text", "Weil der Markt heute so schön war.")
    await page.fill("#field-percent", "15")
    await page.fill("#field-code", "MARKT15")
    await page.get_by_role("button", name="Aktion speichern").click()
    await page.get_by_role("link", name="Auf der Seite posten").click()
    await expect(page.locator("#field-text")).to_have_value(re.compile("MARKT15"))
    await page.get_by_role("button", name="Jetzt posten").click()
    await expect(page.locator(".badge", has_text="Auf der Seite")).to_be_visible(timeout=5 * SECOND)


async def become(page: Page, name: str) -> None:
    await page.locator("a[href^='/who']").first.click()
    await page.locator("button.person", has_text=name).click()
    await page.locator("a[href='/facebook/blumen']").first.click()


def the_post(fan: Page):  # type: ignore[no-untyped-def]
    return fan.locator("article.post", has_text="MARKT15")


async def ask_under_the_deal(fan: Page, merchant: Page) -> None:
    """It is at the counter within a second of being written, without anybody reloading."""
    await merchant.locator(".rail-nav a[href='/counter/inbox']").click()
    await expect(merchant.locator(".rows").first).to_be_visible()
    box = the_post(fan).locator("form.say textarea").last
    await box.fill("Gilt das auch für Pflanzen?")
    await the_post(fan).locator("form.say button").last.click()
    row = merchant.locator(".rows .row", has_text="Gilt das auch für Pflanzen?")
    await expect(row).to_be_visible(timeout=2 * SECOND)
    await row.locator("a").click()


async def answer_publicly(page: Page) -> None:
    await expect(page.locator(".thread")).to_contain_text("Gilt das auch für Pflanzen?")
    await page.locator("label.mode.public").click()
    await page.fill("#composer-text", "Ja, auch auf Topfpflanzen!")
    await page.locator("form.composer button.send").click()
    await expect(page.locator(".thread")).to_contain_text("Ja, auch auf Topfpflanzen!")


async def buy_in_the_tab(fan: Page) -> str:
    """In the frame on the page, with the code, paid by card; the order's number."""
    await fan.locator("a[href='/facebook/blumen/shop']").first.click()
    shop = fan.frame_locator("iframe.tab-frame")
    await shop.get_by_role("link", name="Lavendel im Topf").first.click()
    await shop.get_by_role("button", name="In den Warenkorb").click()
    await shop.locator("#field-code").fill("markt 15")
    await shop.locator("form[action$='basket/code'] button").click()
    await expect(shop.locator(".totals")).to_contain_text("1,1")
    await shop.get_by_role("link", name="Zur Bestellseite").click()
    for name, value in {
        "name": "Aylin Demir", "email": "aylin@example.org", "street": "Lindenweg 4",
        "postcode": "10115", "town": "Berlin",
    }.items():  # fmt: skip
        await shop.locator(f"#field-{name}").fill(value)
    await shop.get_by_role("button", name="Zahlungspflichtig bestellen").click()
    await fan.wait_for_url(re.compile("/pay/"))
    await fan.locator("button[name=fill]").first.click()
    await fan.locator("button.pay-now").click()
    await fan.wait_for_url(re.compile("/s/blumen/.*o/"))
    await expect(fan.get_by_text("Ihre Bestellung ist bezahlt")).to_be_visible(timeout=10 * SECOND)
    found = re.search(r"\d+", await fan.locator("h1").last.inner_text())
    assert found is not None
    return found.group()


async def receipt_in_messenger(fan: Page, number: str) -> None:
    """Over the link on the order's page the chat learns whose order it is."""
    async with fan.context.expect_page() as opening:
        await fan.get_by_role("link", name="Beleg und Neuigkeiten im Messenger").click()
    chat = await opening.value
    start = chat.locator("button[name=verb][value=start]")
    if await start.count():
        await start.click()
    await expect(chat.locator(".receipt")).to_contain_text(number, timeout=5 * SECOND)
    await fan.goto(chat.url)
    await chat.close()


async def order_at_the_counter(merchant: Page, number: str) -> None:
    await merchant.locator(".rail-nav a[href='/counter/orders']").click()
    await merchant.get_by_role("link", name=number).first.click()
    await expect(merchant.locator(".facts", has_text="Aylin Demir")).to_be_visible()
    await expect(merchant.locator(".totals")).to_contain_text("MARKT15")


async def ask_for_the_order_in_german(fan: Page, number: str) -> None:
    await fan.locator("textarea[name=text], input[name=text]").last.fill("Wo ist meine Bestellung?")
    await fan.keyboard.press("Enter")
    answer = fan.locator(".message.theirs", has_text=f"Bestellung {number}").last
    await expect(answer).to_contain_text("Bezahlt", timeout=5 * SECOND)


async def refund(merchant: Page) -> None:
    await merchant.get_by_text("Zurücknehmen und erstatten").click()
    await merchant.locator("details.confirm", has_text="erstatten").locator("summary").click()
    await merchant.locator("form[action$='/refund'] button[type=submit]").click()
    await expect(merchant.locator(".badge", has_text="Erstattet").first).to_be_visible(
        timeout=15 * SECOND
    )


async def refund_reaches_the_customer(fan: Page, demo: Demo) -> None:
    told = fan.locator(".message.theirs", has_text="zurückgezahlt")
    await expect(told).to_be_visible(timeout=10 * SECOND)
    await fan.goto(f"{demo.plan.sandbox_url}/mail")
    await expect(fan.get_by_text("aylin@example.org").first).to_be_visible()
    await fan.goto(f"{demo.plan.sandbox_url}/pay")
    payment = fan.locator(".payments li", has_text="12,61")
    await expect(payment).to_contain_text("erstattet", timeout=5 * SECOND)
