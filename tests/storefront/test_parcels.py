"""Orders that leave in parts: pieces, stock, states, and mistakes that are undone."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import ShopError
from storefront.errors import (
    NothingToSend,
    NotSoManyToSend,
    OrderChangedMeanwhile,
    OrderNotReadyForThat,
    PartlySent,
    ShipmentUnknown,
    TooLateToTakeBack,
    TrackingUnreadable,
)
from storefront.events import ParcelTracked
from storefront.orders.finding import get_order
from storefront.orders.models import OrderLine
from storefront.orders.refunding import refund_order
from storefront.orders.sending import mark_sent
from storefront.shipping import packing
from storefront.shipping.arriving import SECOND_THOUGHTS, mark_delivered, take_back_delivered
from storefront.shipping.carriers import CARRIERS, read_number, tracking_link
from storefront.shipping.finding import delivered_at, delivered_lines, parcels_of
from storefront.shipping.following import set_tracking
from storefront.shipping.models import ShipmentLine
from storefront.shipping.undoing import undo
from tests.storefront.parcels import a_paid_order, do, how_it_stands, send, stock_of
from tests.storefront.sales import seen, told
from tests.storefront.stall import Stall


async def test_an_order_leaves_in_parts_and_closes_with_the_last(each_stall: Stall) -> None:
    stall = each_stall
    order, [first, second] = await a_paid_order(stall, 3, 1)
    await send(stall, order, {first.key: 2})
    assert await how_it_stands(stall, order) == ("confirmed", "partly_sent", [("under_way", 2)])
    async with stall.db.reading() as session:
        assert await stock_of(session, [first, second]) == [(8, 0, 1), (10, 0, 1)]
    await send(stall, order)
    assert await how_it_stands(stall, order) == (
        "closed", "sent", [("under_way", 2), ("under_way", 2)],
    )  # fmt: skip
    async with stall.db.reading() as session:
        assert await stock_of(session, [first, second]) == [(7, 0, 0), (9, 0, 0)]
        fresh = await get_order(session, stall.shop.key, order.key)
    assert fresh.shipped_at == fresh.closed_at == stall.clock()
    assert (await told(stall, order))[-3:] == ["parcel_sent", "parcel_sent", "closed"]


async def test_one_press_sends_everything_that_is_left(stall: Stall) -> None:
    order, [first, _] = await a_paid_order(stall, 3, 1)
    await send(stall, order, {first.key: 1})
    await do(stall, mark_sent, order)
    assert await how_it_stands(stall, order) == (
        "closed", "sent", [("under_way", 1), ("under_way", 3)],
    )  # fmt: skip


async def test_nobody_sends_more_than_there_is_to_send(each_stall: Stall) -> None:
    stall = each_stall
    order, [line] = await a_paid_order(stall, 3)
    stranger, [theirs] = await a_paid_order(stall, 1)
    await send(stall, order, {line.key: 2})
    before = await how_it_stands(stall, order)
    for pieces, refusal in (
        ({line.key: 2}, NotSoManyToSend),
        ({theirs.key: 1}, NotSoManyToSend),
        ({line.key: 0}, NothingToSend),
        ({line.key: -1}, NothingToSend),
        ({}, NothingToSend),
    ):
        with pytest.raises(refusal):
            await send(stall, order, pieces)
    with pytest.raises(OrderChangedMeanwhile):
        await send(stall, order, {line.key: 1}, seen=0)
    with pytest.raises(TrackingUnreadable):
        await send(stall, order, {line.key: 1}, tracking="https://evil.example/1234567")
    assert await how_it_stands(stall, order) == before
    assert (await how_it_stands(stall, stranger))[2] == []
    await send(stall, order, seen=1)
    with pytest.raises(OrderNotReadyForThat):
        await send(stall, order)


async def test_the_database_refuses_too_many_pieces_too(each_stall: Stall) -> None:
    stall = each_stall
    order, [line] = await a_paid_order(stall, 2)

    async def ship_three() -> None:
        async with stall.db.transaction() as session:
            (await session.get_one(OrderLine, line.key)).shipped = 3

    async def pack_nothing() -> None:
        async with stall.db.transaction() as session:
            session.add(ShipmentLine(shop_id=stall.shop.key, shipment_id=1, line_id=line.key,
                                     quantity=0))  # fmt: skip

    await send(stall, order, {line.key: 1})
    for wrong in (ship_three, pack_nothing):
        with pytest.raises(IntegrityError):
            await wrong()
    assert (await how_it_stands(stall, order))[2] == [("under_way", 1)]


async def test_two_who_pack_at_the_same_moment_send_nothing_twice(each_stall: Stall) -> None:
    stall = each_stall
    order, [line] = await a_paid_order(stall, 3)

    async def pack() -> str:
        try:
            await send(stall, order, {line.key: 2})
        except ShopError as refused:
            return refused.code
        return "sent"

    outcomes = await asyncio.gather(*(pack() for _ in range(4)))
    assert sorted(outcomes) == ["NotSoManyToSend"] * 3 + ["sent"]
    assert await how_it_stands(stall, order) == ("confirmed", "partly_sent", [("under_way", 2)])
    async with stall.db.reading() as session:
        assert await stock_of(session, [line]) == [(8, 0, 1)]


async def test_a_parcel_marked_by_mistake_is_undone(each_stall: Stall) -> None:
    stall = each_stall
    order, [line] = await a_paid_order(stall, 3)
    await do(stall, mark_sent, order)
    await do(stall, undo, order, 1)
    assert await how_it_stands(stall, order) == ("confirmed", "paid", [])
    async with stall.db.reading() as session:
        assert await stock_of(session, [line]) == [(10, 0, 3)]
        fresh = await get_order(session, stall.shop.key, order.key)
    assert (fresh.shipped_at, fresh.closed_at) == (None, None)
    assert fresh.paid_at == order.paid_at
    with pytest.raises(ShipmentUnknown):
        await do(stall, undo, order, 1)
    assert await send(stall, order) == 2


async def test_what_has_arrived_is_not_undone(stall: Stall) -> None:
    order, [line] = await a_paid_order(stall, 1)
    await send(stall, order)
    await do(stall, mark_delivered, order, 1)
    before = await how_it_stands(stall, order)
    with pytest.raises(OrderNotReadyForThat):
        await do(stall, undo, order, 1)
    assert before == await how_it_stands(stall, order) == (
        "closed", "delivered", [("delivered", 1)],
    )  # fmt: skip
    async with stall.db.reading() as session:
        assert await stock_of(session, [line]) == [(9, 0, 0)]


async def test_the_last_piece_that_arrives_is_the_moment(stall: Stall) -> None:
    """With it the time to withdraw begins."""
    order, [first, second] = await a_paid_order(stall, 2, 1)

    async def moments() -> tuple[object, dict[int, object]]:
        async with stall.db.reading() as session:
            return await delivered_at(session, order), dict(await delivered_lines(session, order))

    await send(stall, order, {first.key: 1, second.key: 1})
    stall.clock.advance(hours=1)
    early = stall.clock()
    await do(stall, mark_delivered, order, 1)
    assert await moments() == (None, {second.key: early})
    await send(stall, order)
    assert await moments() == (None, {second.key: early})
    assert (await how_it_stands(stall, order))[1] == "partly_delivered"
    stall.clock.advance(hours=1)
    await do(stall, mark_delivered, order, 2)
    assert await moments() == (stall.clock(), {first.key: stall.clock(), second.key: early})
    assert (await how_it_stands(stall, order))[1] == "delivered"


async def test_a_customer_takes_back_only_what_she_has_said_and_only_for_a_while(
    stall: Stall,
) -> None:
    order, [first, _] = await a_paid_order(stall, 1, 1)
    await send(stall, order, {first.key: 1})
    await send(stall, order)
    await do(stall, mark_delivered, order, 1)
    await do(stall, mark_delivered, order, 2, by="customer")
    with pytest.raises(TooLateToTakeBack):
        await do(stall, take_back_delivered, order, 1, by="customer")
    await do(stall, take_back_delivered, order, 2, by="customer")
    assert (await how_it_stands(stall, order))[1] == "partly_delivered"
    await do(stall, mark_delivered, order, 2, by="customer")
    stall.clock.advance(SECOND_THOUGHTS + timedelta(seconds=1))
    with pytest.raises(TooLateToTakeBack):
        await do(stall, take_back_delivered, order, 2, by="customer")
    await do(stall, take_back_delivered, order, 2)
    assert (await how_it_stands(stall, order))[1] == "partly_delivered"


async def test_it_is_made_ready_and_picked_up_in_parts_too(each_stall: Stall) -> None:
    stall = each_stall
    order, [line] = await a_paid_order(stall, 3, delivery="pickup")
    await do(stall, packing.make_ready, order, pieces={line.key: 1})
    assert (await how_it_stands(stall, order))[:2] == ("confirmed", "partly_ready")
    await do(stall, packing.make_ready, order)
    assert await how_it_stands(stall, order) == ("confirmed", "ready", [("ready", 1), ("ready", 2)])
    async with stall.db.reading() as session:
        assert await stock_of(session, [line]) == [(10, 0, 3)]
    with pytest.raises(NothingToSend):
        await do(stall, packing.make_ready, order)
    await do(stall, packing.hand_over, order, 1)
    assert (await how_it_stands(stall, order))[:2] == ("confirmed", "partly_picked_up")
    await do(stall, mark_sent, order)
    assert await how_it_stands(stall, order) == (
        "closed", "picked_up", [("delivered", 1), ("delivered", 2)],
    )  # fmt: skip
    async with stall.db.reading() as session:
        assert await stock_of(session, [line]) == [(7, 0, 0)]
        assert await delivered_at(session, order) == stall.clock()


async def test_what_is_picked_up_is_not_posted(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, 1, delivery="pickup")
    with pytest.raises(OrderNotReadyForThat):
        await send(stall, order)
    posted, _ = await a_paid_order(stall, 1)
    with pytest.raises(OrderNotReadyForThat):
        await do(stall, packing.make_ready, posted)
    assert (await how_it_stands(stall, order))[2] == (await how_it_stands(stall, posted))[2] == []


async def test_unpaid_orders_are_not_sent(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, 1, price=1000)
    with pytest.raises(OrderNotReadyForThat):
        await send(stall, order)
    assert await how_it_stands(stall, order) == ("placed", "unpaid", [])


async def test_what_lay_ready_is_no_parcel_of_a_cancelled_order(stall: Stall) -> None:
    order, [line] = await a_paid_order(stall, 2, delivery="pickup")
    await do(stall, packing.make_ready, order)
    await do(stall, refund_order, order, reason="geht nicht")
    assert await how_it_stands(stall, order) == ("cancelled", "cancelled", [])
    async with stall.db.reading() as session:
        assert await stock_of(session, [line]) == [(10, 0, 0)]


async def test_an_order_that_left_in_part_is_not_called_off_as_a_whole(stall: Stall) -> None:
    """What was sent cannot be cancelled."""
    order, [line] = await a_paid_order(stall, 2)
    await send(stall, order, {line.key: 1})
    before = await how_it_stands(stall, order)
    with pytest.raises(PartlySent):
        await do(stall, refund_order, order, reason="geht nicht")
    assert await how_it_stands(stall, order) == before
    async with stall.db.reading() as session:
        assert await stock_of(session, [line]) == [(9, 0, 1)]
        assert (await get_order(session, stall.shop.key, order.key)).credited_minor == 0


async def test_a_number_may_come_later(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, 1)
    await send(stall, order)
    await do(stall, set_tracking, order, 1, carrier="dhl", tracking="0034 0434-1234 5678 9012")
    with pytest.raises(TrackingUnreadable):
        await do(stall, set_tracking, order, 1, carrier="dhl", tracking="12")
    async with stall.db.reading() as session:
        [parcel] = await parcels_of(session, order)
    assert parcel.shipment.tracking == "00340434123456789012"
    assert parcel.link("de") == (
        "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html"
        "?piececode=00340434123456789012"
    )


@pytest.mark.parametrize(
    "odd", ["12345", "x" * 41, "ABCDEFGH", "12345678/../x", "1234567?a=b", "javascript:1234567",
            "12345678#", "1234<b>567", "１２３４５６７８"],
)  # fmt: skip
def test_what_is_no_number_becomes_no_link(odd: str) -> None:
    with pytest.raises(TrackingUnreadable):
        read_number(odd)
    assert [tracking_link(one, odd, "de") for one in CARRIERS] == [None] * len(CARRIERS)


def test_links_lead_to_the_carriers_alone() -> None:
    hosts = {one: (tracking_link(one, "1Z999AA10123456784", "en") or "").split("/")[2:3]
             for one in CARRIERS}  # fmt: skip
    assert hosts == {
        "dhl": ["www.dhl.de"], "dpd": ["tracking.dpd.de"], "hermes": ["www.myhermes.de"],
        "gls": ["gls-group.com"], "ups": ["www.ups.com"], "post": ["www.deutschepost.de"],
        "own": [], "other": [],
    }  # fmt: skip
    assert all((tracking_link(one, "12345678", "de") or "https://").startswith("https://")
               for one in CARRIERS)  # fmt: skip


async def letters_of_parcel(stall: Stall) -> list[tuple[str, int]]:
    """Kind and how often it holds a link to DHL, of each letter since the order was paid."""
    told = [one for one in await stall.mails() if one.about.count(":") == 3]
    return [(one.about.split(":")[2], one.text.count("https://www.dhl.de/")) for one in told]


async def test_a_number_that_comes_later_is_told_once_with_its_link(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, 1)
    parcel = await send(stall, order)
    await stall.till.work()
    assert await letters_of_parcel(stall) == [("sent", 0)]
    await do(stall, set_tracking, order, parcel, carrier="", tracking="12345678")
    await stall.till.work()
    assert await letters_of_parcel(stall) == [("sent", 0)]
    for number in ("12345678", "87654321", "", "12345678"):
        await do(stall, set_tracking, order, parcel, carrier="dhl", tracking=number)
        await stall.till.work()
    assert await letters_of_parcel(stall) == [("sent", 0), ("tracking", 1)]
    assert (await told(stall, order)).count("parcel_tracked") == 1
    assert len(seen(stall, ParcelTracked)) == 1
    assert "verfolgen" in (await stall.mails())[-1].subject


async def test_a_number_that_still_made_the_letter_about_the_parcel_is_not_told_again(
    stall: Stall,
) -> None:
    order, _ = await a_paid_order(stall, 1)
    parcel = await send(stall, order)
    await do(stall, set_tracking, order, parcel, carrier="dhl", tracking="12345678")
    await stall.till.work()
    assert await letters_of_parcel(stall) == [("sent", 1)]


async def test_nobody_is_told_how_to_follow_what_has_arrived(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, 1)
    parcel = await send(stall, order)
    await do(stall, mark_delivered, order, parcel)
    await stall.till.work()
    before = await letters_of_parcel(stall)
    await do(stall, set_tracking, order, parcel, carrier="dhl", tracking="12345678")
    await stall.till.work()
    assert await letters_of_parcel(stall) == before
