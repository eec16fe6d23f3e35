"""Public pages: rendered once, compressed, never stale, small, and the same without scripts."""

import asyncio
import gzip
import re
from datetime import timedelta

from sqlalchemy import event

from core.money import Money
from core.pages import ROOT
from core.shops import open_shop
from promotions.deals import create_deal, end_deal
from storefront.products import set_state
from storefront.stocktaking import adjust
from storefront.storefronts import edit_storefront, find_storefront
from storefront.variants import add_variant, retire_variant, variants_by_product
from tests.conftest import WatchedDatabase
from tests.storefront.goods import a_product
from tests.storefront.stall import Stall


async def test_the_first_view_is_small(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        for number in range(30):
            await a_product(session, stall.shop, f"Strauß Nummer {number}", now=stall.clock(),
                            description="Rosen, Tulpen und Nelken vom Feld. " * 10)  # fmt: skip
    answer = await stall.fan.get("/s/blumen/~tab/", headers={"Accept-Encoding": "gzip"})
    page = await answer.text()
    parts = set(re.findall(r'(?:href|src)="/static/([^"?#]+)', page))
    # Sent by the server as they are or packed; a browser without gzip sees this and no more.
    heavy = len(page.encode()) + sum((ROOT / "static" / part).stat().st_size for part in parts)
    assert parts >= {"tresen.css", "tresen.js"}
    assert heavy < 90_000
    packed = len(gzip.compress(page.encode(), 9)) + sum(
        len(gzip.compress((ROOT / "static" / part).read_bytes(), 9)) for part in parts
    )
    assert packed < 60_000
    assert answer.headers["Content-Encoding"] == "gzip"


async def test_a_page_is_rendered_once_for_many_and_recognised_when_unchanged(
    stall: Stall,
) -> None:
    async with stall.db.transaction() as session:
        await a_product(session, stall.shop, now=stall.clock())
    asked: list[str] = []
    event.listen(
        stall.db.reader.sync_engine, "before_cursor_execute", lambda *about: asked.append(about[2])
    )
    await asyncio.gather(*(stall.fan.look("/s/blumen/") for _ in range(8)))
    once = len(asked)
    english = {"Accept-Language": "en"}
    answers = [await stall.fan.get("/s/blumen/", headers=english) for _ in range(5)]
    etags = {answer.headers["ETag"] for answer in answers}
    assert len(etags) == 1
    assert len(asked) == once < 20
    again = await stall.fan.get("/s/blumen/", headers=english | {"If-None-Match": etags.pop()})
    assert again.status == 304
    assert await again.read() == b""


async def test_everything_a_page_shows_makes_it_anew(stall: Stall) -> None:
    now, shop = stall.clock(), stall.shop

    async def price() -> str:
        page = await stall.fan.look("/s/blumen/")
        return " ".join(re.sub(r"<[^>]+>", " ", page).split())

    async with stall.db.transaction() as session:
        product, variant = await a_product(
            session, shop, price=2000, pieces=9, now=now - timedelta(days=60)
        )
    assert "€20.00" in await price()
    async with stall.db.transaction() as session:
        await adjust(session, shop.key, variant.key, -7, reason="", by="Anna", now=now)
    assert "Only a few left" in await price()
    async with stall.db.transaction() as session:
        deal = await create_deal(session, shop.key, title="Ein Viertel weniger", kind="percent",
                                 currency="EUR", percent=25, now=now)  # fmt: skip
    shown = await price()
    assert "Ein Viertel weniger" in shown
    assert "€15.00" in shown
    assert "Lowest price of the last 30 days: €20.00" in shown
    async with stall.db.transaction() as session:
        await end_deal(session, shop.key, deal.key, now=now)
    assert "€15.00" not in await price()
    async with stall.db.transaction() as session:
        await edit_storefront(session, shop.key, welcome="Guten Tag!")
    assert "Guten Tag!" in await price()
    async with stall.db.transaction() as session:
        await set_state(session, shop.key, product.key, "hidden", now=now)
    assert "Nothing is on sale just now" in await price()
    await stall.fan.look("/s/blumen/p/rote-rosen", 404)


async def test_a_deal_begins_and_ends_on_the_page_by_the_clock_alone(stall: Stall) -> None:
    now = stall.clock()
    async with stall.db.transaction() as session:
        await a_product(session, stall.shop, price=2000, now=now)
        await create_deal(
            session, stall.shop.key, title="Happy Hour", kind="percent", currency="EUR",
            percent=50, starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=2),
            now=now,
        )  # fmt: skip
    for hours, is_on in ((0.5, False), (1.5, True), (2.5, False)):
        stall.clock.now = now + timedelta(hours=hours)
        assert ("Happy Hour" in await stall.fan.look("/s/blumen/")) is is_on


