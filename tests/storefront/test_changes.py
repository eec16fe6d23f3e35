"""Orders changed after they were placed: what it costs, what moves, and that nothing gets stuck."""

import asyncio
from typing import Any

import pytest

from payments.errors import AlreadyPaid, AmountTooSmall
from payments.failed_refunds import retry_refund
from storefront.changes.actions import (
    Add,
    GiveBackShipping,
    Goodwill,
    SetPrice,
    SetQuantity,
    Swap,
    TakeBack,
)
from storefront.changes.errors import (
    AnotherChangeWaits,
    ChangeIsOver,
    CustomerIsPaying,
    GoodwillTooEarly,
    NotChangeable,
    NothingToChange,
    NothingWouldBeLeft,
    PriceRuleNotYours,
    ReasonNeeded,
)
from storefront.changes.paying import lapse_changes
from storefront.errors import NotEnough, OrderChangedMeanwhile
from storefront.events import OrderChanged, OrderChangeDropped
from storefront.orders.models import OrderLine
from storefront.orders.refunding import refund_order
from storefront.orders.sending import mark_sent
from storefront.pay_links import pay_link
from storefront.products import edit_product
from storefront.storefronts import edit_storefront
from tests.pitfalls.books import charged, given_back, letters
from tests.storefront.changing import (
    a_paid_order,
    agree,
    ask_for,
    call_off,
    change,
    costs_now,
    difference_page,
    fresh,
    lines,
    pay_difference,
)
from tests.storefront.goods import a_product
from tests.storefront.sales import an_order, pay_page, seen, stands
from tests.storefront.stall import Stall


async def only_line(stall: Stall, order: Any) -> OrderLine:
    [line] = await lines(stall, order)
    return line


async def test_one_more_at_the_price_of_then_is_there_once_the_difference_is_paid(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, variant = await a_paid_order(stall, quantity=1)
    await costs_now(stall, variant, 3990)
    line = await only_line(stall, order)
    made = await change(stall, order, SetQuantity(line_id=line.key, quantity=2))
    assert (made.state, made.to_pay_minor) == ("waiting", 2490)
    assert await stands(stall, order, variant) == ("paid", (3, 1, 1))
    assert (await fresh(stall, order)).total_minor == 2490

    await pay_difference(stall, order, made)
    await stall.till.work()
    after = await fresh(stall, order)
    assert (after.total_minor, after.paid_minor, after.owed_minor) == (4980, 4980, 4980)
    assert (await only_line(stall, order)).quantity == 2
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert charged(stall.till) == [2490, 2490]
    assert await letters(stall, order) == ["received", "paid", "change_waits", "changed"]


async def test_fewer_pieces_give_the_money_back_and_the_goods_to_the_shelf(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, variant = await a_paid_order(stall, quantity=2)
    line = await only_line(stall, order)
    made = await change(stall, order, SetQuantity(line_id=line.key, quantity=1))
    assert (made.state, made.to_refund_minor) == ("settled", 2490)
    await stall.till.work()
    after = await fresh(stall, order)
    assert (after.total_minor, after.paid_minor, after.refunded_minor) == (2490, 4980, 2490)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 1))
    assert given_back(stall.till) == [2490]
    assert await letters(stall, order) == ["received", "paid", "changed"]
    assert "Wir erstatten Ihnen 24,90\u00a0€ auf dem Weg" in (await stall.mails())[-1].text


async def test_a_draft_has_no_effect_and_can_be_dropped(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    before = (await fresh(stall, order), await lines(stall, order))
    made = await ask_for(stall, order, Add(variant_id=variant.key, quantity=1))
    assert (await fresh(stall, order), await lines(stall, order)) == before
    assert (await call_off(stall, made)).state == "dropped"
    assert await stands(stall, order, variant) == ("paid", (3, 0, 1))
    with pytest.raises(ChangeIsOver):
        await agree(stall, made)


async def test_who_does_not_pay_the_difference_keeps_the_order_as_it_was(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, variant = await a_paid_order(stall, quantity=1)
    await change(stall, order, Add(variant_id=variant.key, quantity=2))
    assert await stands(stall, order, variant) == ("paid", (3, 2, 1))
    stall.till.pass_time(hours=73)
    await lapse_changes(stall.db, stall.till.stripes, stall.clock)
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 1))
    assert (await fresh(stall, order)).total_minor == 2490
    assert len(seen(stall, OrderChangeDropped)) == 1
    assert (await letters(stall, order))[-1] == "change_dropped"


