"""Behind the counter: who may leave the agreed price, from the form to the agreement."""

import pytest
from sqlmodel import col, select

from staff.members import let_set_prices
from staff.models import Member
from storefront.orders.models import Order
from tests.storefront.changing import a_paid_order, fresh, lines
from tests.storefront.stall import Stall

pytestmark = pytest.mark.sqlite_only
NOT_YOURS = "Only owners of the shop, and whom they allow it (Settings, Team)"


async def allow(stall: Stall, *, allowed: bool) -> None:
    async with stall.db.transaction() as session:
        agent = (await session.exec(select(Member).where(col(Member.role) == "agent"))).one()
        await let_set_prices(session, stall.shop.key, agent.key, allowed=allowed)


async def cheaper(stall: Stall, order: Order, status: int = 303) -> str:
    [line] = await lines(stall, order)
    way = f"/counter/orders/{order.key}/change"
    return await stall.fan.send(way, status, reason="scratched", **{f"price-{line.key}": "19,90"})


async def test_an_agent_sets_another_price_once_an_owner_allows_it(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, quantity=1)
    await stall.sign_in("agent")
    form = await stall.fan.look(f"/counter/orders/{order.key}/change")
    assert "Another price" not in form
    assert NOT_YOURS in await cheaper(stall, order, 422)
    await allow(stall, allowed=True)
    assert "Another price" in await stall.fan.look(f"/counter/orders/{order.key}/change")
    preview = await cheaper(stall, order)
    await stall.fan.send(f"{preview}/confirm")
    assert (await fresh(stall, order)).total_minor == 1990


async def test_a_right_that_is_gone_ends_the_draft_made_with_it(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, quantity=1)
    await stall.sign_in("agent")
    await allow(stall, allowed=True)
    preview = await cheaper(stall, order)
    await allow(stall, allowed=False)
    assert NOT_YOURS in await stall.fan.send(f"{preview}/confirm", 403)
    assert (await fresh(stall, order)).total_minor == 2490
