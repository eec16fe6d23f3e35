"""The payment settings as a person meets them: nothing for axe-core to complain about."""

import os
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Page
from pydantic import SecretStr
from sqlmodel import delete

from core import static
from core.static import STATIC, read_static
from core.vault import VAULT, Vault
from payments import admin, admin_connecting, admin_health
from payments.accounts import keep_account
from payments.admin_health import WAY_TO
from payments.clients import STRIPES
from payments.models import StripeAccount
from payments.reconciling import catch_up
from staff.members import hire
from staff.passwords import Passwords
from tests.browsers import complaints, needs_browser, open_browser
from tests.payments.test_failed_refunds import a_failed_one
from tests.payments.till import KEY, PATH_TOKEN, SECRET, VAULT_KEY, Till
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
    app.add_routes(admin_health.routes)
    app[WAY_TO] = lambda reference: f"/counter/orders/{reference}"
    app.add_routes(static.routes)
    async with TestServer(app, port=port):
        yield f"http://127.0.0.1:{port}"


async def sign_in(page: Page, counter: str) -> None:
    await page.goto(f"{counter}/counter/sign-in")
    await page.fill("#field-email", "anna@blumen.example")
    await page.fill("#field-password", PASSWORD)
    async with page.expect_navigation():
        await page.click("main form button")


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
        await sign_in(page, counter)
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


async def test_the_health_of_the_payments_with_everything_that_can_be_wrong(
    till: Till, counter: str
) -> None:
    async with till.db.transaction() as session:
        await keep_account(
            session, Vault(VAULT_KEY), till.shop.key, key=SecretStr(KEY),
            webhook_secret=SecretStr(SECRET), path_token=PATH_TOKEN, now=till.clock(),
        )  # fmt: skip
    await a_failed_one(till, 1000)
    await till.buyer(await till.open_for("order-2"), "pay")
    await till.work()
    await till.buyer(till.at_stripe()[1]["id"], "dispute")
    await till.work()
    await till.run(catch_up)
    async with open_browser() as browser:
        for scheme in ("light", "dark"):
            page = await browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
            await sign_in(page, counter)
            await page.goto(f"{counter}/counter/health/payments")
            assert "Jetzt nicht erstatten" in await page.inner_text("main")
            assert await look(page, f"health-{scheme}") == []
        await page.get_by_text("Anders bezahlt").click()
        assert await look(page, "health-asked") == []
        async with page.expect_navigation():
            await page.get_by_role("button", name="Ja, ich habe gezahlt").click()
        assert "Vermerkt: Sie haben selbst zurückgezahlt." in await page.inner_text("body")


async def test_connecting_through_the_platform(till: Till, counter: str) -> None:
    async with open_browser() as browser:
        page = await browser.new_page(color_scheme="dark")
        await sign_in(page, counter)
        await page.goto(f"{counter}/counter/settings/payments")
        async with page.expect_navigation():
            await page.get_by_role("button", name="Über die Plattform verbinden").click()
        assert await look(page, "unfinished") == []
        async with page.expect_navigation():
            await page.get_by_role("link", name="Stripe von Ihrem Geschäft erzählen").click()
        assert page.url.startswith(f"{till.url}/connect/setup/")
        assert await look(page, "at-stripe") == []
        async with page.expect_navigation(url=f"{counter}/counter/settings/payments"):
            await page.locator("form button").first.click()
        assert "Bereit für eine Testzahlung." in await page.inner_text("main")
        assert await look(page, "joined") == []
        await page.goto(f"{till.url}/connect/accounts")
        assert await look(page, "accounts") == []
