"""Ways in which other shops charged their customers twice."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import Reaction
from payments.checkouts import open_checkout
from payments.events import PaymentSucceeded
from storefront.events import OrderPaid
from storefront.orders.ending import cancel
from storefront.orders.finding import lines_of
from storefront.pay_links import checkout_order
from storefront.references import reference_of
from tests.payments.till import Till
from tests.payments.till import an_order as a_checkout
from tests.pitfalls.books import (
    answers,
    books,
    charged,
    come_back,
    everything,
    given_back,
    letters,
    status_page,
    time_passes,
)
from tests.storefront.sales import an_order, order_again, pay_page, seen, stands, told
from tests.storefront.stall import Reacting, Stall

CREATE = "/v1/checkout/sessions"


async def test_webhook_return_page_and_pay_button_at_one_moment_charge_once(
    each_stall: Stall,
) -> None:
    """As seen in Saleor: webhook and return page together made a second payment."""
    stall = each_stall
    order, variant = await an_order(stall)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await asyncio.gather(
        stall.till.work(),
        *(come_back(stall, order) for _ in range(3)),
        *(stall.fan.send(f"{status_page(order)}/pay", 409) for _ in range(3)),
    )
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert (charged(stall.till), given_back(stall.till)) == ([4980], [])
    assert len(stall.till.at_stripe()) == 1
    assert len(seen(stall, OrderPaid)) == 1
    assert await stall.till.ledger() == [("capture", 4980)]
    assert answers(stall.till) == {200}


@pytest.mark.parametrize(
    "kind", ["cut_after_success", "timeout_after_success", "500_after_success"]
)
async def test_trying_again_after_a_lost_answer_charges_once(stall: Stall, kind: str) -> None:
    """As seen in WooCommerce: the retry after a time-out charged a second time. After a stored
    500 a second page cannot be avoided; should the first be paid all the same, it goes back."""
    order, variant = await an_order(stall)
    await stall.till.fault(kind, CREATE, method="POST", seconds=1.2)
    assert "Nothing is lost" in await stall.fan.send(f"{status_page(order)}/pay", 503)
    link = await stall.fan.send(f"{status_page(order)}/pay")
    pages = [one["id"] for one in stall.till.at_stripe()]
    assert (len(pages), pages[-1]) == (2 if kind.startswith("500") else 1, link.rsplit("/", 1)[1])
    for page in reversed(pages):
        await stall.till.buyer(page, "pay")
        await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert sum(charged(stall.till)) - sum(given_back(stall.till)) == 4980
    assert len(given_back(stall.till)) == len(pages) - 1
    assert await letters(stall, order) == ["received", "paid"]


async def other_page(stall: Stall, order_id: int) -> str:
    """The same order with something else to see on its pay page."""
    [order] = [one for one in await stall.placed() if one.key == order_id]
    order.email = "anna.blum@example.org"
    async with stall.db.reading() as session:
        lines = await lines_of(session, order)
    url = await open_checkout(
        stall.db, stall.till.stripes, shop_id=stall.shop.key, reference=reference_of(order.key),
        order=checkout_order("http://shop.example", stall.shop, order, lines), clock=stall.clock,
    )  # fmt: skip
    return url.rsplit("/", 1)[1]


async def test_an_older_payment_that_succeeds_after_a_newer_one_goes_back(
    each_stall: Stall,
) -> None:
    """As seen in WooCommerce: a card check (3-D Secure) of the first try came through after the
    order was paid another way, and that money stayed with the shop."""
    stall = each_stall
    order, variant = await an_order(stall)
    first = await pay_page(stall, order)
    second = await other_page(stall, order.key)
    await stall.till.buyer(second, "pay")
    await stall.till.work()
    stall.till.world.accounts["acct_flowers"].things["checkout.session"][first]["status"] = "open"
    await stall.till.buyer(first, "pay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert (charged(stall.till), given_back(stall.till)) == ([4980, 4980], [4980])
    [back] = stall.till.at_stripe("refund")
    [older] = [one for one in stall.till.at_stripe() if one["id"] == first]
    assert (back["payment_intent"], back["reason"]) == (older["payment_intent"], "duplicate")
    assert await letters(stall, order) == ["received", "paid"]
    assert (await told(stall, order))[-1] == "paid_twice"
    assert len(seen(stall, OrderPaid)) == 1


async def test_money_on_a_given_up_orders_page_does_not_pay_for_the_next_order(
    stall: Stall,
) -> None:
    """As seen in Umbraco Commerce: the old page stayed open, was paid under the old order's
    number, and the event was thrown away."""
    old, variant = await an_order(stall, pieces=3, quantity=2)
    old_page = await pay_page(stall, old)
    async with stall.db.transaction() as session:
        await cancel(session, stall.shop.key, old.key, by="customer", now=stall.clock())
    new = await order_again(stall, variant, 3)
    new_page = await pay_page(stall, new)
    await stall.till.buyer(old_page, "pay")
    await stall.till.work()
    assert await stands(stall, new, variant) == ("unpaid", (3, 3, 0))
    assert (charged(stall.till), given_back(stall.till)) == ([4980], [4980])
    assert (await stands(stall, old, variant))[0] == "refunded"
    assert stall.till.open_sessions() == [new_page]
    await stall.till.buyer(new_page, "pay")
    await stall.till.work()
    assert await stands(stall, new, variant) == ("paid", (3, 0, 3))
    assert (charged(stall.till), given_back(stall.till)) == ([4980, 7470], [4980])


async def test_a_new_pay_page_ends_the_old_one_instead_of_forgetting_it(till: Till) -> None:
    """As seen in xPRO and Lago: the new session's id overwrote the old one, both could be paid."""
    first = await till.begin()
    await till.expect(3500)
    second = await till.open(a_checkout(("Rosenstrauß", 1, 3010)))
    assert till.open_sessions() == [second]
    assert first != second
    await till.work()
    assert await till.attempts() == ["superseded", "open"]
    assert till.told == []
    await till.buyer(first, "pay", 409)
    await till.buyer(second, "pay")
    await till.work()
    assert charged(till) == [3500]
    assert till.told == ["PaymentSucceeded"]
    assert await till.ledger() == [("capture", 3500)]


