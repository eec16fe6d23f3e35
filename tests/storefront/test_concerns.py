"""What an order needs a look for: one reason does not put another out of mind."""

import asyncio

from alembic import command

from app.migrating import config_for
from core.money import Money
from payments.failed_refunds import note_paid_elsewhere, retry_refund
from payments.refunds import request_refund
from storefront.orders.models import Order
from storefront.orders.refunding import refund_order
from storefront.references import reference_of
from tests.storefront.sales import told
from tests.storefront.stall import Stall
from tests.storefront.withdrawals.cases import counter, declare, the_lines, two_lines


async def fail_refunds(stall: Stall, order: Order, *amounts: int) -> None:
    for minor in amounts:
        async with stall.db.transaction() as session:
            await request_refund(
                session, stall.shop.key, reference_of(order.key), Money(minor, order.currency),
                reason="Vase zerbrochen", by="Mia", now=stall.clock(),
            )  # fmt: skip
    await stall.till.work()
    for made in stall.till.at_stripe("refund"):
        await stall.till.control(f"/refunds/{made['id']}/fail")
    await stall.till.work()


async def refund_while_stripe_is_busy(stall: Stall, order: Order) -> None:
    await stall.till.fault("429", "/v1/refunds", times=1)
    async with stall.db.transaction() as session:
        await refund_order(
            session, stall.shop.key, order.key, reason="", by="Mia", now=stall.clock()
        )
    await stall.till.work()


async def concerns(stall: Stall) -> list[str]:
    return (await stall.last_order()).concerns


async def test_a_withdrawal_turned_down_leaves_a_failed_refund_to_look_at(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, _, _ = await two_lines(stall)
    vase, _ = await the_lines(stall, order)
    await fail_refunds(stall, order, 500)
    case = await declare(stall, order, vase, 1)
    await stall.till.work()
    assert await concerns(stall) == ["refund_failed", "withdrawal"]
    await stall.sign_in()
    page = await stall.fan.look(f"/counter/orders/{order.key}")
    assert "A refund did not go through" in page
    assert "The customer has withdrawn from the contract." in page
    await counter(stall, case, "reject", reason="Eigens angefertigt.")
    assert await concerns(stall) == ["refund_failed"]
    page = await stall.fan.look("/counter/orders?show=attention")
    assert f"/counter/orders/{order.key}" in page


async def test_of_two_withdrawals_the_undecided_one_is_still_to_look_at(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    vase, roses = await the_lines(stall, order)
    cases = [await declare(stall, order, line, 1) for line in (vase, roses)]
    await stall.till.work()
    await stall.sign_in()
    await counter(stall, cases[0], "reject", reason="Eigens angefertigt.")
    assert await concerns(stall) == ["withdrawal"]
    await counter(stall, cases[1], "reject", reason="Eigens angefertigt.")
    assert await concerns(stall) == []
    page = await stall.fan.look("/counter/orders?show=attention")
    assert f"/counter/orders/{order.key}" not in page


async def test_staff_looks_after_one_thing_at_a_time(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    vase, _ = await the_lines(stall, order)
    await fail_refunds(stall, order, 500)
    await declare(stall, order, vase, 1)
    await stall.till.work()
    await stall.sign_in()
    where = f"/counter/orders/{order.key}"
    for concern in ("refund_failed", "refund_failed", "of nothing", ""):
        on = await stall.fan.send(f"{where}/looked-after", concern=concern)
        assert "Noted: you have looked after it." in await stall.fan.look(on)
        assert await concerns(stall) == ["withdrawal"]


async def test_money_that_found_its_way_needs_no_look(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await fail_refunds(stall, order, 500, 700)
    assert await concerns(stall) == ["refund_failed"]
    first, second = await stall.till.refunds(reference_of(order.key))
    async with stall.db.transaction() as session:
        await retry_refund(session, stall.shop.key, first.key, by="Mia", now=stall.clock())
    await stall.till.work()
    assert await concerns(stall) == ["refund_failed"]
    async with stall.db.transaction() as session:
        await note_paid_elsewhere(session, stall.shop.key, second.key, by="Mia", now=stall.clock())
    assert await concerns(stall) == []


async def test_a_failed_refund_made_again_in_the_dashboard_needs_no_look(each_stall: Stall) -> None:
    stall = each_stall
    order, _, _ = await two_lines(stall)
    await fail_refunds(stall, order, 500)
    await stall.till.refund_in_the_dashboard(500)
    await stall.till.work()
    fresh = await stall.last_order()
    assert (fresh.concerns, fresh.refunded_minor) == ([], 500)


async def test_what_the_dashboard_gave_back_first_is_no_second_gift(each_stall: Stall) -> None:
    """Ours waits while Stripe is busy; then not enough is left for it."""
    stall = each_stall
    order, _, _ = await two_lines(stall)
    await refund_while_stripe_is_busy(stall, order)
    await stall.till.refund_in_the_dashboard(1000)
    await stall.till.work()
    assert await concerns(stall) == []
    stall.till.pass_time(minutes=11)
    await stall.till.work()
    fresh = await stall.last_order()
    assert (fresh.concerns, fresh.credited_minor) == (["refund_failed"], fresh.total_minor)
    ours, _ = await stall.till.refunds(reference_of(order.key))
    async with stall.db.transaction() as session:
        await retry_refund(session, stall.shop.key, ours.key, by="Mia", now=stall.clock())
    await stall.till.work()
    fresh = await stall.last_order()
    assert (fresh.concerns, fresh.refunded_minor) == ([], fresh.total_minor)
    assert fresh.owed_minor == fresh.paid_minor - fresh.refunded_minor == 0


async def test_a_refund_that_failed_when_all_had_gone_back_needs_no_look(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await refund_while_stripe_is_busy(stall, order)
    await stall.till.refund_in_the_dashboard()
    await stall.till.work()
    stall.till.pass_time(minutes=11)
    await stall.till.work()
    assert [one.state for one in await stall.till.refunds(reference_of(order.key))] == [
        "failed", "succeeded",
    ]  # fmt: skip
    assert await concerns(stall) == []
    assert "refund_failed" in await told(stall, order)


async def test_an_order_of_a_former_version_is_still_to_look_at(each_stall: Stall) -> None:
    stall = each_stall
    order, _, _ = await two_lines(stall)
    before = await the_lines(stall, order)
    async with stall.db.transaction() as session:
        row = await session.get_one(Order, order.key)
        row.worry("refund_failed")
        row.worry("withdrawal")
    config = config_for(stall.db.url.render_as_string(hide_password=False))
    for bring, version in ((command.downgrade, "other_prices"), (command.upgrade, "head")):
        await asyncio.to_thread(bring, config, version)
    assert await concerns(stall) == ["refund_failed"]
    assert [line.id for line in await the_lines(stall, order)] == [line.id for line in before]
