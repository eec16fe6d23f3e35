"""The shop as people see it: in Facebook's iframe without scripts, on phones, at night."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from PIL import Image
from playwright.async_api import Browser, expect

from core.money import Money
from core.pictures import keep_picture, read_picture
from promotions.deals import create_deal
from storefront.product_pictures import add_picture
from storefront.storefronts import edit_storefront
from storefront.variants import add_variant
from tests.browsers import complaints, needs_browser, open_browser
from tests.storefront.goods import ADDRESS, a_product
from tests.storefront.stall import Stall

pytestmark = needs_browser


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


def a_picture() -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (300, 300), "crimson").save(drawn, "PNG")
    return drawn.getvalue()


async def furnish(stall: Stall) -> None:
    """Goods in every state, a deal, delivery and pick-up."""
    now, shop = stall.clock(), stall.shop
    read = await read_picture(a_picture())
    async with stall.db.transaction() as session:
        cover = await keep_picture(session, shop.key, read)
        await edit_storefront(
            session, shop.key, cover_digest=cover.digest, welcome="Frisch vom Markt.",
            shipping_fee_minor=490, free_shipping_from_minor=6000, pickup_offered=True,
            delivery_countries=["DE", "AT"], delivery_text="In zwei Tagen bei Ihnen.",
        )  # fmt: skip
        roses, _ = await a_product(session, shop, now=now - timedelta(days=60),
                                   producer="Gärtnerei Grün", description="Rot.\n\n- frisch")  # fmt: skip
        await add_picture(session, roses, read, alt="Rote Rosen", now=now)
        await add_variant(session, shop, roses, price=Money(3490, "EUR"), name="Lang", pieces=2,
                          now=now)  # fmt: skip
        await a_product(session, shop, "Tulpen", pieces=2, now=now)
        await a_product(session, shop, "Nelken", pieces=0, now=now)
        await create_deal(session, shop.key, title="Rosentage", kind="percent", currency="EUR",
                          percent=20, product_ids=[roses.key], now=now - timedelta(days=1))  # fmt: skip


async def test_a_fan_buys_in_the_iframe_without_scripts_or_cookies(
    stall: Stall, browser: Browser
) -> None:
    """Facebook's page is another site, so its browser brings no cookie of ours along."""
    await furnish(stall)
    origin, port = str(stall.fan.make_url("")).rstrip("/"), unused_port()

    async def wall(request: web.Request) -> web.Response:
        frame = f'<iframe src="{origin}/s/blumen/~tab-de/" width="520" height="900"></iframe>'
        return web.Response(text=f"<!doctype html><title>Facebook</title>{frame}",
                            content_type="text/html")  # fmt: skip

    facebook = web.Application()
    facebook.router.add_get("/", wall)
    async with TestServer(facebook, host="localhost", port=port):
        context = await browser.new_context(java_script_enabled=False)
        page = await context.new_page()
        await page.goto(f"http://localhost:{port}/")
        shop = page.frame_locator("iframe")
        await shop.get_by_role("link", name="Rote Rosen").first.click()
        await shop.get_by_label("Anzahl").fill("2")
        await shop.get_by_role("button", name="In den Warenkorb").click()
        await expect(shop.get_by_role("heading", name="Warenkorb")).to_be_visible()
        await shop.get_by_role("link", name="Zur Bestellseite").click()
        for name in ("name", "email", "street", "postcode", "town"):
            await shop.locator(f"[name={name}]").fill(ADDRESS[name])
        await shop.get_by_role("button", name="Zahlungspflichtig bestellen").click()
        await page.wait_for_url(re.compile(re.escape(stall.till.url)))
        await context.close()
    order = await stall.last_order()
    assert (order.came_from, order.locale, order.total_minor) == ("tab", "de", 2 * 1992 + 490)


async def test_every_page_is_sound_on_phone_and_desktop_by_day_and_by_night(
    stall: Stall, browser: Browser
) -> None:
    await furnish(stall)
    base = (
        await stall.fan.send("/s/blumen/~shop-de/basket/add", variant=1, quantity=2)
    ).removesuffix("basket")
    other = (await stall.fan.send("/s/blumen/~tab-de/basket/add", variant=3)).removesuffix("basket")
    await stall.fan.send(f"{other}order/place", **(await stall.form(stall.fan, other)))
    order = await stall.last_order()
    paths = [
        "/s/blumen/~shop-de/", "/s/blumen/~tab-de/", "/s/blumen/~shop-de/p/rote-rosen",
        "/s/blumen/~shop-de/p/nelken", "/s/blumen/~shop-de/search?q=rosen",
        "/s/blumen/~shop-de/search?q=nichts", f"{base}basket", "/s/blumen/~tab-en/basket",
        f"{base}order", f"/s/blumen/~shop-de/o/{order.token}", "/s/blumen/~shop-de/legal/terms",
        "/s/blumen/~shop-de/legal/delivery", "/s/blumen/~shop-de/legal/withdrawal",
        "/s/blumen/~shop-de/withdraw", f"/s/blumen/~shop-de/o/{order.token}/correct",
        f"/s/blumen/~shop-de/o/{order.token}/withdraw",
    ]  # fmt: skip
    for width, scheme in ((390, "light"), (1280, "dark"), (520, "light")):
        context = await browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        page = await context.new_page()
        for path in paths:
            await page.goto(str(stall.fan.make_url(path)))
            # The iframe's width changes the layout only, and axe takes its time.
            found = [] if width == 520 else await complaints(page)
            assert found == [], f"{path} at {width} px, {scheme}"
            wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, f"{path} sticks out at {width} px"
        await context.close()


async def test_the_counters_pages_are_sound_too(stall: Stall, browser: Browser) -> None:
    await furnish(stall)
    base = (await stall.fan.send("/s/blumen/~tab-de/basket/add", variant=3)).removesuffix("basket")
    await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    await stall.fan.send("/s/blumen/withdraw/confirm", 200, name="Anna Blum", contract="1001",
                         email="anna@example.org")  # fmt: skip
    await stall.sign_in()
    [session] = [one for one in stall.fan.session.cookie_jar if one.key == "staff"]
    for width in (390, 1280):
        context = await browser.new_context(viewport={"width": width, "height": 900})
        await context.add_cookies(
            [{"name": "staff", "value": session.value, "url": str(stall.fan.make_url("/"))}]
        )
        page = await context.new_page()
        for path in ("orders", "orders/1", "orders/1/correct", "products", "products/1", "products/new", "settings",
                     "settings/shop", "settings/texts", "withdrawals", "withdrawals/1",
                     "withdrawals?show=closed", "orders/1/return"):  # fmt: skip
            await page.goto(str(stall.fan.make_url(f"/counter/{path}")))
            found = [] if width == 390 else await complaints(page)
            assert found == [], f"{path} at {width} px"
            wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, f"{path} sticks out at {width} px"
        await context.close()
