"""Withdrawing from a contract: two steps, no account, a receipt with date and time at once."""

from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from storefront.events import WithdrawalReceived
from storefront.models import Withdrawal
from storefront.orders.placing import place
from tests.storefront.goods import a_basket, a_form, a_product
from tests.storefront.stall import Stall

DECLARED = {"name": "Anna Blum", "contract": "1001", "email": "anna@example.org"}


async def an_order(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, now=stall.clock())
        basket = await a_basket(session, stall.shop, variant, now=stall.clock())
        await place(session, stall.shop, basket, a_form(basket, locale="de"), now=stall.clock())
    await stall.till.work()


async def all_declared(stall: Stall) -> list[Withdrawal]:
    async with stall.db.reading() as session:
        return list((await session.exec(select(Withdrawal))).all())


async def test_the_way_is_on_every_page_and_has_two_steps(stall: Stall) -> None:
    await an_order(stall)
    page = await stall.fan.look("/s/blumen/", **{"Accept-Language": "de"})
    assert "Vertrag widerrufen" in page
    assert 'action="../withdraw"' in await stall.fan.look("/s/blumen/legal/withdrawal")
    page = await stall.fan.send("/s/blumen/withdraw", 200, **DECLARED, scope="Nur die Vase")
    assert "Confirm the withdrawal" in page
    assert "Nur die Vase" in page
    assert await all_declared(stall) == []
    page = await stall.fan.send("/s/blumen/withdraw/confirm", 200, **DECLARED, scope="Nur die Vase")
    assert "Your withdrawal has arrived. We have sent a confirmation to anna@example.org." in page
    [declared] = await all_declared(stall)
    order = await stall.last_order()
    assert (declared.order_id, declared.scope) == (order.key, "Nur die Vase")
    assert order.needs_attention == "withdrawal"
    await stall.till.work()
    receipt = (await stall.mails())[-1]
    local = stall.clock().astimezone(ZoneInfo("Europe/Berlin"))
    assert receipt.subject == "Ihr Widerruf ist eingegangen"
    assert f"{local:%d.%m.%Y %H:%M:%S}" in receipt.text
    assert "Nur die Vase" in receipt.html


async def test_pressing_twice_declares_once_and_writes_once(stall: Stall) -> None:
    for _ in range(2):
        await stall.fan.send("/s/blumen/withdraw/confirm", 200, **DECLARED)
    assert len(await all_declared(stall)) == 1
    assert len([one for one in stall.db.seen if isinstance(one, WithdrawalReceived)]) == 1
    await stall.till.work()
    assert len(await stall.mails()) == 1


async def test_a_declaration_counts_even_if_it_fits_no_order(stall: Stall) -> None:
    await an_order(stall)
    for contract, email in (("1001", "other@example.org"), ("der Strauß vom Montag", "a@example.org"),
                            ("Nr. 999999999 und 0", "a@example.org")):  # fmt: skip
        await stall.fan.send(
            "/s/blumen/withdraw/confirm", 200, name="Anna", contract=contract, email=email
        )
    assert [one.order_id for one in await all_declared(stall)] == [None, None, None]
    assert (await stall.last_order()).needs_attention is None


@pytest.mark.parametrize("step", ["withdraw", "withdraw/confirm"])
async def test_what_is_missing_is_asked_for_and_the_rest_stays(stall: Stall, step: str) -> None:
    page = await stall.fan.send(f"/s/blumen/{step}", 422, **(DECLARED | {"email": "anna"}))
    assert "Please enter an e-mail address like name@example.org." in page
    assert 'value="Anna Blum"' in page
    assert await all_declared(stall) == []


async def test_nobody_can_have_us_write_to_others_without_end(stall: Stall) -> None:
    for number in range(20):
        await stall.fan.send(
            "/s/blumen/withdraw/confirm", 200, **(DECLARED | {"email": f"a{number}@example.org"})
        )
    await stall.fan.send("/s/blumen/withdraw/confirm", 429, **DECLARED)