async def test_another_process_is_noticed_within_a_second(stall: Stall) -> None:
    await stall.fan.look("/s/blumen/")
    elsewhere = WatchedDatabase(stall.db.address)
    async with elsewhere.transaction() as session:
        await a_product(session, stall.shop, now=stall.clock())
    await elsewhere.close()
    assert "Rote Rosen" not in await stall.fan.look("/s/blumen/")
    stall.clock.advance(seconds=1.1)
    assert "Rote Rosen" in await stall.fan.look("/s/blumen/")


async def test_the_language_is_the_browsers_until_another_is_chosen(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await a_product(session, stall.shop, now=stall.clock())
    assert "Unsere Waren" in await stall.fan.look("/s/blumen/", **{"Accept-Language": "de-AT,de"})
    assert "Our goods" in await stall.fan.look("/s/blumen/", **{"Accept-Language": "en-GB"})
    assert "Unsere Waren" in await stall.fan.look("/s/blumen/", **{"Accept-Language": "pl,fr"})
    chosen = await stall.fan.get("/s/blumen/search?q=rosen&lang=en", allow_redirects=False)
    assert chosen.headers["Location"] == "/s/blumen/~shop-en/search?q=rosen"
    assert "?q=rosen&lang=en" in await stall.fan.look("/s/blumen/search?q=rosen")
    assert "product for" in await stall.fan.look(
        chosen.headers["Location"], **{"Accept-Language": "de"}
    )
    in_tab = await stall.fan.get(
        "/s/blumen/~tab-de-xyz/p/rote-rosen?lang=en", allow_redirects=False
    )
    assert in_tab.headers["Location"] == "/s/blumen/~tab-en-xyz/p/rote-rosen"


async def test_pages_may_be_framed_by_metas_sites_and_no_others(stall: Stall) -> None:
    for path in ("/s/blumen/", "/s/blumen/basket", "/s/blumen/legal/terms"):
        answer = await stall.fan.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self' https://*.facebook.com https://*.messenger.com" in policy
        assert "X-Frame-Options" not in answer.headers


async def test_what_is_not_there_is_said_so(stall: Stall) -> None:
    for path in [
        "/s/nirgends/",
        "/s/blumen/p/nichts",
        "/s/blumen/legal/nichts",
        "/s/blumen/o/nichts",
        "/s/blumen/nichts",
        "/s/blumen/p/%00",
        "/s/blumen/p/%ff",
    ]:
        await stall.fan.look(path, 404)


async def test_odd_page_numbers_are_harmless(stall: Stall) -> None:
    for number in ["0", "-1", "x", "99999999999999999999", "²", "1e3"]:
        await stall.fan.look(f"/s/blumen/?page={number}")


async def test_more_goods_than_a_page_holds_are_turned_over(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        for number in range(30):
            await a_product(session, stall.shop, f"Ware {number:02}", now=stall.clock())
    first, second = [await stall.fan.look(f"/s/blumen/?page={number}") for number in (1, 2)]
    assert "Ware 23" in first
    assert "Ware 24" not in first
    assert "Ware 24" in second
    assert 'href="./?page=2"' in first


async def test_a_product_page_says_what_the_law_asks_for(stall: Stall) -> None:
    now = stall.clock()
    async with stall.db.transaction() as session:
        product, _ = await a_product(
            session, stall.shop, "Honig", price=790, content_unit="kg", state="draft", now=now,
            producer="Imkerei Summ, Feldweg 1, 99084 Erfurt, summ@example.org",
            warnings="Nicht für Säuglinge.", description="Aus Lavendel.",
        )  # fmt: skip
        await add_variant(session, stall.shop, product, price=Money(790, "EUR"), name="250 g",
                          pieces=4, content_thousandths=250, now=now)  # fmt: skip
        window = await find_storefront(session, stall.shop.key)
        assert window.small_business is False
    async with stall.db.transaction() as session:
        [first, _] = (await variants_by_product(session, [product.key]))[product.key]
        await retire_variant(session, stall.shop.key, first.key, now=now)
        await set_state(session, stall.shop.key, product.key, "live", now=now)
    page = await stall.fan.look("/s/blumen/p/honig")
    for said in ("€31.60/kg", "incl. VAT", "plus delivery", "Imkerei Summ", "Nicht für Säuglinge."):
        assert said in page
    assert "€31.60/kg" in await stall.fan.look("/s/blumen/search?q=honig")


async def test_shops_beside_each_other_do_not_mix(stall: Stall) -> None:
    now = stall.clock()
    async with stall.db.transaction() as session:
        other = await open_shop(session, "vasen", "Vasen und mehr", now=now)
        await a_product(session, other, "Bodenvase", now=now)
        await a_product(session, stall.shop, "Rosen", now=now)
    assert "Bodenvase" not in await stall.fan.look("/s/blumen/")
    assert "Rosen" not in await stall.fan.look("/s/vasen/")
    await stall.fan.look("/s/blumen/p/bodenvase", 404)
    assert "Nothing found" in await stall.fan.look("/s/blumen/search?q=bodenvase")
