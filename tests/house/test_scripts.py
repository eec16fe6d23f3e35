"""What the scripts promise, tried in a browser on the kit's pages."""

import asyncio
import json
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from tests.browsers import needs_browser, open_browser
from tests.house.kit.pages import build_kit

# One browser for the whole file: starting it costs more than most of these tests.
pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]

ROW = '<li class="row" data-key="{key}"><a href="#{key}" data-item>{text}</a></li>'


class Backstage:
    """What stands behind the kit's pages in these tests: a list, a feed, a place for answers."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {"1": "Jana", "2": "Tobias"}
        self.changes: list[tuple[str, dict[str, int]]] = []
        self.posted: list[dict[str, str]] = []
        self.status = 204
        self.message = ""
        self.asked_after: list[str] = []
        self.changed = asyncio.Event()

    def happen(self, topic: str, **data: int) -> None:
        self.changes.append((topic, data))
        self.changed.set()

    async def events(self, request: web.Request) -> web.StreamResponse:
        after = request.query.get("after", "0")
        self.asked_after.append(after)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"retry: 50\n\n")
        at = int(after)
        while request.transport is not None:
            for number, (topic, data) in enumerate(self.changes[at:], at + 1):
                text = f"id: {number}\nevent: {topic}\ndata: {json.dumps(data)}\n\n"
                await answer.write(text.encode())
            at = len(self.changes)
            self.changed.clear()
            await self.changed.wait()
            if self.changes and self.changes[-1][0] == "hang up":
                self.changes.pop()
                break
        return answer

    async def list_rows(self, request: web.Request) -> web.Response:
        rows = "".join(ROW.format(key=key, text=text) for key, text in self.rows.items())
        return web.Response(text=rows, content_type="text/html")

    async def take(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.posted.append({name: str(value) for name, value in form.items() if name != "picture"})
        if self.status >= 400:
            return web.json_response({"message": self.message}, status=self.status)
        return web.Response(status=self.status)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as chromium:
        yield chromium


@pytest_asyncio.fixture(loop_scope="module")
async def stage(browser: Browser) -> AsyncIterator[SimpleNamespace]:
    """A browser page, the kit's address, and what stands behind it."""
    back = Backstage()
    app = build_kit()
    app.router.add_get("/events", back.events)
    app.router.add_get("/rows", back.list_rows)
    app.router.add_post("/{anywhere:.*}", back.take)
    async with TestServer(app) as server:
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        page = await context.new_page()
        yield SimpleNamespace(page=page, back=back, url=lambda path: str(server.make_url(path)))
        back.happen("hang up")
        await context.close()


async def open_live(stage: SimpleNamespace, after: str = "0") -> Page:
    """The kit's inbox, with its list following the feed."""
    page: Page = stage.page

    async def rewrite(route: object, request: object) -> None:
        answer = await route.fetch()  # type: ignore[attr-defined]
        text = (await answer.text()).replace(
            '<ul class="rows" data-list>',
            '<ul class="rows" data-list data-fragment="/rows" data-on="inbox order:7">',
        )
        text = text.replace('data-events="/counter/events" data-last=""', f'data-events="/events" data-last="{after}"')  # fmt: skip
        await route.fulfill(response=answer, body=text)  # type: ignore[attr-defined]

    await page.route("**/counter/inbox*", rewrite)
    await page.goto(stage.url("/counter/inbox?lang=en"))
    await expect(page.locator("[data-live]")).to_have_attribute("data-live", "on")
    return page


async def test_a_change_refetches_what_it_concerns(stage: SimpleNamespace) -> None:
    page = await open_live(stage)
    stage.back.rows = {"3": "Aylin", **stage.back.rows}
    stage.back.happen("inbox", id=3)
    await expect(page.locator("[data-list] [data-item]")).to_have_text(["Aylin", "Jana", "Tobias"])


async def test_a_change_elsewhere_refetches_nothing(stage: SimpleNamespace) -> None:
    page = await open_live(stage)
    stage.back.rows = {"9": "Nobody"}
    stage.back.happen("order", id=8)
    await page.wait_for_timeout(200)
    await expect(page.locator("[data-list]")).not_to_contain_text("Nobody")
    stage.back.happen("order", id=7)
    await expect(page.locator("[data-list]")).to_contain_text("Nobody")


async def test_a_cut_line_is_taken_up_where_it_broke(stage: SimpleNamespace) -> None:
    page = await open_live(stage)
    stage.back.happen("inbox", id=1)
    await expect(page.locator("[data-list] [data-item]")).to_have_count(2)
    stage.back.happen("hang up")
    await expect(page.locator("[data-live]")).to_have_attribute("data-live", "off")
    stage.back.rows = {"4": "Peter"}
    stage.back.happen("inbox", id=4)
    await expect(page.locator("[data-list]")).to_contain_text("Peter")
    assert stage.back.asked_after == ["0", "1"]


async def test_the_focus_stays_where_it_was_when_a_list_is_refetched(
    stage: SimpleNamespace,
) -> None:
    page = await open_live(stage)
    stage.back.happen("inbox", id=1)
    await page.locator("[data-key='2'] a").focus()
    stage.back.rows = {"3": "Aylin", "1": "Jana", "2": "Tobias, again"}
    stage.back.happen("inbox", id=3)
    await expect(page.locator("[data-key='2'] a")).to_have_text("Tobias, again")
    await expect(page.locator("[data-key='2'] a")).to_be_focused()
    await expect(page.locator("[data-key='3']")).to_have_class("row is-new")


