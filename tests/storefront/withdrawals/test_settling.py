"""A withdrawal from the order's page to the money at Stripe, on both databases."""

from datetime import timedelta

from aiohttp import FormData

from storefront.events import OrderChanged
from storefront.orders.sending import mark_sent
from storefront.shipping.arriving import mark_delivered
from storefront.shipping.finding import parcels_of
from storefront.withdrawals.period import last_day
from tests.staff.conftest import PASSWORD
from tests.storefront.goods import counters
from tests.storefront.sales import seen
from tests.storefront.stall import Stall
from tests.storefront.withdrawals.cases import (
    ADDRESS,
    counter,
    declare,
    send,
    the_cases,
    the_lines,
    the_view,
    ticked,
    two_lines,
)


async def refunds(stall: Stall) -> list[int]:
    await stall.till.work()
    return [one["amount"] for one in stall.till.at_stripe("refund")]


async def letters_about(stall: Stall, case_key: int) -> list[str]:
    name = f"withdrawal:{case_key}"
    return [one.about.removeprefix(name) for one in await stall.mails()
            if one.about.startswith(name)]  # fmt: skip


async def sign_in_again(stall: Stall) -> None:
    """After days away."""
    await stall.fan.send("/counter/sign-in", email="owner-blumen@example.org", password=PASSWORD)


async def test_one_line_goes_back_and_its_money_too(each_stall: Stall) -> None:
    """Two lines paid and sent; two of three vases come back, one of them chipped."""
    stall = each_stall
    order, vases, roses = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    case = await declare(stall, order, vase, 2)
    await stall.till.work()
    await stall.sign_in()
    page = await counter(stall, case, "accept", **ticked(vase, 2), way="address")
    assert "Accepted. The customer is told how it goes on." in page
    assert "waits for the goods" in page
    assert (await stall.last_order()).concerns == []
    assert await refunds(stall) == []
    status = await stall.fan.look(f"/s/blumen/~shop-en/o/{order.token}")
    assert "Please send or bring the goods to:" in status
    assert "Marktplatz 3" in status
    page = await counter(
        stall, case, "arrived",
        **{f"came-{vase.key}": 2, f"sellable-{vase.key}": 1, f"lost-{vase.key}": "5,00",
           f"why-{vase.key}": "Kratzer"},
    )  # fmt: skip
    assert "Noted. The customer is told that the goods are here." in page
    assert "€34.80 go back the way they came." in page
    page = await counter(stall, case, "refund")
    assert "The refund is on its way." in page
    assert await refunds(stall) == [2 * 1990 - 500]
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (3, 0, 0)
        assert await counters(session, roses) == (4, 0, 0)
    after = await stall.last_order()
    assert (after.paid_minor, after.refunded_minor) == (3 * 1990 + 2490 + 490, 3480)
    assert after.paid_minor - after.refunded_minor == after.owed_minor
    [line, _] = await the_lines(stall, order)
    assert (line.quantity, line.shipped, line.returned, line.kept_minor) == (1, 3, 2, 500)
    [case] = await the_cases(stall)
    assert (case.paid_back_minor, case.handled_by, case.open_mark) == (3480, "Anna Beet", None)
    assert [event.kind for event in seen(stall, OrderChanged)] == ["withdrawal"]  # type: ignore[attr-defined]
    assert await letters_about(stall, case.key) == ["", ":accepted", ":arrived"]
    told = [mail.subject for mail in await stall.mails()]
    assert "Your order 1001 was changed: €34.80 go back to you" in told
    status = await stall.fan.look(f"/s/blumen/~shop-en/o/{order.token}")
    assert "€34.80 were sent back by the means you paid with." in status
    assert "€5.00 of Vase stay with us for what it has lost in value: Kratzer" in status
    again = await counter(stall, case, "refund")
    assert "The money for this case has been given back already." in again
    assert await refunds(stall) == [3480]


