"""Ways in which other shops gave money back twice, or a wrong amount of it."""

import json

import pytest

from core.money import Money
from payments.errors import PaymentsUnavailable
from payments.giving_back import send_refund
from payments.hearsay import look_at_refund
from payments.models import Refund
from payments.refunds import request_refund
from sandbox.webhooks import Delivery
from storefront.events import OrderRefunded
from storefront.orders.models import Order
from storefront.references import reference_of
from tests.pitfalls.books import books, charged, deal_in, everything, fresh, given_back, letters
from tests.storefront.sales import an_order, pay_page, seen, stands
from tests.storefront.stall import Stall


async def give_back(stall: Stall, order: Order, minor: int) -> Refund:
    async with stall.db.transaction() as session:
        return await request_refund(
            session, stall.shop.key, reference_of(order.key), Money(minor, order.currency),
            reason="Vase zerbrochen", by="Mia", now=stall.clock(),
        )  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["cut_after_success", "timeout_after_success", "500_after_success"]
)
async def test_a_refund_heard_of_before_its_id_is_known_is_counted_once(
    each_stall: Stall, kind: str
) -> None:
    """As seen at Gumroad, in WooCommerce Payments and Solidus: the webhook came before the id
    was written down, and the partial refund was entered a second time."""
    stall = each_stall
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    refund = await give_back(stall, order, 980)
    await stall.till.fault(kind, "/v1/refunds", method="POST")
    with pytest.raises(PaymentsUnavailable):
        await stall.till.run(send_refund, refund_id=refund.key)
    [made] = stall.till.at_stripe("refund")
    await stall.till.run(look_at_refund, shop_id=stall.shop.key, refund_id=made["id"])
    await stall.till.work()
    await stall.till.run(send_refund, refund_id=refund.key)
    [row] = await stall.till.refunds(reference_of(order.key))
    assert (row.key, row.state, row.cause) == (refund.key, "succeeded", "asked")
    assert await stall.till.ledger() == [("capture", 4980), ("refund", -980)]
    assert given_back(stall.till) == [980]
    assert (await fresh(stall, order)).refunded_minor == 980
    assert len(seen(stall, OrderRefunded)) == 1
    assert (await books(stall, order)).refundable == Money(4000, "EUR")
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))


async def test_news_of_an_earlier_refund_never_hit_a_later_one(stall: Stall) -> None:
    """As seen in WooCommerce: only the last refund's id was kept, so replays and the failure of
    an earlier one were taken for news of the last."""
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    first = await give_back(stall, order, 1000)
    await stall.till.work()
    second = await give_back(stall, order, 500)
    await stall.till.work()
    before = await everything(stall, order, variant)
    about_first = await _news_of(stall, first)
    for one in about_first:
        stall.till.sender.repeat(one)
    await stall.till.work()
    assert await everything(stall, order, variant) == before
    [made, _] = stall.till.at_stripe("refund")
    await stall.till.control(f"/refunds/{made['id']}/fail")
    await stall.till.work()
    states = [(one.key, one.state) for one in await stall.till.refunds(reference_of(order.key))]
    assert states == [(first.key, "failed"), (second.key, "succeeded")]
    assert await stall.till.ledger() == [
        ("capture", 4980), ("refund", -1000), ("refund", -500), ("refund_failed", 1000),
    ]  # fmt: skip
    failed = await fresh(stall, order)
    assert (failed.refunded_minor, failed.concerns) == (500, ["refund_failed"])
    assert (await books(stall, order)).refundable == Money(4480, "EUR")
    before = await everything(stall, order, variant)
    for one in await _news_of(stall, first):
        stall.till.sender.repeat(one)
    await stall.till.work()
    assert await everything(stall, order, variant) == before
    assert await letters(stall, order) == ["received", "paid", "refunded", "refunded"]


async def _news_of(stall: Stall, refund: Refund) -> list[Delivery]:
    [row] = [one for one in await stall.till.refunds("order-1") if one.key == refund.key]
    return [
        one
        for one in stall.till.sender.about("stripe:refund")
        if json.loads(one.body)["data"]["object"]["id"] == row.stripe_id
    ]


@pytest.mark.parametrize(
    ("currency", "price", "back", "at_stripe"),
    [
        ("JPY", 1500, 700, (3000, 700)),
        ("ISK", 1500, 700, (300_000, 70_000)),
        ("UGX", 9000, 700, (1_800_000, 70_000)),
        ("HUF", 150_000, 70_000, (300_000, 70_000)),
        ("TWD", 150_000, 70_000, (300_000, 70_000)),
        ("KWD", 1500, 710, (3000, 710)),
        ("JOD", 1500, 710, (3000, 710)),
    ],
)
async def test_a_refund_is_counted_in_the_decimals_of_its_currency(
    stall: Stall, currency: str, price: int, back: int, at_stripe: tuple[int, int]
) -> None:
    """As seen in Eventyay: every amount was divided by 100."""
    await deal_in(stall, currency)
    order, _ = await an_order(stall, price=price)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    await give_back(stall, order, back)
    await stall.till.work()
    assert (charged(stall.till), given_back(stall.till)) == ([at_stripe[0]], [at_stripe[1]])
    assert await stall.till.ledger() == [("capture", 2 * price), ("refund", -back)]
    assert (await fresh(stall, order)).refunded_minor == back
    assert (await books(stall, order)).refundable == Money(2 * price - back, currency)
