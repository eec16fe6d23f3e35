"""Money for orders: in time, slow, late, twice, back. All through the small Stripe."""

from pydantic import SecretStr

from core.events import record
from payments.events import PaymentSucceeded
from payments.failed_refunds import list_failed, note_paid_elsewhere
from promotions.deals import create_deal
from promotions.issuing import count_uses, create_code
from storefront.basket_filling import use_code
from storefront.events import OrderRefunded
from storefront.models import Basket, Variant
from storefront.orders.ending import cancel
from storefront.orders.models import Order
from storefront.orders.placing import place
from storefront.orders.refunding import refund_order
from storefront.orders.sending import mark_sent
from storefront.orders.states import status_of
from storefront.references import reference_of
from tests.payments.till import KEY
from tests.storefront.goods import a_basket, a_form, a_product
from tests.storefront.sales import an_order, pay_page, seen, stands, told
from tests.storefront.stall import Stall


async def test_an_order_whose_buyer_never_came_to_the_pay_page_expires_too(stall: Stall) -> None:
    order, variant = await an_order(stall)
    stall.till.pass_time(minutes=46)
    await stall.expire()
    assert await stands(stall, order, variant) == ("expired", (3, 0, 0))


async def test_while_stripe_cannot_be_asked_nothing_expires(stall: Stall) -> None:
    order, variant = await an_order(stall)
    await pay_page(stall, order)
    stall.till.pass_time(minutes=46)
    await stall.till.fault("503")
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "unpaid"
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "expired"


async def lapsed(stall: Stall) -> tuple[Order, Variant]:
    order, variant = await an_order(stall)
    stall.till.pass_time(minutes=46)
    await stall.expire()
    assert (await stands(stall, order, variant))[0] == "expired"
    return order, variant


async def late_money(stall: Stall, order: Order) -> None:
    """Banks surprise: told about an order that has ended."""
    async with stall.db.transaction() as session:
        record(session, PaymentSucceeded(stall.shop.key, reference_of(order.key),
                                         order.total_minor, "EUR"))  # fmt: skip


async def test_late_money_brings_an_expired_order_back_while_the_goods_are_there(
    each_stall: Stall,
) -> None:
    stall = each_stall
    order, variant = await lapsed(stall)
    await late_money(stall, order)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert await told(stall, order) == ["placed", "expired", "paid_late", "confirmed"]


async def test_a_cancelled_order_gives_everything_back(each_stall: Stall) -> None:
    stall = each_stall
    now = stall.clock()
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=3, now=now)
        deal = await create_deal(session, stall.shop.key, title="10 %", kind="percent",
                                 currency="EUR", percent=10, needs_code=True, now=now)  # fmt: skip
        code = await create_code(session, stall.shop.key, deal.key, code="ROSEN10", now=now)
        basket: Basket = await a_basket(session, stall.shop, variant, 2, now=now)
        await use_code(session, basket, "rosen 10", now=now)
        order = (await place(session, stall.shop, basket, a_form(basket), now=now)).order
        assert await count_uses(session, stall.shop.key, [code.key]) == {
            code.key: {"reserved": 1, "kept": 0}
        }
    assert (order.discount_minor, order.total_minor, order.code) == (498, 4482, "ROSEN10")
    page = await pay_page(stall, order)
    async with stall.db.transaction() as session:
        await cancel(session, stall.shop.key, order.key, by="customer", now=stall.clock())
        assert await count_uses(session, stall.shop.key, [code.key]) == {
            code.key: {"reserved": 0, "kept": 0}
        }
    assert await stands(stall, order, variant) == ("cancelled", (3, 0, 0))
    await stall.till.work()
    assert stall.till.open_sessions() == []
    assert page in [one["id"] for one in stall.till.at_stripe()]


async def test_a_refund_before_sending_cancels_and_tells_the_buyer(each_stall: Stall) -> None:
    stall = each_stall
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    async with stall.db.transaction() as session:
        await refund_order(session, stall.shop.key, order.key, reason="verwelkt", by="Anna",
                           now=stall.clock())  # fmt: skip
    assert (await stands(stall, order, variant))[1] == (3, 0, 0)
    await stall.till.work()
    stall.till.pass_time(seconds=30)
    await stall.till.work()
    assert (await stands(stall, order, variant))[0] == "refunded"
    [told_once] = seen(stall, OrderRefunded)
    assert told_once == OrderRefunded(stall.shop.key, order.key, None, 4980, "EUR", True)
    assert (await stall.mails())[-1].about == f"order:{order.key}:refunded:1"


