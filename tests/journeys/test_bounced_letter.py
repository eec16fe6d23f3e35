"""A letter comes back in the mail box; the counter says so, the address is mended, it goes again."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from app.demo.run import Demo
from tests.browsers import complaints, needs_browser, open_browser

pytestmark = needs_browser


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def test_an_address_that_does_not_exist_is_put_right(browser: Browser, demo: Demo) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    await send_back(page, demo.plan.sandbox_url, "lena@kunden.example")
    await page.goto(f"{demo.plan.sandbox_url}/doors/counter")
    await page.locator("form button[type=submit]").click()
    await expect(page.locator(".rail-nav")).to_be_visible()
    await page.goto(f"{demo.plan.product_url}/counter/orders")
    await page.get_by_role("row").filter(has_text="Lena Hoffmann").get_by_role("link").first.click()
    main = page.get_by_role("main")
    told = main.get_by_text("Eine E-Mail an den Kunden ist nicht angekommen.")
    await expect(told).to_be_visible(timeout=10_000)
    await expect(main.get_by_text("Diese Adresse gibt es nicht.").first).to_be_visible()
    assert await complaints(page) == []
    await main.get_by_role("link", name="Etwas berichtigen").click()
    await page.get_by_label("E-Mail").fill("lena.hoffmann@kunden.example")
    await page.get_by_role("button", name="Speichern").click()
    await main.get_by_role(
        "button", name="Noch einmal senden an lena.hoffmann@kunden.example"
    ).first.click()
    await expect(
        page.get_by_text("Noch einmal gesendet, an lena.hoffmann@kunden.example.")
    ).to_be_visible()
    await page.goto(f"{demo.plan.sandbox_url}/mail")
    again = page.get_by_role("link").filter(has_text="lena.hoffmann@kunden.example")
    await expect(again.filter(has_text="bezahlt")).to_have_count(1, timeout=10_000)


async def send_back(page: Page, sandbox: str, address: str) -> None:
    await page.goto(f"{sandbox}/mail")
    letter = page.get_by_role("link").filter(has_text=address).filter(has_text="bezahlt")
    await letter.first.click()
    await page.get_by_role("button", name="Send it back: this address does not exist").click()
    await expect(page.get_by_text("Undelivered Mail Returned to Sender").first).to_be_visible()
