"""Withdrawing line by line from the order's page."""

from storefront.withdrawals.goods import goods_of
from tests.storefront.stall import Stall
from tests.storefront.withdrawals.cases import (
    declare,
    send,
    the_cases,
    the_lines,
    ticked,
    two_lines,
)

ANNA = {"name": "Anna Blum"}


async def test_lines_and_pieces_are_declared_and_the_receipt_names_them(each_stall: Stall) -> None:
    stall = each_stall
    order, _, _ = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    case = await declare(stall, order, vase, 2)
    assert (case.order_id, case.email, case.scope) == (order.key, "anna@example.org", "2 × Vase")
    async with stall.db.reading() as session:
        assert [(one.line.key, one.row.quantity) for one in await goods_of(session, case)] == [
            (vase.key, 2)
        ]
    assert (await stall.last_order()).concerns == ["withdrawal"]
    await stall.till.work()
    [receipt] = [one for one in await stall.mails() if one.about == f"withdrawal:{case.key}"]
    assert receipt.recipient == "anna@example.org"
    assert "2 × Vase" in receipt.text
    for said in (receipt.text, receipt.html):
        assert f"/s/blumen/o/{order.token}" in said


async def test_pressed_twice_it_is_one_and_what_is_declared_cannot_be_declared_again(
    stall: Stall,
) -> None:
    order, _, _ = await two_lines(stall)
    vase, _ = await the_lines(stall, order)
    where = f"/s/blumen/~shop-en/o/{order.token}/withdraw"
    for _ in range(2):
        await stall.fan.send(f"{where}/confirm", 200, **ticked(vase, 2), **ANNA)
    assert len(await the_cases(stall)) == 1
    page = await stall.fan.send(f"{where}/confirm", 422, **ticked(vase, 3), **ANNA)
    assert "Only 1 of Vase can be chosen here." in page
    assert len(await the_cases(stall)) == 1
    page = await stall.fan.send(where, 422, **ticked(vase, 2), **ANNA)
    assert "Only 1 of Vase can be chosen here." in page


async def test_goods_without_the_right_say_why_and_words_are_still_taken(stall: Stall) -> None:
    order, _, _ = await two_lines(stall, vase={"no_withdrawal": "custom"})
    vase, _ = await the_lines(stall, order)
    assert vase.no_withdrawal == "custom"
    where = f"/s/blumen/~shop-en/o/{order.token}/withdraw"
    page = await stall.fan.look(where)
    assert "Made to your wishes, so there is no right of withdrawal for it." in page
    assert f'value="{vase.key}" disabled' in page
    page = await stall.fan.send(where, 422, **ticked(vase, 1), **ANNA)
    assert "Please choose at least one piece." in page
    await stall.fan.send(f"{where}/confirm", 200, **ANNA, scope="Trotzdem die Vase")
    [case] = await the_cases(stall)
    assert (case.order_id, case.scope) == (order.key, "Trotzdem die Vase")


async def test_it_is_told_before_ordering_on_the_product_and_on_the_order_page(
    stall: Stall,
) -> None:
    _, vases, _ = await two_lines(stall, vase={"no_withdrawal": "perishable"})
    told = "Perishes quickly, so there is no right of withdrawal for it."
    assert told in await stall.fan.look("/s/blumen/~shop-en/p/vase")
    on = await stall.fan.send("/s/blumen/~shop-en/basket/add", variant=vases.key)
    assert told in await stall.fan.look(on.removesuffix("basket") + "order")


async def test_sealed_goods_keep_the_right_while_the_seal_is_unbroken(stall: Stall) -> None:
    order, _, _ = await two_lines(stall, vase={"no_withdrawal": "hygiene"})
    vase, _ = await the_lines(stall, order)
    page = await stall.fan.look(f"/s/blumen/~shop-en/o/{order.token}/withdraw")
    assert "you can withdraw only while the seal is unbroken" in page
    await declare(stall, order, vase, 1)
    assert len(await the_cases(stall)) == 1


async def test_nothing_ticked_and_nothing_said_declares_nothing(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    where = f"/s/blumen/~shop-en/o/{order.token}/withdraw"
    for step in ("", "/confirm"):
        page = await stall.fan.send(where + step, 422, **ANNA)
        assert "Please choose at least one piece." in page
    page = await stall.fan.send(f"{where}/confirm", 422, name="Anna Blum", line=999999)
    assert "Please enter how many pieces." in page
    assert await the_cases(stall) == []
    await stall.fan.look("/s/blumen/o/not-a-token/withdraw", 404)


async def test_the_confirmation_can_go_to_another_address(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    vase, _ = await the_lines(stall, order)
    await stall.fan.send(
        f"/s/blumen/~shop-en/o/{order.token}/withdraw/confirm", 200, **ticked(vase, 1), **ANNA,
        email="New@Example.org",
    )  # fmt: skip
    assert [one.email for one in await the_cases(stall)] == ["new@example.org"]


async def test_the_way_stands_out_on_the_orders_page_during_the_period(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    page = await stall.fan.look(f"/s/blumen/o/{order.token}")
    assert "Possible without giving a reason." in page
    await send(stall, order)
    page = await stall.fan.look(f"/s/blumen/o/{order.token}")
    assert ", without giving a reason." in page
    stall.clock.advance(days=40)
    page = await stall.fan.look(f"/s/blumen/o/{order.token}")
    assert "without giving a reason." not in page
    assert f"o/{order.token}/withdraw" in page
