"""The payment settings as a person meets them: nothing for axe-core to complain about."""

import os
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Page
from sqlmodel import delete

from core import static
from core.static import STATIC, read_static
from core.vault import VAULT, Vault
from payments import admin, admin_connecting
from payments.clients import STRIPES
from payments.models import StripeAccount
from staff.members import hire
from staff.passwords import Passwords
from tests.browsers import complaints, needs_browser, open_browser
from tests.payments.till import KEY, VAULT_KEY, Till
from tests.staff.conftest import PASSWORD, QUICK, counter_app

pytestmark = needs_browser


@pytest.fixture
async def counter(till: Till) -> AsyncIterator[str]:
    port, passwords = unused_port(), Passwords(QUICK)
    async with till.db.transaction() as session:
        await session.exec(delete(StripeAccount))
        await hire(
            session, till.shop.key, "Anna Beet", "anna@blumen.example", "owner",
            password=PASSWORD, passwords=passwords, locale="de", now=till.clock(),
        )  # fmt: skip
    app = counter_app(till.db, till.clock, passwords, origin=f"http://127.0.0.1:{port}")
    app[VAULT], app[STRIPES], app[STATIC] = Vault(VAULT_KEY), till.stripes, read_static()
    app.add_routes(admin.routes)
    app.add_routes(admin_connecting.routes)
    app.add_routes(static.routes)
    async with TestServer(app, port=port):
        yield f"http://127.0.0.1:{port}"


async def look(page: Page, name: str) -> list[str]:
    """With LOOK_AT set to a folder, pictures are left there."""
    if folder := os.environ.get("LOOK_AT"):
        for width in (1100, 390):
            await page.set_viewport_size({"width": width, "height": 850})
            await page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    return await complaints(page)


async def test_connecting_stripe_from_nothing_to_the_webhook(counter: str) -> None:
    async with open_browser() as browser:
        page = await browser.new_page()
        await page.goto(f"{counter}/counter/sign-in")
        await page.fill("#field-email", "anna@blumen.example")
        await page.fill("#field-password", PASSWORD)
        async with page.expect_navigation():
            await page.click("main form button")
        await page.goto(f"{counter}/counter/settings/payments")
        assert await look(page, "empty") == []
        await page.fill("#field-key", "pk_test_flowers0000000001")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Prüfen und speichern").click()
        assert "veröffentlichbare Schlüssel" in await page.inner_text("main")
        assert await look(page, "refused") == []
        await page.fill("#field-key", KEY)
        async with page.expect_navigation():
            await page.get_by_role("button", name="Prüfen und speichern").click()
        await page.get_by_text("Von Hand einrichten").click()
        assert "Testmodus" in await page.inner_text("main")
        assert await look(page, "connected") == []
