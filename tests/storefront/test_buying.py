"""Buying, from the shop window to the paid order, without a cookie and without a script."""

import re

from storefront.orders.finding import status_link
from tests.storefront.goods import a_product, counters
from tests.storefront.stall import Stall


async def test_a_fan_buys_without_a_single_cookie(stall: Stall) -> None:
    now = stall.clock()
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, price=2490, pieces=3, now=now)
    fan = stall.fan
    fan.takes_cookies = False
    assert "Rote Rosen" in await fan.look("/s/blumen/")
    product = await fan.look("/s/blumen/~tab/p/rote-rosen")
    assert 'action="../basket/add"' in product
    basket = await fan.send("/s/blumen/~tab/basket/add", variant=variant.key, quantity=2)
    assert re.fullmatch(r"/s/blumen/~tab--[\w.-]+/basket", basket)
    assert "49.80" in await fan.look(basket)
    base = basket.removesuffix("basket")
    assert await fan.look(f"{base}basket/count") == "2"
    page = await fan.look(f"{base}order")
    assert "Order with obligation to pay" in page
    pay_page = await fan.send(f"{base}order/place", **await stall.form(fan, base))
    assert pay_page.startswith(stall.till.url)
    order = await stall.last_order()
    assert (order.total_minor, order.came_from, order.name) == (4980, "tab", "Anna Blum")
    await stall.till.buyer(pay_page.rsplit("/", 1)[1], "pay")
    origin = str(stall.fan.make_url("")).rstrip("/")
    assert status_link(origin, stall.shop, order).startswith(f"{origin}/s/blumen/o/")
    status = await stall.fan.look(f"/s/blumen/o/{order.token}?back=paid")
    assert "Thank you! Your order is paid." in status
    assert (await stall.last_order()).state == "confirmed"
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (3, 0, 2)
    await stall.till.work()
    assert [mail.about for mail in await stall.mails()] == [
        f"order:{order.key}:received",
        f"order:{order.key}:paid",
    ]
