"""A real browser for the sandbox's pages, and what every page must keep to."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, async_playwright

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@asynccontextmanager
async def chromium() -> AsyncIterator[Any]:
    """A browser, or a skipped test that says why."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser
        await browser.close()


async def nothing_wrong(page: Page) -> None:
    """Axe has no complaint (WCAG 2.2 AA), and nothing sticks out to the side."""
    found = await Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()
    assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
