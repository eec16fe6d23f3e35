"""The page tab: opened by Facebook with a signed POST, and by nobody else."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from meta.models import MetaPage
from sandbox.signing import signed_request
from tests.storefront.goods import a_product
from tests.storefront.stall import SECRET, Stall

PAGE = "104857600"


async def a_page(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await a_product(session, stall.shop, now=stall.clock())
        session.add(
            MetaPage(shop_id=stall.shop.key, page_id=PAGE, page_name="Blumen", sealed_token="x",
                     connected_at=stall.clock())
        )  # fmt: skip


def proof(stall: Stall, secret: str = SECRET.get_secret_value(), **changes: Any) -> str:
    payload: dict[str, Any] = {
        "issued_at": int(stall.clock().timestamp()),
        "page": {"id": PAGE, "admin": False},
        "user": {"locale": "en_GB", "country": "gb"},
    }
    return signed_request(secret, payload | changes)


async def open_tab(stall: Stall, status: int = 200, **form: str) -> str:
    """As Facebook does: from its own site, and without our cookies."""
    answer = await stall.fan.post(
        "/s/blumen/tab",
        data=urlencode(form),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": "https://www.facebook.com",
            "Sec-Fetch-Site": "cross-site",
            "Accept-Language": "en",
        },
        allow_redirects=False,
    )
    text = await answer.text()
    assert answer.status == status, text
    return text


async def test_facebook_opens_the_catalogue_whose_links_keep_the_tab(stall: Stall) -> None:
    await a_page(stall)
    page = await open_tab(stall, signed_request=proof(stall))
    assert "Rote Rosen" in page
    assert 'class="shop embedded"' in page
    assert 'href="~tab/p/rote-rosen"' in page
    assert 'action="~tab/search"' in page
    product = await stall.fan.look("/s/blumen/~tab/p/rote-rosen")
    assert 'class="shop embedded"' in product
    assert 'href="../basket"' in product


async def test_the_tab_opens_at_the_product_that_a_link_names(stall: Stall) -> None:
    await a_page(stall)
    page = await open_tab(stall, signed_request=proof(stall, app_data="p/rote-rosen"))
    assert "Add to basket" in page
    assert 'action="~tab/basket/add"' in page
    for strange in ("p/nichts", "../../etc/passwd", "<script>", "x" * 5000, "%00"):
        assert "Our goods" in await open_tab(stall, signed_request=proof(stall, app_data=strange))


async def test_a_tab_opened_by_anybody_else_says_so_and_shows_the_way(stall: Stall) -> None:
    await a_page(stall)
    good = proof(stall)
    signature, payload = good.split(".")
    forged = [
        "", ".", "..", "x", good + "x", good[:-2], "x" + good[1:], payload, f"{signature}.",
        f".{payload}", f"{payload}.{signature}", good * 2, f"{signature}.{payload}.{payload}",
        signature + "." + payload.swapcase(), "é.é", "a" * 20_000,
        proof(stall, secret="another secret"),
        proof(stall, issued_at=int((stall.clock() - timedelta(minutes=11)).timestamp())),
        proof(stall, issued_at=int((stall.clock() + timedelta(hours=1)).timestamp())),
        proof(stall, issued_at="now"), proof(stall, issued_at=None),
        proof(stall, expires=int((stall.clock() - timedelta(minutes=1)).timestamp())),
        proof(stall, algorithm="none"), proof(stall, algorithm="HMAC-SHA1"),
        proof(stall, page={"id": "666"}), proof(stall, page=None), proof(stall, page=[]),
        signed_request(SECRET.get_secret_value(), {}),
    ]  # fmt: skip
    for one in forged:
        page = await open_tab(stall, 403, signed_request=one)
        assert "Please open the shop anew" in page
        assert 'href="~tab/"' in page
        assert "Rote Rosen" not in page
    assert "Please open the shop anew" in await open_tab(stall, 403)
    assert "Please open the shop anew" in await open_tab(stall, 403, other="field")


async def test_a_shop_without_a_page_has_no_tab(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await a_product(session, stall.shop, now=stall.clock())
    await open_tab(stall, 403, signed_request=proof(stall))


async def test_a_huge_post_is_turned_away(stall: Stall) -> None:
    await a_page(stall)
    await open_tab(stall, 413, signed_request="x" * 100_000)


@pytest.mark.parametrize("query", ["", "?lang=en"])
async def test_who_opens_the_tabs_address_by_hand_finds_the_shop(stall: Stall, query: str) -> None:
    answer = await stall.fan.get(f"/s/blumen/tab{query}", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == ("/s/blumen/~shop-en/" if query else "/s/blumen/")