async def test_the_pay_button_in_several_tabs_opens_one_page_and_charges_once(
    each_stall: Stall,
) -> None:
    """As seen in WooCommerce Payments and Mollie's plugin."""
    stall = each_stall
    order, variant = await an_order(stall)
    links = await asyncio.gather(*(stall.fan.send(f"{status_page(order)}/pay") for _ in range(5)))
    assert len(set(links)) == 1
    [page] = [one["id"] for one in stall.till.at_stripe()]
    assert await stall.till.attempts() == ["open"]
    await stall.till.buyer(page, "pay")
    await stall.till.buyer(page, "pay", 409)
    await stall.till.work()
    assert "already paid" in await stall.fan.send(f"{status_page(order)}/pay", 409)
    assert charged(stall.till) == [4980]
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))


async def test_a_direct_debit_on_its_way_is_no_failure_to_be_paid_again(stall: Stall) -> None:
    """As seen at gameserverapp: `unpaid` was shown as an error, so buyers paid once more."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.buyer(page, "delay")
    shown = await come_back(stall, order)
    assert "With some banks this takes a few days." in shown
    assert "did not work" not in shown
    assert "Pay now" not in shown
    before = await everything(stall, order, variant)
    assert "on its way" in await stall.fan.send(f"{status_page(order)}/pay", 409)
    await stall.fan.send(f"{status_page(order)}/cancel", 409)
    assert await everything(stall, order, variant) == before
    assert len(stall.till.at_stripe()) == 1
    await stall.till.buyer(page, "settle")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert charged(stall.till) == [4980]


class CrashingOnce(Reacting):
    """Has done everything there is to do about a payment, and dies before it is written."""

    def __init__(self) -> None:
        super().__init__()
        self._crashes = iter([True])

    def __getitem__(self, kind: type) -> Sequence[Reaction]:
        more = [self._crash] if kind is PaymentSucceeded else []
        return [*super().__getitem__(kind), *more]

    async def _crash(self, session: AsyncSession, event: object) -> None:
        if next(self._crashes, False):
            raise RuntimeError("the disk is full")


async def test_a_webhook_that_crashes_is_not_shown_as_a_failed_payment(stall: Stall) -> None:
    """As seen in PrestaShop Checkout: the crash looked like a refusal, so the buyer ordered
    again. Here the whole transaction crashes once, and Stripe cannot be asked meanwhile."""
    order, variant = await an_order(stall)
    page = await pay_page(stall, order)
    await stall.till.work()
    stall.db.reactions = CrashingOnce()
    before = await everything(stall, order, variant)
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    assert (await everything(stall, order, variant))[:7] == before[:7]
    assert charged(stall.till) == [4980]
    await stall.till.fault("503", times=2)
    shown = await come_back(stall, order)
    assert "Your payment is being confirmed…" in shown
    assert "did not work" not in shown
    await stall.fan.send(f"{status_page(order)}/pay", 503)
    assert len(stall.till.at_stripe()) == 1
    await time_passes(stall, minutes=6)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert charged(stall.till) == [4980]
    assert (await books(stall, order)).captured.minor == 4980
    assert await letters(stall, order) == ["received", "paid"]