async def test_money_that_comes_after_the_change_was_dropped_goes_back(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    made = await change(stall, order, Add(variant_id=variant.key, quantity=1))
    page = await difference_page(stall, order, made)
    await stall.till.buyer(page, "pay")
    await call_off(stall, made)
    await stall.till.work()
    after = await fresh(stall, order)
    assert (after.total_minor, after.paid_minor, after.refunded_minor) == (2490, 2490, 0)
    assert (charged(stall.till), given_back(stall.till)) == ([2490, 2490], [2490])
    assert await stands(stall, order, variant) == ("paid", (3, 0, 1))


async def test_nobody_who_is_just_paying_is_cut_off_by_the_clock(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    made = await change(stall, order, Add(variant_id=variant.key, quantity=1))
    await stall.till.buyer(await difference_page(stall, order, made), "pay")
    stall.till.pass_time(hours=73)
    await lapse_changes(stall.db, stall.till.stripes, stall.clock)
    await stall.till.work()
    assert (await fresh(stall, order)).total_minor == 4980
    assert given_back(stall.till) == []


async def test_while_one_change_waits_no_other_is_agreed(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    await change(stall, order, Add(variant_id=variant.key, quantity=1))
    other = await ask_for(stall, order, Goodwill(amount_minor=100))
    with pytest.raises(AnotherChangeWaits):
        await agree(stall, other)


async def test_a_refund_of_everything_drops_what_still_waits(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    await change(stall, order, Add(variant_id=variant.key, quantity=1))
    async with stall.db.transaction() as session:
        await refund_order(
            session, stall.shop.key, order.key, reason="", by="Anna Beet", now=stall.clock()
        )
    await stall.till.work()
    assert await stands(stall, order, variant) == ("refunded", (3, 0, 0))


async def test_everything_goes_back_over_all_payments(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    made = await change(stall, order, Add(variant_id=variant.key, quantity=1))
    await pay_difference(stall, order, made)
    line = await only_line(stall, order)
    await change(stall, order, Goodwill(amount_minor=3000))
    await change(stall, order, SetQuantity(line_id=line.key, quantity=0))
    await stall.till.work()
    after = await fresh(stall, order)
    assert (after.paid_minor, after.refunded_minor, after.owed_minor) == (4980, 4980, 0)
    assert sorted(given_back(stall.till)) == [510, 1980, 2490]
    assert await stands(stall, order, variant) == ("refunded", (3, 0, 0))


async def test_the_difference_can_be_on_the_house(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    made = await change(stall, order, Add(variant_id=variant.key, quantity=1), waive=True)
    assert (made.state, made.waived_minor, made.to_pay_minor) == ("settled", 2490, 0)
    after = await fresh(stall, order)
    assert (after.total_minor, after.credited_minor, after.owed_minor) == (4980, 2490, 2490)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert sum(row["total_minor"] for row in made.rows) == 0


async def test_an_unpaid_order_asks_for_its_new_total(each_stall: Stall) -> None:
    stall = each_stall
    order, variant = await an_order(stall, quantity=1)
    made = await change(stall, order, Add(variant_id=variant.key, quantity=1))
    assert (made.state, made.to_pay_minor) == ("settled", 0)
    assert await stands(stall, order, variant) == ("unpaid", (3, 2, 0))
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    assert charged(stall.till) == [4980]
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))


async def test_what_was_swapped_before_it_was_paid_is_not_on_the_pay_page(stall: Stall) -> None:
    order, variant = await an_order(stall, quantity=1)
    async with stall.db.transaction() as session:
        _, another = await a_product(
            session, stall.shop, "Vase", price=1990, pieces=2, now=stall.clock()
        )
    line = await only_line(stall, order)
    await change(stall, order, Swap(line_id=line.key, quantity=1, variant_id=another.key))
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    assert charged(stall.till) == [1990]
    assert await stands(stall, order, another) == ("paid", (2, 0, 1))
    assert (await stands(stall, order, variant))[1] == (3, 0, 0)


async def test_nobody_changes_the_price_under_a_buyer_who_is_paying(stall: Stall) -> None:
    order, variant = await an_order(stall, quantity=1)
    await pay_page(stall, order)
    with pytest.raises(CustomerIsPaying):
        await change(stall, order, Add(variant_id=variant.key, quantity=1))


async def test_an_unpaid_order_is_cancelled_and_not_emptied(stall: Stall) -> None:
    order, _ = await an_order(stall, quantity=1)
    line = await only_line(stall, order)
    with pytest.raises(NothingWouldBeLeft):
        await change(stall, order, SetQuantity(line_id=line.key, quantity=0))
    with pytest.raises(GoodwillTooEarly):
        await change(stall, order, Goodwill(amount_minor=100))


async def test_what_came_back_is_sold_again_or_not(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=2)
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Anna Beet", now=stall.clock())
    line = await only_line(stall, order)
    await change(stall, order, TakeBack(line_id=line.key, quantity=1))
    await change(stall, order, TakeBack(line_id=line.key, quantity=1, restock=False))
    await stall.till.work()
    assert await stands(stall, order, variant) == ("refunded", (2, 0, 0))
    assert (await fresh(stall, order)).state == "closed"
    assert given_back(stall.till) == [2490, 2490]


async def test_an_exchange_opens_a_closed_order_again(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Anna Beet", now=stall.clock())
    line = await only_line(stall, order)
    made = await change(
        stall, order, TakeBack(line_id=line.key, quantity=1, restock=False),
        Add(variant_id=variant.key, quantity=1),
    )  # fmt: skip
    assert (made.state, made.difference_minor) == ("settled", 0)
    after = await fresh(stall, order)
    assert (after.state, after.shipped_at) == ("confirmed", None)
    assert await stands(stall, order, variant) == ("partly_sent", (2, 0, 1))


async def test_a_wholly_emptied_order_is_cancelled(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=2)
    line = await only_line(stall, order)
    await change(stall, order, SetQuantity(line_id=line.key, quantity=0))
    await stall.till.work()
    assert (await fresh(stall, order)).state == "cancelled"
    assert await stands(stall, order, variant) == ("refunded", (3, 0, 0))
    with pytest.raises(NotChangeable):
        await ask_for(stall, order, Goodwill(amount_minor=1))


async def test_leaving_the_agreed_price_wants_the_right_and_a_reason(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, quantity=1)
    line = await only_line(stall, order)
    price = SetPrice(line_id=line.key, unit_minor=1990)
    with pytest.raises(PriceRuleNotYours):
        await ask_for(stall, order, price)
    with pytest.raises(ReasonNeeded):
        await ask_for(stall, order, price, may_set_prices=True, reason=" ")
    asked = await ask_for(stall, order, price, may_set_prices=True)
    with pytest.raises(PriceRuleNotYours):
        await agree(stall, asked, may_set_prices=False)
    assert (await agree(stall, asked)).to_refund_minor == 500


async def test_what_is_the_same_is_no_change(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, quantity=1)
    line = await only_line(stall, order)
    with pytest.raises(NothingToChange):
        await ask_for(stall, order, SetQuantity(line_id=line.key, quantity=1))


async def test_goods_that_are_gone_refuse_the_change_and_nothing_has_moved(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    made = await ask_for(stall, order, Add(variant_id=variant.key, quantity=3))
    with pytest.raises(NotEnough):
        await agree(stall, made)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 1))


async def test_a_difference_below_the_least_stripe_takes_is_refused_in_words(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1, price=30 + 20)
    await costs_now(stall, variant, 20)
    with pytest.raises(AmountTooSmall):
        await change(stall, order, Add(variant_id=variant.key, quantity=1))


async def test_who_agrees_to_a_preview_agrees_to_that_one(stall: Stall) -> None:
    order, variant = await a_paid_order(stall, quantity=1)
    made = await ask_for(stall, order, Add(variant_id=variant.key, quantity=1))
    with pytest.raises(OrderChangedMeanwhile):
        await agree(stall, made, seen="something else")


async def test_shipping_can_be_given_back_and_more_than_it_cost_cannot(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, shipping_fee_minor=490)
    order, _ = await a_paid_order(stall, quantity=1)
    made = await change(stall, order, GiveBackShipping(amount_minor=490))
    assert made.to_refund_minor == 490
    assert (await fresh(stall, order)).total_minor == 2490


async def test_the_same_change_agreed_twice_at_once_happens_once(each_stall: Stall) -> None:
    stall = each_stall
    order, variant = await a_paid_order(stall, quantity=2)
    line = await only_line(stall, order)
    made = await ask_for(stall, order, SetQuantity(line_id=line.key, quantity=1))
    done = await asyncio.gather(
        *(agree(stall, made) for _ in range(4)), return_exceptions=True
    )  # fmt: skip
    assert sorted(type(one).__name__ for one in done) == ["ChangeIsOver"] * 3 + ["OrderChange"]
    await stall.till.work()
    assert given_back(stall.till) == [2490]
    assert len(seen(stall, OrderChanged)) == 1
    assert await stands(stall, order, variant) == ("paid", (3, 0, 1))


async def test_a_change_that_became_impossible_gives_its_money_back(stall: Stall) -> None:
    """The piece that was to be swapped has been sent before the difference was paid."""
    order, variant = await a_paid_order(stall, quantity=1)
    line = await only_line(stall, order)
    made = await change(
        stall, order, SetQuantity(line_id=line.key, quantity=0), Add(variant_id=variant.key, quantity=3),
    )  # fmt: skip
    assert made.state == "waiting"
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Anna Beet", now=stall.clock())
    await pay_difference(stall, order, made)
    await stall.till.work()
    after = await fresh(stall, order)
    assert (after.total_minor, after.concerns) == (2490, ["change_impossible"])
    assert (after.paid_minor, after.refunded_minor) == (7470, 4980)
    assert await stands(stall, order, variant) == ("sent", (2, 0, 0))


async def test_who_presses_pay_while_staff_changes_the_order_pays_what_it_costs_now(
    stall: Stall,
) -> None:
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, shipping_fee_minor=490)
    seen_before, _ = await an_order(stall, quantity=1)
    await change(stall, seen_before, GiveBackShipping(amount_minor=490))
    page = (await pay_link(stall.app, stall.shop, seen_before)).rsplit("/", 1)[1]
    [session] = stall.till.at_stripe()
    assert (session["id"], session["amount_total"]) == (page, 2490)


async def test_a_paid_order_that_was_changed_is_not_paid_again(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, quantity=2)
    line = await only_line(stall, order)
    await change(stall, order, SetQuantity(line_id=line.key, quantity=1))
    with pytest.raises(AlreadyPaid):
        await pay_link(stall.app, stall.shop, await fresh(stall, order))


async def test_a_changes_refund_that_failed_is_told_of_when_it_is_made_again(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, quantity=2)
    line = await only_line(stall, order)
    made = await change(stall, order, SetQuantity(line_id=line.key, quantity=1))
    await stall.till.work()
    [refund_id] = made.refund_ids
    [at_stripe] = stall.till.at_stripe("refund")
    await stall.till.control(f"/refunds/{at_stripe['id']}/fail")
    await stall.till.work()
    assert (await fresh(stall, order)).refunded_minor == 0
    async with stall.db.transaction() as session:
        await retry_refund(session, stall.shop.key, refund_id, by="Anna Beet", now=stall.clock())
    await stall.till.work()
    assert (await fresh(stall, order)).refunded_minor == 2490
    assert await letters(stall, order) == ["received", "paid", "changed", "refunded"]


async def test_what_a_change_adds_keeps_what_was_told_of_the_right_of_withdrawal(
    stall: Stall,
) -> None:
    """§312g Abs. 2 BGB: told before it is agreed to, and kept with the line as it was told."""
    order, _ = await a_paid_order(stall, quantity=1)
    async with stall.db.transaction() as session:
        product, tulips = await a_product(
            session, stall.shop, "Tulpen", price=500, no_withdrawal="perishable", now=stall.clock()
        )
    made = await change(stall, order, Add(variant_id=tulips.key, quantity=1))
    await stall.till.work()
    why = "Verdirbt schnell, deshalb ohne Widerrufsrecht."
    asked = (await stall.mails())[-1]
    assert (why in asked.text, why in asked.html) == (True, True)
    assert why in await stall.fan.look(f"/s/blumen/o/{order.token}", **{"Accept-Language": "de"})
    async with stall.db.transaction() as session:
        await edit_product(
            session, stall.shop.key, product.key, {"no_withdrawal": ""}, now=stall.clock()
        )
    await pay_difference(stall, order, made)
    assert [line.no_withdrawal for line in await lines(stall, order)] == ["", "perishable"]


async def test_the_right_size_in_place_of_the_wrong_one_is_told_of_too(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, quantity=1, no_withdrawal="custom")
    line = await only_line(stall, order)
    async with stall.db.transaction() as session:
        _, other = await a_product(
            session, stall.shop, "Tulpen", price=2490, no_withdrawal="hygiene", now=stall.clock()
        )
    made = await change(stall, order, Swap(line_id=line.key, quantity=1, variant_id=other.key))
    assert [row["no_withdrawal"] for row in made.rows] == ["", "hygiene"]
    kept = [(one.quantity, one.no_withdrawal) for one in await lines(stall, order)]
    assert kept == [(0, "custom"), (1, "hygiene")]