async def test_with_the_whole_order_its_delivery_goes_back_too(each_stall: Stall) -> None:
    stall = each_stall
    order, vases, _ = await two_lines(stall)
    await send(stall, order)
    vase, rose = await the_lines(stall, order)
    first = await declare(stall, order, vase, 3)
    second = await declare(stall, order, rose, 1)
    await stall.sign_in()
    await counter(stall, first, "accept", **ticked(vase, 3), way="none")
    await counter(stall, first, "refund")
    assert await refunds(stall) == [3 * 1990]
    assert await the_lines_kept(stall) == [0, 1]
    await counter(stall, second, "accept", **ticked(rose, 1), way="none")
    await counter(stall, second, "refund")
    assert await refunds(stall) == [3 * 1990, 2490 + 490]
    after = await stall.last_order()
    assert (after.owed_minor, after.refunded_minor) == (0, after.paid_minor)
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (2, 0, 0)


async def the_lines_kept(stall: Stall) -> list[int]:
    return [line.quantity for line in await the_lines(stall, await stall.last_order())]


async def test_what_was_never_sent_is_taken_off_and_paid_back_at_once(each_stall: Stall) -> None:
    stall = each_stall
    order, vases, roses = await two_lines(stall)
    vase, _ = await the_lines(stall, order)
    case = await declare(stall, order, vase, 2)
    await stall.sign_in()
    page = await counter(stall, case, "accept", **ticked(vase, 2), way="address")
    assert "The refund is on its way." in page
    assert await refunds(stall) == [2 * 1990]
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (5, 0, 1)
        assert await counters(session, roses) == (5, 0, 1)
    [case] = await the_cases(stall)
    assert (case.return_way, case.handled_at is not None) == ("none", True)
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Mia", now=stall.clock())
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (4, 0, 0)


async def test_an_unpaid_order_withdrawn_from_is_cancelled_and_costs_nothing(stall: Stall) -> None:
    order, vases, _ = await two_lines(stall, pays=False)
    vase, rose = await the_lines(stall, order)
    told = ticked(vase, 3) | {"name": "Anna Blum", "scope": "Alles"}
    where = f"/s/blumen/~shop-en/o/{order.token}/withdraw/confirm"
    await stall.fan.send(where, 200, **told)
    [case] = await the_cases(stall)
    await stall.sign_in()
    on = await stall.fan.post(
        f"/counter/withdrawals/{case.key}/accept", allow_redirects=False,
        headers={"Origin": str(stall.fan.make_url("")).rstrip("/")},
        data=[("line", str(vase.key)), ("line", str(rose.key)), ("way", "address"),
              (f"pieces-{vase.key}", "3"), (f"pieces-{rose.key}", "1")],
    )  # fmt: skip
    assert on.status == 303
    assert (await stall.last_order()).state == "cancelled"
    assert await refunds(stall) == []
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (5, 0, 0)
    [case] = await the_cases(stall)
    assert (case.paid_back_minor, case.handled_at is not None) == (0, True)


