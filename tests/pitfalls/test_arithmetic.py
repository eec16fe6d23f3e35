"""Ways in which other shops lost a cent, or a factor of a hundred."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.money import Money, parse, share, split
from payments.amounts import from_stripe, to_stripe
from payments.errors import AmountNotPayable
from payments.pay_page import CheckoutOrder, session_params
from promotions.deals import create_deal
from promotions.pricing import PriceLine, Rule, price
from storefront.events import OrderPlaced
from storefront.orders.finding import lines_of
from storefront.orders.tax import tax_rows
from storefront.storefronts import edit_storefront
from tests.pitfalls.books import books, charged, come_back, deal_in, fresh
from tests.storefront.goods import a_product, counters
from tests.storefront.sales import an_order, pay_page, seen, stands
from tests.storefront.stall import Stall

# What one unit of the currency is at Stripe, by hand and not from the code under test: digits we
# count in, digits Stripe counts in, and what an amount there must be a multiple of.
WORLD = {
    "EUR": (2, 2, 1), "JPY": (0, 0, 1), "ISK": (0, 2, 100), "UGX": (0, 2, 100),
    "HUF": (2, 2, 1), "TWD": (2, 2, 1), "KWD": (3, 3, 10), "JOD": (3, 3, 10),
}  # fmt: skip
CURRENCIES = st.sampled_from(sorted(WORLD))


async def test_half_a_cent_is_rounded_up_and_the_rounded_amount_is_paid_in_full(
    stall: Stall,
) -> None:
    """As seen in Medusa: 2.675 was cut, not rounded; 98.9009 against 98.90 stayed `partially
    captured` for ever; an amount that was no whole number was refused."""
    assert share(Money(535, "EUR"), 1, 2) == Money(268, "EUR")
    now = stall.clock()
    async with stall.db.transaction() as session:
        await create_deal(session, stall.shop.key, title="3 %", kind="percent", currency="EUR",
                          percent=3, now=now)  # fmt: skip
    order, variant = await an_order(stall, pieces=1, quantity=1, price=10_196)
    assert (order.discount_minor, order.total_minor) == (306, 9890)
    await stall.till.buyer(await pay_page(stall, order), "pay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (1, 0, 1))
    standing = await books(stall, order)
    assert (standing.word, standing.captured) == ("paid", Money(9890, "EUR"))
    assert charged(stall.till) == [9890]


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
async def test_a_discount_of_everything_needs_no_payment_at_all(
    stall: Stall, currency: str
) -> None:
    """As seen in Medusa: 100 % off made a payment of nothing, which nothing ever finished."""
    await deal_in(stall, currency)
    async with stall.db.transaction() as session:
        await create_deal(session, stall.shop.key, title="100 %", kind="percent",
                          currency=currency, percent=100, now=stall.clock())  # fmt: skip
    order, variant = await an_order(stall)
    assert (order.total_minor, order.tax_minor) == (0, 0)
    assert await stands(stall, order, variant) == ("paid", (3, 0, 2))
    assert "Thank you! Your order is paid." in await come_back(stall, order)
    assert stall.till.asked("POST", "/v1") == []


@pytest.mark.parametrize(
    ("currency", "unit", "percent", "why"),
    [
        ("EUR", 490, 90, "The smallest amount that can be paid online is 0,50"),
        ("KWD", 1234, 10, "This amount cannot be paid online."),
        ("JOD", 1234, 10, "This amount cannot be paid online."),
    ],
)
async def test_what_stripe_cannot_charge_is_said_before_it_is_ordered(
    stall: Stall, currency: str, unit: int, percent: int, why: str
) -> None:
    """As seen in Medusa with JOD: the amount was refused only when it was to be paid, so an
    order stood there that nobody could pay and that kept the goods from everybody else."""
    await deal_in(stall, currency)
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, price=unit, now=stall.clock())
        await create_deal(session, stall.shop.key, title="Viel", kind="percent",
                          currency=currency, percent=percent, now=stall.clock())  # fmt: skip
    on = await stall.fan.send("/s/blumen/basket/add", variant=variant.key, quantity=1)
    base = on.removesuffix("basket")
    form: dict[str, Any] = await stall.form(stall.fan, base)
    assert why.replace("0,50", "€0.50") in await stall.fan.send(f"{base}order/place", 422, **form)
    assert await stall.placed() == []
    assert seen(stall, OrderPlaced) == []
    assert await stall.mails() == []
    assert stall.till.asked("POST", "/v1") == []
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (10, 0, 0)


@pytest.mark.parametrize("currency", ["KWD", "JOD"])
async def test_a_percentage_takes_off_what_can_be_charged(stall: Stall, currency: str) -> None:
    """Three decimals, the last of which Stripe wants to be zero: 10 % of 1.230 is 0.120 here."""
    await deal_in(stall, currency)
    async with stall.db.transaction() as session:
        await create_deal(session, stall.shop.key, title="Viel", kind="percent",
                          currency=currency, percent=10, now=stall.clock())  # fmt: skip
    order, _ = await an_order(stall, quantity=1, price=1230)
    assert order.total_minor == 1110
    await stall.till.buyer(await pay_page(stall, order), "pay")
    assert charged(stall.till) == [1110]


LINES = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 500_000), st.sampled_from([0, 700, 1900, 2550])),
    min_size=1, max_size=6,
)  # fmt: skip


def lines_from(drawn: list[tuple[int, int, int]], currency: str) -> list[PriceLine]:
    return [
        PriceLine(variant_id=at, product_id=at, quantity=count, unit=Money(unit, currency),
                  tax_bp=rate)
        for at, (count, unit, rate) in enumerate(drawn)
    ]  # fmt: skip


@given(CURRENCIES, LINES, st.integers(0, 99), st.integers(0, 5000))
@example("EUR", [(1, 199, 1900), (1, 199, 1900), (1, 199, 1900)], 0, 0)
@example("EUR", [(3, 333, 700), (1, 1, 1900)], 10, 490)
def test_the_vat_of_the_lines_and_of_the_whole_never_tell_different_sums(
    currency: str, drawn: list[tuple[int, int, int]], percent: int, shipping: int
) -> None:
    """As seen in WooCommerce: VAT rounded by line here and by total there. Here it is rounded
    for each line, half up, as a part of a gross amount; everything else is only added."""
    rule = Rule(deal_id=1, title="", kind="percent", percent=percent or 1)
    quote = price(
        lines_from(drawn, currency), shipping=Money(shipping, currency), shipping_tax_bp=1900,
        rules=[rule] if percent else [],
    )  # fmt: skip
    by_hand = [
        int(
            (Decimal(gross) * rate / (10_000 + rate)).quantize(Decimal(1), ROUND_HALF_UP)
        )
        for gross, rate in [
            *((line.total.minor, line.tax_bp) for line in quote.lines), (shipping, 1900),
        ]
    ]  # fmt: skip
    assert [line.tax.minor for line in quote.lines] + [quote.shipping_tax.minor] == by_hand
    assert sum(one.amount.minor for one in quote.tax_by_rate.values()) == sum(by_hand)
    assert sum(one.gross.minor for one in quote.tax_by_rate.values()) == quote.total.minor


async def test_the_receipts_vat_is_the_sum_of_its_lines(stall: Stall) -> None:
    """The same in the database, where the order page and the letters read it."""
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, shipping_fee_minor=490)
    order, _ = await an_order(stall, pieces=9, quantity=3, price=333, tax_bp=1900)
    async with stall.db.reading() as session:
        rows = tax_rows(order, await lines_of(session, order))
    assert [(one.tax_bp, one.gross.minor, one.tax.minor) for one in rows] == [(1900, 1489, 238)]
    assert order.tax_minor == 238


AMOUNTS = st.integers(0, 400_000)


@settings(max_examples=200, deadline=None)
@given(
    CURRENCIES, st.lists(st.tuples(st.integers(1, 9), AMOUNTS), min_size=1, max_size=110), AMOUNTS
)
@example("EUR", [(3, 1000)], 0)
@example("EUR", [(1, 333), (1, 333), (1, 334)], 0)
@example("KWD", [(1, 1235), (1, 1235)], 0)
def test_the_lines_on_the_pay_page_add_up_to_the_order(
    currency: str, drawn: list[tuple[int, int]], shipping: int
) -> None:
    """As seen in WooCommerce Payments: 10.00 became 3 × 3.33."""
    lines = [(f"Blume {at}", count, total) for at, (count, total) in enumerate(drawn)]
    order = CheckoutOrder(
        lines, shipping, None, "de", "https://x.example", "https://x.example",
        datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    amount = Money(order.total_minor, currency)
    try:
        wanted = to_stripe(amount)
    except AmountNotPayable:
        return
    params = session_params(
        order, amount, reference="order-1", metadata={},
        expires_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    items = params["line_items"]
    sums = [one["price_data"]["unit_amount"] * one["quantity"] for one in items]
    assert sum(sums) == wanted
    assert len(items) <= 100
    step = WORLD[currency][2]
    assert all(one["price_data"]["unit_amount"] % step == 0 for one in items)


async def test_three_pieces_for_ten_euros_cost_ten_euros(stall: Stall) -> None:
    """The discount that makes it so, through the database and Stripe."""
    async with stall.db.transaction() as session:
        await create_deal(session, stall.shop.key, title="Drei für zehn", kind="amount",
                          currency="EUR", amount=Money(497, "EUR"), now=stall.clock())  # fmt: skip
    order, variant = await an_order(stall, quantity=3, price=499)
    assert order.total_minor == 1000
    page = await pay_page(stall, order)
    [made] = stall.till.at_stripe()
    assert (made["amount_total"], sum(one["amount_total"] for one in made["_items"])) == (
        1000,
        1000,
    )
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    assert await stands(stall, order, variant) == ("paid", (3, 0, 3))
    assert [part.minor for part in split(Money(1000, "EUR"), [1, 1, 1])] == [334, 333, 333]


@pytest.mark.parametrize(
    ("currency", "shown", "minor", "at_stripe"),
    [
        ("EUR", "2.980,50 €", 298_050, 298_050),
        ("JPY", "2980", 2980, 2980),
        ("ISK", "2980 ISK", 2980, 298_000),
        ("UGX", "98000", 98_000, 9_800_000),
        ("HUF", "2.980,00", 298_000, 298_000),
        ("TWD", "2.980,00", 298_000, 298_000),
        ("KWD", "2,980", 2980, 2980),
        ("JOD", "29,800", 29_800, 29_800),
    ],
)
async def test_what_stripe_takes_is_what_the_merchant_typed(
    stall: Stall, currency: str, shown: str, minor: int, at_stripe: int
) -> None:
    """As seen in InvoicePlane, Paymenter, Cartalyst (JPY charged a hundredfold, and the check on
    the way back divided by the same hundred), Odoo and WordCamp (UGX), Medusa (JOD)."""
    assert parse(shown, currency) == Money(minor, currency)
    await deal_in(stall, currency)
    order, variant = await an_order(stall, quantity=1, price=minor)
    page = await pay_page(stall, order)
    [made] = stall.till.at_stripe()
    assert (made["amount_total"], made["currency"]) == (at_stripe, currency.lower())
    await stall.till.buyer(page, "pay")
    await stall.till.work()
    assert charged(stall.till) == [at_stripe]
    assert await stall.till.ledger() == [("capture", minor)]
    assert await stands(stall, order, variant) == ("paid", (3, 0, 1))
    assert (await fresh(stall, order)).concerns == []


@given(CURRENCIES, st.integers(0, 999_999_999))
def test_no_amount_reaches_stripe_in_the_wrong_unit(currency: str, minor: int) -> None:
    """Against the table above, which knows nothing of the product's own."""
    ours, theirs, step = WORLD[currency]
    sent = Decimal(minor).scaleb(theirs - ours)
    if sent % step or sent > 99_999_999:
        with pytest.raises(AmountNotPayable):
            to_stripe(Money(minor, currency))
        return
    assert to_stripe(Money(minor, currency)) == int(sent)
    assert from_stripe(int(sent), currency.lower()) == Money(minor, currency)
