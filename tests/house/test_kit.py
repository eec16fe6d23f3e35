"""The kit is looked at by machine: nothing axe-core minds, nothing wider than the screen."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, ConsoleMessage

from tests.browsers import complaints, needs_browser, open_browser
from tests.house.kit.pages import COUNTER_PAGES, SHOP_PAGES, build_kit

pytestmark = needs_browser

PAGES = [*(f"kit/{name}" for name in [*SHOP_PAGES, "error"]), *(f"counter/{name}" for name in COUNTER_PAGES)]  # fmt: skip
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}


@pytest.fixture
async def kit() -> AsyncIterator[TestServer]:
    async with TestServer(build_kit()) as server:
        yield server


async def look(browser: Browser, address: str, size: dict[str, int], scheme: str) -> list[str]:
    """Everything wrong with a page at this size: axe's complaints, overflow, console errors."""
    context = await browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "404" not in message.text:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    await page.goto(address)
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the screen")
    found += await complaints(page)
    await context.close()
    return [f"{address} {size['width']} {scheme}: {what}" for what in found]


@pytest.mark.parametrize(
    ("lang", "size", "scheme"),
    [("de", PHONE, "light"), ("en", DESK, "dark")],
    ids=["phone-light-de", "desk-dark-en"],
)
async def test_every_page_of_the_kit_is_free_of_complaints(
    kit: TestServer, lang: str, size: dict[str, int], scheme: str
) -> None:
    async with open_browser() as browser:
        addresses = [str(kit.make_url(f"/{page}?lang={lang}&flash=1")) for page in PAGES]
        found = await asyncio.gather(
            *(look(browser, address, size, scheme) for address in addresses)
        )
    assert [what for page in found for what in page] == []


@pytest.mark.parametrize("width", [520, 810])
async def test_the_tab_fits_the_frames_facebook_gives_it(kit: TestServer, width: int) -> None:
    async with open_browser() as browser:
        page = await browser.new_page(viewport={"width": width, "height": 800})
        await page.goto(str(kit.make_url("/kit/tab")))
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        columns = await page.evaluate(
            "getComputedStyle(document.querySelector('.products')).gridTemplateColumns.split(' ').length"
        )
    assert columns == {520: 2, 810: 3}[width]


@pytest.mark.parametrize("path", ["kit/form", "counter/inbox"])
async def test_a_question_before_a_step_fits_on_a_phone(kit: TestServer, path: str) -> None:
    async with open_browser() as browser:
        page = await browser.new_page(viewport={"width": 320, "height": 700})
        await page.goto(str(kit.make_url(f"/{path}")))
        await page.locator("details.confirm > summary").evaluate_all("all => all.at(-1).click()")
        card = page.locator("details.confirm[open] .confirm-card")
        box = await card.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_fields_side_by_side_stand_on_one_line(kit: TestServer) -> None:
    """Whether or not the one beside has a hint or an error."""
    async with open_browser() as browser:
        page = await browser.new_page(viewport=DESK)  # type: ignore[arg-type]
        await page.goto(str(kit.make_url("/kit/form")))
        tops = await page.evaluate(
            "[...document.querySelectorAll('.field-row')].map(row => [...row.querySelectorAll("
            "'input, select')].map(one => Math.round(one.getBoundingClientRect().top)))"
        )
    assert tops
    assert [len(set(row)) for row in tops] == [1] * len(tops)
