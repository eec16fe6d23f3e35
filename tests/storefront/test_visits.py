"""The visit in the path: what it says, and that nobody else's basket opens with it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from core.shops import Shop
from core.signing import SIGNER, Signer
from storefront.basket_filling import put
from storefront.baskets import basket_of, open_basket
from storefront.customers import meet
from storefront.visits import Visit, open_basket_token, read_visit, shop_link, sign_basket
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_product
from tests.storefront.stall import Stall

SIGNED_ELSEWHERE = Signer(SecretStr("somebody else's key, but just as long as ours"))


@given(st.text(max_size=80))
def test_any_text_is_some_visit(text: str) -> None:
    visit = read_visit(text)
    assert visit.door in ("tab", "shop", "messenger", "instagram")
    assert visit.locale in ("", "de", "en")
    again = read_visit(visit.segment.strip("~/"))
    assert again == visit


def test_nothing_known_leaves_no_trace_in_the_path() -> None:
    assert Visit().segment == ""
    assert Visit(door="tab").segment == "~tab/"
    assert Visit(locale="de").segment == "~shop-de/"
    assert Visit(signed="abc").segment == "~shop--abc/"


async def test_a_basket_opens_in_its_own_shop_and_with_our_signature_only(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    ours = Signer(SecretStr("our own key, long enough for all that is signed"))
    async with sqlite_db.transaction() as session:
        basket = await open_basket(session, shop.key, now=clock())
    signed = sign_basket(ours, basket)
    assert open_basket_token(ours, shop.key, signed) == basket.token
    assert open_basket_token(ours, shop.key + 1, signed) is None
    assert open_basket_token(SIGNED_ELSEWHERE, shop.key, signed) is None
    for wrong in ("", "x", signed[:-1], signed + "x", ours.sign([1, 2], purpose="visit"),
                  ours.sign([shop.key, basket.token], purpose="flash")):  # fmt: skip
        assert open_basket_token(ours, shop.key, wrong) is None


async def test_a_link_from_the_chat_opens_the_customers_basket(stall: Stall) -> None:
    now, origin = stall.clock(), str(stall.fan.make_url("")).rstrip("/")
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, now=now)
        customer = await meet(session, stall.shop.key, "messenger", "psid-1", name="Anna", now=now)
        basket = await basket_of(session, stall.shop.key, customer.key, now=now)
        await put(session, basket, variant.key, 2, now=now)
    link = shop_link(origin, stall.app[SIGNER], stall.shop, basket=basket, locale="de_DE",
                     path="order")  # fmt: skip
    assert link.startswith(f"{origin}/s/blumen/~messenger-de-")
    path = link.removeprefix(origin)
    page = await stall.fan.look(path)
    assert "Zahlungspflichtig bestellen" in page
    assert 'value="Anna"' in page
    base = path.removesuffix("order")
    await stall.fan.send(f"{base}order/place", **await stall.form(stall.fan, base))
    order = await stall.last_order()
    assert (order.customer_id, order.came_from, order.locale) == (customer.key, "messenger", "de")
    assert order.expires_at - order.placed_at == timedelta(minutes=45)


async def test_somebody_elses_visit_changes_nothing_of_mine(stall: Stall) -> None:
    now = stall.clock()
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, now=now)
    mine = (await stall.fan.send("/s/blumen/basket/add", variant=variant.key)).removesuffix(
        "basket"
    )
    stall.fan.takes_cookies = False
    assert "Your basket is empty" in await stall.fan.look("/s/blumen/~tab--forged/basket")
    theirs = await stall.fan.send("/s/blumen/~tab--forged/basket/add", variant=variant.key)
    assert theirs.removesuffix("basket") != mine
    assert await stall.fan.look(f"{mine}basket/count") == "1"


async def test_a_returning_fan_finds_her_basket_by_the_cookie(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, now=stall.clock())
    await stall.fan.send("/s/blumen/basket/add", variant=variant.key, quantity=3)
    assert await stall.fan.look("/s/blumen/basket/count") == "3"
    assert await stall.fan.look("/s/blumen/~tab/basket/count") == "3"
