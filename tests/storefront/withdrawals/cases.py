"""An order of two lines, paid and sent, and what is declared about it: for tests of cases."""

from typing import Any

from sqlmodel import col, select

from storefront.models import Variant, Withdrawal
from storefront.orders.finding import lines_of
from storefront.orders.models import Order, OrderLine
from storefront.orders.sending import mark_sent
from storefront.storefronts import edit_storefront, find_storefront
from storefront.withdrawals.showing import CaseView, view_of
from tests.storefront.goods import a_product
from tests.storefront.stall import Stall

ADDRESS = "Blumen am Markt\nMarktplatz 3\n99999 Musterstadt"


async def two_lines(
    stall: Stall, *, vase: dict[str, Any] | None = None, pays: bool = True, shipping: int = 490
) -> tuple[Order, Variant, Variant]:
    """Three vases at 19.90 and one bunch at 24.90, through the shop's pages and Stripe's."""
    now = stall.clock()
    async with stall.db.transaction() as session:
        await edit_storefront(
            session, stall.shop.key, shipping_fee_minor=shipping, return_address=ADDRESS
        )
        _, vases = await a_product(
            session, stall.shop, "Vase", price=1990, pieces=5, now=now, **(vase or {})
        )
        _, roses = await a_product(session, stall.shop, "Rosen", price=2490, pieces=5, now=now)
    fan = stall.fan
    on = await fan.send("/s/blumen/~shop-en/basket/add", variant=vases.key, quantity=3)
    base = on.removesuffix("basket")
    on = await fan.send(f"{base}basket/add", variant=roses.key, quantity=1)
    base = on.removesuffix("basket")
    pay_page = await fan.send(f"{base}order/place", **await stall.form(fan, base))
    order = await stall.last_order()
    if pays:
        await stall.till.buyer(pay_page.rsplit("/", 1)[1], "pay")
        await fan.look(f"/s/blumen/o/{order.token}?back=paid")
        await stall.till.work()
        order = await stall.last_order()
        assert order.paid_minor == 3 * 1990 + 2490 + shipping
    return order, vases, roses


async def send(stall: Stall, order: Order) -> None:
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Mia", now=stall.clock())


async def the_lines(stall: Stall, order: Order) -> list[OrderLine]:
    async with stall.db.reading() as session:
        return await lines_of(session, order)


async def the_cases(stall: Stall) -> list[Withdrawal]:
    async with stall.db.reading() as session:
        return list((await session.exec(select(Withdrawal).order_by(col(Withdrawal.id)))).all())


async def the_view(stall: Stall, case: Withdrawal) -> CaseView:
    async with stall.db.reading() as session:
        fresh = await session.get_one(Withdrawal, case.key)
        window = await find_storefront(session, stall.shop.key)
        return await view_of(session, stall.shop, window, fresh, now=stall.clock())


def ticked(line: OrderLine, pieces: int) -> dict[str, Any]:
    return {"line": line.key, f"pieces-{line.key}": pieces}


async def declare(stall: Stall, order: Order, line: OrderLine, pieces: int) -> Withdrawal:
    """By the order's page, both steps."""
    told = ticked(line, pieces) | {"name": "Anna Blum"}
    where = f"/s/blumen/~shop-en/o/{order.token}/withdraw"
    page = await stall.fan.send(where, 200, **told)
    assert "Confirm the withdrawal" in page
    await stall.fan.send(f"{where}/confirm", 200, **told)
    return (await the_cases(stall))[-1]


async def counter(stall: Stall, case: Withdrawal, what: str, **fields: Any) -> str:
    """What staff does with a case; the page it leads to."""
    on = await stall.fan.send(f"/counter/withdrawals/{case.key}/{what}", **fields)
    return await stall.fan.look(on)