async def test_an_answer_shows_at_once_and_leaves_no_draft(stage: SimpleNamespace) -> None:
    page: Page = stage.page
    await page.goto(stage.url("/counter/inbox?lang=en"))
    await page.fill("#composer-text", "With pleasure!")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-thread] .bubble").last).to_contain_text("With pleasure!")
    await expect(page.locator("#composer-text")).to_have_value("")
    await expect(page.locator("form[aria-busy]")).to_have_count(0)
    assert stage.back.posted == [{"seen": "57", "mode": "public", "text": "With pleasure!"}]
    await page.reload()
    await expect(page.locator("#composer-text")).to_have_value("")


async def test_a_refused_answer_says_why_and_keeps_the_text(stage: SimpleNamespace) -> None:
    stage.back.status, stage.back.message = 409, "Mira has answered meanwhile."
    page: Page = stage.page
    await page.goto(stage.url("/counter/inbox?lang=en"))
    before = await page.locator("[data-thread] .bubble").count()
    await page.fill("#composer-text", "On its way")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.locator("[data-composer-notice]")).to_have_text("Mira has answered meanwhile.")  # fmt: skip
    await expect(page.locator("#composer-text")).to_have_value("On its way")
    await expect(page.locator("[data-thread] .bubble")).to_have_count(before)
    await page.reload()
    await expect(page.locator("#composer-text")).to_have_value("On its way")


async def test_keys_walk_the_list_and_can_be_switched_off(stage: SimpleNamespace) -> None:
    page: Page = stage.page
    await page.goto(stage.url("/counter/inbox?lang=en"))
    await page.keyboard.press("j")
    await expect(page.locator("[data-item]").nth(2)).to_be_focused()
    await page.keyboard.press("k")
    await expect(page.locator("[data-item]").nth(1)).to_be_focused()
    await page.keyboard.press("n")
    await expect(page.locator("#composer-text")).to_be_focused()
    await expect(page.locator("[name=mode][value=note]")).to_be_checked()
    await page.keyboard.type("jk?")
    await expect(page.locator("#composer-text")).to_have_value("jk?")
    await page.locator("h1").click()
    await page.keyboard.press("?")
    await page.uncheck("[data-shortcuts-on]")
    await page.keyboard.press("Escape")
    await page.locator("[data-item]").first.focus()
    await page.keyboard.press("j")
    await expect(page.locator("[data-item]").first).to_be_focused()


async def test_a_choice_shows_its_price_and_its_stock(stage: SimpleNamespace) -> None:
    page: Page = stage.page
    await page.goto(stage.url("/kit/product?lang=de"))
    await expect(page.locator("[data-show=was]")).to_be_visible()
    await page.get_by_label("Lang", exact=False).nth(0).check()
    await expect(page.locator("[data-show=price]")).to_have_text("44,90 €")
    await expect(page.locator("[data-show=was]")).to_be_hidden()
    await expect(page.locator(".stock")).to_have_class("stock few")
    await expect(page.locator("[data-show=stock]")).to_have_text("Nur noch 3 da")


async def test_the_stepper_stays_between_its_ends(stage: SimpleNamespace) -> None:
    page: Page = stage.page
    await page.goto(stage.url("/kit/product?lang=de"))
    number = page.locator("#field-quantity")
    await page.get_by_label("Eins weniger").click()
    await expect(number).to_have_value("1")
    for _ in range(13):
        await page.get_by_label("Eins mehr").click()
    await expect(number).to_have_value("12")


async def test_a_second_tap_does_not_order_twice(stage: SimpleNamespace) -> None:
    page: Page = stage.page
    await page.goto(stage.url("/kit/order?lang=de"))
    await page.fill("#field-email", "jana@example.org")
    await page.check("#field-terms")
    await page.evaluate(
        "() => { const form = document.querySelector('form[method=post]');"
        " form.requestSubmit(); form.requestSubmit(); }"
    )
    await page.wait_for_timeout(300)
    assert len(stage.back.posted) == 1


async def test_the_basket_count_arrives_after_the_page(stage: SimpleNamespace) -> None:
    page: Page = stage.page
    await page.goto(stage.url("/kit/window?lang=de"))
    await expect(page.locator(".basket-count")).to_have_text("3")


async def test_a_question_stands_before_what_cannot_be_undone(stage: SimpleNamespace) -> None:
    page: Page = stage.page
    await page.goto(stage.url("/counter/form?lang=de"))
    await page.locator("details.confirm summary").click()
    await expect(page.get_by_role("button", name="Ja, löschen")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Ja, löschen")).to_be_hidden()
    assert stage.back.posted == []


async def test_without_scripts_everything_can_still_be_done(
    stage: SimpleNamespace, browser: Browser
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(stage.url("/kit/product?lang=de"))
    await expect(page.get_by_label("Eins mehr")).to_be_hidden()
    await page.fill("#field-quantity", "3")
    await page.get_by_role("button", name="In den Warenkorb").click()
    await page.goto(stage.url("/counter/form?lang=de"))
    await page.locator("details.confirm summary").click()
    await page.get_by_role("button", name="Ja, löschen").click()
    await page.goto(stage.url("/counter/inbox?lang=de"))
    await page.fill("#composer-text", "Gern!")
    await page.get_by_role("button", name="Senden").click()
    await page.wait_for_timeout(100)
    await context.close()
    assert stage.back.posted == [
        {"variant": "1", "quantity": "3"},
        {},
        {"seen": "57", "mode": "public", "text": "Gern!"},
    ]