async def test_what_was_sent_stays_sent_when_it_is_refunded(stall: Stall) -> None:
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Anna", now=stall.clock())
    assert await stands(stall, order, variant) == ("sent", (1, 0, 0))
    async with stall.db.transaction() as session:
        await refund_order(session, stall.shop.key, order.key, reason="", by="Anna",
                           now=stall.clock())  # fmt: skip
    stall.till.pass_time(seconds=30)
    await stall.till.work()
    assert await stands(stall, order, variant) == ("refunded", (1, 0, 0))


async def paid_twice_and_not_given_back(stall: Stall) -> tuple[Order, str]:
    """The second payment's own refund failed: a card that was closed meanwhile."""
    order, _ = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay_twice")
    await stall.till.work()
    [made] = stall.till.at_stripe("refund")
    await stall.till.control(f"/refunds/{made['id']}/fail")
    await stall.till.work()
    return order, made["payment_intent"]


async def test_a_second_payment_given_back_in_the_dashboard_is_no_refund_of_the_order(
    stall: Stall,
) -> None:
    order, second = await paid_twice_and_not_given_back(stall)
    client = stall.till.stripes.client_with(SecretStr(KEY))
    await client.v1.refunds.create_async({"payment_intent": second})
    await stall.till.work()
    fresh = await stall.last_order()
    assert (fresh.key, fresh.state) == (order.key, "confirmed")
    assert (fresh.paid_minor, fresh.refunded_minor, fresh.credited_minor) == (4980, 0, 0)
    assert seen(stall, OrderRefunded) == []


async def test_a_second_payment_given_back_with_the_order_is_counted_for_itself(
    stall: Stall,
) -> None:
    order, _ = await paid_twice_and_not_given_back(stall)
    async with stall.db.transaction() as session:
        await refund_order(session, stall.shop.key, order.key, reason="", by="Anna",
                           now=stall.clock())  # fmt: skip
    await stall.till.work()
    fresh = await stall.last_order()
    assert (fresh.paid_minor, fresh.refunded_minor, fresh.owed_minor) == (4980, 4980, 0)
    assert sorted(await stall.till.ledger()) == [
        ("capture", 4980), ("capture", 4980), ("refund", -4980), ("refund", -4980),
        ("refund", -4980), ("refund_failed", 4980),
    ]  # fmt: skip
    assert len(seen(stall, OrderRefunded)) == 1


async def test_a_refund_that_came_back_and_is_made_again_is_told_again(stall: Stall) -> None:
    order, _ = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    for number in range(2):
        async with stall.db.transaction() as session:
            await refund_order(session, stall.shop.key, order.key, reason="", by="Anna",
                               now=stall.clock())  # fmt: skip
        await stall.till.work()
        if number == 0:
            [made] = stall.till.at_stripe("refund")
            await stall.till.control(f"/refunds/{made['id']}/fail")
            await stall.till.work()
    told_of = [mail.about for mail in await stall.mails() if ":refunded:" in mail.about]
    assert told_of == [f"order:{order.key}:refunded:1", f"order:{order.key}:refunded:2"]


async def test_a_second_payment_paid_back_by_transfer_is_no_refund_of_the_order(
    stall: Stall,
) -> None:
    order, _ = await paid_twice_and_not_given_back(stall)
    async with stall.db.transaction() as session:
        [failed] = await list_failed(session, stall.shop.key)
        await note_paid_elsewhere(
            session, stall.shop.key, failed.refund.key, by="Anna", now=stall.clock()
        )
    fresh = await stall.last_order()
    assert (fresh.paid_minor, fresh.refunded_minor, fresh.refunded_at) == (4980, 0, None)
    assert (fresh.concerns, status_of(fresh).name) == ([], "paid")
    assert "paid_back_elsewhere" in await told(stall, order)