async def test_a_proof_of_sending_ends_the_waiting_and_goods_that_follow_are_shelved(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, vases, _ = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    case = await declare(stall, order, vase, 2)
    await stall.sign_in()
    await counter(stall, case, "accept", **ticked(vase, 2), way="address")
    assert (await the_view(stall, case)).deadline.word == "held"
    stall.clock.advance(days=15)
    await sign_in_again(stall)
    assert (await the_view(stall, case)).deadline.word == "held"
    page = await counter(stall, case, "proof", proof="DHL 4711")
    assert "due today" in page
    assert "One refund is due." in await stall.fan.look("/counter/orders")
    stall.clock.advance(days=2)
    page = await stall.fan.look(f"/counter/withdrawals/{case.key}")
    assert "2 days overdue" in page
    await counter(stall, case, "refund")
    assert await refunds(stall) == [2 * 1990]
    [case] = await the_cases(stall)
    assert case.handled_at is None
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (2, 0, 0)
    await counter(stall, case, "arrived", **{f"came-{vase.key}": 2, f"sellable-{vase.key}": 2})
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (4, 0, 0)
    [case] = await the_cases(stall)
    assert case.handled_at is not None


async def test_only_what_really_came_back_is_paid_for(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    case = await declare(stall, order, vase, 3)
    await stall.sign_in()
    await counter(stall, case, "accept", **ticked(vase, 3), way="address")
    await counter(stall, case, "arrived", **{f"came-{vase.key}": 1, f"sellable-{vase.key}": 1})
    await counter(stall, case, "refund")
    assert await refunds(stall) == [1990]


async def test_the_guest_with_a_wrong_number_is_assigned_by_hand(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await send(stall, order)
    page = await stall.fan.send("/s/blumen/withdraw/confirm", 200, name="Anna Blum",
                                contract="9999", email="else@example.org")  # fmt: skip
    assert "Your withdrawal has arrived." in page
    await stall.till.work()
    [case] = await the_cases(stall)
    assert case.order_id is None
    await stall.sign_in()
    page = await stall.fan.look(f"/counter/withdrawals/{case.key}")
    assert "What was written fits no order" in page
    assert f'name="order_id" value="{order.key}"' in page  # the same name
    found = await stall.fan.look(f"/counter/withdrawals/{case.key}?q=1001")
    assert f'name="order_id" value="{order.key}"' in found
    vase, _ = await the_lines(stall, order)
    page = await counter(stall, case, "accept", **ticked(vase, 1), way="none")
    assert "Please say first which order this is about." in page
    page = await counter(stall, case, "assign", order_id=order.key)
    assert "Filed with its order." in page
    assert (await stall.last_order()).concerns == ["withdrawal"]
    page = await counter(stall, case, "assign", order_id=order.key)
    assert "This case has been decided already." in page


async def test_a_rejection_needs_its_reason_and_tells_it(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    stall.clock.advance(days=40)
    case = await declare(stall, order, vase, 1)
    await stall.sign_in()
    page = await stall.fan.look(f"/counter/withdrawals/{case.key}")
    assert "Too late" in page
    page = await counter(stall, case, "reject", reason=" ")
    assert "Please give the reason: the customer reads it." in page
    page = await counter(stall, case, "reject", reason="Die Frist endete im November.")
    assert "Rejected. The customer is told why." in page
    await stall.till.work()
    about = f"withdrawal:{case.key}:rejected"
    [letter] = [one for one in await stall.mails() if one.about == about]
    assert "Die Frist endete im November." in letter.html
    for said in (letter.text, letter.html):
        assert f"/s/blumen/o/{order.token}" in said
    status = await stall.fan.look(f"/s/blumen/~shop-en/o/{order.token}")
    assert "Die Frist endete im November." in status
    page = await counter(stall, case, "accept", **ticked(vase, 1), way="none")
    assert "This case has been decided already." in page
    again = await declare(stall, order, vase, 1)
    assert again.key != case.key


async def test_whose_address_is_not_the_orders_is_refused_without_a_way_into_it(
    stall: Stall,
) -> None:
    """Filed by the team under an order that may be somebody else's."""
    order, _, _ = await two_lines(stall)
    await stall.fan.send(
        "/s/blumen/withdraw/confirm", 200, name="Wer?", contract="?", email="other@example.org"
    )
    await stall.till.work()
    [case] = await the_cases(stall)
    await stall.sign_in()
    await counter(stall, case, "assign", order_id=order.key)
    await counter(stall, case, "reject", reason="Das waren nicht Sie.")
    await stall.till.work()
    [letter] = [one for one in await stall.mails() if one.about.endswith(":rejected")]
    assert letter.recipient == "other@example.org"
    assert order.token not in letter.text + letter.html


async def test_a_label_is_a_pdf_or_a_link_and_only_its_buyer_gets_it(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    case = await declare(stall, order, vase, 1)
    await stall.sign_in()
    page = await counter(stall, case, "accept", **ticked(vase, 1), way="label", link="http://dhl")
    assert "Please upload the label as a PDF" in page
    assert (await the_cases(stall))[0].accepted_at is None
    form = FormData()
    for name, value in (ticked(vase, 1) | {"way": "label"}).items():
        form.add_field(name, str(value))
    form.add_field("label", b"%PDF-1.7 label", filename="l.pdf", content_type="application/pdf")
    answer = await stall.fan.post(
        f"/counter/withdrawals/{case.key}/accept", data=form, allow_redirects=False,
        headers={"Origin": str(stall.fan.make_url("")).rstrip("/")},
    )  # fmt: skip
    assert answer.status == 303
    where = f"/s/blumen/o/{order.token}/returns/{case.key}/label.pdf"
    assert await stall.fan.look(where) == "%PDF-1.7 label"
    assert await stall.fan.look(f"/counter/withdrawals/{case.key}/label.pdf") == "%PDF-1.7 label"
    other, _, _ = await two_lines(stall)
    await stall.fan.look(f"/s/blumen/o/{other.token}/returns/{case.key}/label.pdf", 404)
    await stall.till.work()
    [letter] = [one for one in await stall.mails() if one.about.endswith(":accepted")]
    assert where in letter.html
    assert ADDRESS not in letter.text


async def test_other_returns_have_no_deadline_and_end_with_or_without_money(stall: Stall) -> None:
    order, vases, _ = await two_lines(stall)
    await send(stall, order)
    vase, rose = await the_lines(stall, order)
    await stall.sign_in()
    on = await stall.fan.send(f"/counter/orders/{order.key}/return", kind="claim",
                              words="Sprung", **ticked(vase, 1))  # fmt: skip
    page = await stall.fan.look(on)
    assert "Complaint" in page
    assert "no deadline by law" in page
    [claim] = await the_cases(stall)
    await counter(stall, claim, "accept", **ticked(vase, 1), way="none")
    stall.clock.advance(days=100)
    await sign_in_again(stall)
    assert (await the_view(stall, claim)).deadline.word == "agreed"
    await counter(stall, claim, "refund")
    assert await refunds(stall) == [1990]
    await stall.fan.send(f"/counter/orders/{order.key}/return", kind="exchange",
                         **ticked(rose, 1))  # fmt: skip
    _, exchange = await the_cases(stall)
    await counter(stall, exchange, "accept", **ticked(rose, 1), way="none")
    page = await counter(stall, exchange, "close")
    assert "Closed." in page
    assert await refunds(stall) == [1990]
    async with stall.db.reading() as session:
        assert await counters(session, vases) == (2, 0, 0)


async def test_the_period_begins_when_the_parcel_really_arrived(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    stall.clock.advance(days=10)
    async with stall.db.transaction() as session:
        [parcel] = await parcels_of(session, order)
        await mark_delivered(
            session, stall.shop.key, order.key, parcel.shipment.key, by="Mia", now=stall.clock()
        )
    arrived = stall.clock()
    stall.clock.advance(days=13)
    case = await declare(stall, order, vase, 1)
    found = await the_view(stall, case)
    assert (found.until, found.in_time) == (last_day(arrived, 14, stall.shop.timezone), True)


async def test_a_withdrawal_by_letter_counts_from_the_day_it_came(stall: Stall) -> None:
    order, _, _ = await two_lines(stall)
    await send(stall, order)
    vase, _ = await the_lines(stall, order)
    await stall.sign_in()
    today = stall.today
    for day in (today + timedelta(days=1), today - timedelta(days=400)):
        back = await stall.fan.send(f"/counter/orders/{order.key}/return", kind="withdrawal",
                                    came_on=day, **ticked(vase, 1))  # fmt: skip
        assert "Please enter the day on which it came" in await stall.fan.look(back)
    came = today - timedelta(days=3)
    await stall.fan.send(f"/counter/orders/{order.key}/return", kind="withdrawal", came_on=came,
                         **ticked(vase, 1))  # fmt: skip
    [case] = await the_cases(stall)
    found = (await the_view(stall, case)).deadline
    assert (found.on, found.days) == (came + timedelta(days=14), 11)
    page = await counter(stall, case, "close")
    assert "Please accept or reject it first." in page
