"""The inbox in a real browser: live, truthful, usable by keyboard and without scripts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from app.demo import settings as made_up
from sandbox import walls
from staff.members import hire
from tests.browsers import complaints, needs_browser, open_browser
from tests.opened import House, open_house, sign_in

pytestmark = [*needs_browser, pytest.mark.sqlite_only]
PAGE = made_up.PAGE.page_id


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@asynccontextmanager
async def desk(
    house: House, browser: Browser, email: str = "mia@example.org", **look: Any
) -> AsyncIterator[Page]:
    """A page of somebody signed in; whatever its console complains of fails the test."""
    house.http.cookie_jar.clear()
    await sign_in(house, email)
    cookies: Any = [
        {"name": one.key, "value": one.value, "url": house.plan.product_url}
        for one in house.http.cookie_jar
    ]
    context: BrowserContext = await browser.new_context(locale="de-DE", **look)
    await context.add_cookies(cookies)
    page, complained = await context.new_page(), []
    page.on("pageerror", lambda error: complained.append(str(error)))
    page.on("console", lambda said: complained.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(5000)
    yield page
    await context.close()
    assert [one for one in complained if "409" not in one] == []


async def test_a_comment_appears_at_once_is_answered_and_the_answer_stands_on_the_wall(
    house: House, browser: Browser
) -> None:
    async with desk(house, browser) as page:
        await page.goto(house.at("/counter/inbox"))
        await expect(page.get_by_text("Alles erledigt")).to_be_visible()
        await expect(page.locator("[data-live=on]")).to_be_attached()
        anna = house.world.meet("Anna Weber")
        post = house.world.post(PAGE, "Neue Sträuße!")
        house.world.comment(post, anna, "Was kostet der große?")
        await expect(page.get_by_text("Was kostet der große?")).to_be_visible(timeout=2000)
        await page.get_by_role("link", name="Anna Weber").click()
        await expect(page.get_by_text("Neue Sträuße!")).to_be_visible()
        await page.get_by_label("Antwort", exact=True).fill("24 Euro.")
        await page.get_by_role("button", name="Senden").click()
        answer = page.locator(".bubble.out.public")
        await expect(answer).to_contain_text("24 Euro.")
        await expect(answer.get_by_role("img", name="gesendet")).to_be_visible()
        assert [one.message for one in post.comments] == ["Was kostet der große?", "24 Euro."]
        assert await complaints(page) == []


async def test_two_colleagues_do_not_answer_past_each_other(house: House, browser: Browser) -> None:
    async with house.db.transaction() as session:
        await hire(session, house.shop.key, "Ben", "ben@example.org", "agent", now=house.now())
    house.world.write(house.world.meet("Anna Weber"), PAGE, "Ich möchte mit einem Menschen reden")
    await asyncio.sleep(1)
    async with desk(house, browser) as mia, desk(house, browser, "ben@example.org") as ben:
        for page in (mia, ben):
            await page.goto(house.at("/counter/inbox"))
            await page.locator("[data-item]").first.click()
        # Ben's connection is gone, so his page does not follow.
        await ben.evaluate("window.dispatchEvent(new Event('pagehide'))")
        await mia.get_by_label("Antwort", exact=True).fill("Ich bin da.")
        await mia.get_by_role("button", name="Senden").click()
        await expect(mia.locator(".bubble.out")).to_contain_text("Ich bin da.")
        await ben.get_by_label("Antwort", exact=True).fill("Ich auch.")
        await ben.get_by_role("button", name="Senden").click()
        await expect(ben.locator("[data-composer-notice]")).to_contain_text("Seit Sie diese Seite")
        await expect(ben.get_by_label("Antwort", exact=True)).to_have_value("Ich auch.")
        await expect(ben.get_by_text("Ich bin da.").first).to_be_visible()
        await ben.get_by_role("button", name="Senden").click()
        await expect(ben.locator(".bubble.out").last).to_contain_text("Ich auch.")


async def test_a_draft_survives_a_reload_and_keys_lead_around(
    house: House, browser: Browser
) -> None:
    house.world.write(house.world.meet("Anna Weber"), PAGE, "Hallo")
    await asyncio.sleep(1)
    async with desk(house, browser) as page:
        await page.goto(house.at("/counter/inbox"))
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/counter/inbox/1*")
        await page.keyboard.press("n")
        await page.keyboard.type("Stammkundin, bitte nett sein")
        await page.reload()
        box = page.get_by_label("Antwort", exact=True)
        await expect(box).to_have_value("Stammkundin, bitte nett sein")
        # It was to be a note, and still is: as an answer it would go out to the customer.
        await expect(page.get_by_label("Notiz")).to_be_checked()
        await box.press("Control+Enter")
        await expect(page.locator(".bubble.note")).to_contain_text("Stammkundin")
        await expect(box).to_have_value("")
        await page.locator("main").click(position={"x": 5, "y": 300})
        await page.keyboard.press("e")
        await expect(page.get_by_text("Geschlossen.")).to_be_visible()
        await page.get_by_role("button", name="Rückgängig").click()
        await expect(page.get_by_role("button", name="Schließen").first).to_be_visible()


async def test_everything_works_without_scripts(house: House, browser: Browser) -> None:
    post = house.world.post(PAGE, "Neue Sträuße!")
    house.world.comment(post, house.world.meet("Anna Weber"), "Was kostet das?")
    await asyncio.sleep(1)
    async with desk(house, browser, java_script_enabled=False) as page:
        await page.goto(house.at("/counter/inbox"))
        await page.get_by_role("link", name="Anna Weber").click()
        await page.get_by_label("Antwort", exact=True).fill("19 Euro.")
        await page.get_by_role("button", name="Senden").click()
        await asyncio.sleep(1)
        await page.reload()
        await expect(page.locator(".bubble.out.public")).to_contain_text("19 Euro.")
        await page.get_by_role("button", name="Schließen").click()
        await expect(page.get_by_text("Geschlossen. Eine neue Nachricht")).to_be_visible()
        assert [one.message for one in post.comments] == ["Was kostet das?", "19 Euro."]


PLACES = ("/counter/", "/counter/inbox", "/counter/inbox/1", "/counter/inbox/2", "/counter/health",
          "/counter/settings/team", "/counter/profile")  # fmt: skip


@pytest.mark.parametrize(
    ("width", "scheme", "places"), [(1280, "light", PLACES), (390, "dark", PLACES[:4])]
)
async def test_the_pages_are_clean_for_everybody(
    house: House, browser: Browser, width: int, scheme: Any, places: tuple[str, ...]
) -> None:
    anna = house.world.meet("Anna Weber")
    post = house.world.post(PAGE, "Neue Sträuße!")
    comment = house.world.comment(post, anna, "Was kostet das?")
    house.world.write(anna, PAGE, "Hallo")
    walls.edit_comment(house.world, comment, "Was kostet das alles?")
    await asyncio.sleep(1.5)
    look = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    async with desk(house, browser, **look) as page:
        for path in places:
            await page.goto(house.at(path))
            assert await complaints(page) == [], path
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (path, wide)
