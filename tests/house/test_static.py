"""Styles, scripts and templates keep what they promise: small, and nothing a strict policy refuses."""

import re

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from core.pages import ROOT
from tests.house.kit.pages import build_kit

STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates"


async def test_the_first_view_of_the_tab_weighs_less_than_60_kb() -> None:
    """HTML, styles, scripts and icons, uncompressed and without pictures of goods."""
    async with TestServer(build_kit()) as kit, ClientSession() as client:
        page = await client.get(kit.make_url("/kit/tab"))
        html = await page.text()
        files = set(re.findall(r'"(/static/[^"#]+)', html))
        weights = [len(await (await client.get(kit.make_url(name))).read()) for name in files]
    assert {name.split("?")[0].rsplit("/", 1)[1] for name in files} == {
        "tresen.css", "tresen.js", "icons.svg", "mark.svg", "favicon.svg", "apple-touch-icon.png"
    }  # fmt: skip
    assert len(html.encode()) + sum(weights) < 60_000


def test_styles_and_scripts_stay_within_their_budgets() -> None:
    sizes = {path.name: path.stat().st_size for path in STATIC.glob("*.*")}
    assert sizes["tresen.css"] <= 16_000
    assert sizes["tresen.js"] <= 4_000
    assert sizes["counter.css"] <= 20_000


def test_templates_hold_no_inline_style_or_script() -> None:
    """The content security policy would refuse them without a word."""
    refused = re.compile(r'<[^<>{}]*\s(?:style|on\w+)="|javascript:')
    assert [
        str(path) for path in TEMPLATES.rglob("*.html") if refused.search(path.read_text())
    ] == []


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    pages = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    used = set(re.findall(r'(?:\bicon\(|\bicon(?:_name)?=|ui\.empty\()"([\w-]+)"', pages))
    assert used - drawn == set()
    assert "basket" in used


def test_colours_are_named_once() -> None:
    """Light and dark define the same names, or one of them would show a wrong colour."""
    css = (STATIC / "tresen.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)", 1)
    names = set(re.findall(r"(--[\w-]+): #", light))
    assert names == set(re.findall(r"(--[\w-]+): #", dark.split("\n} }", 1)[0]))
    for path in STATIC.glob("*.css"):
        later = path.read_text().split("\n} }", 1)[-1]
        assert re.findall(r"#(?!0000\b)[0-9a-f]{3,8}\b", later) == [], path
