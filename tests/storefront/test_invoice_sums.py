"""What an invoice adds up to, whatever was bought and however it is taken back."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, split
from core.shops import Shop
from storefront.invoices.balancing import Said, Wanting, find_wanting
from storefront.invoices.composing import cancel_rows, cancel_whole, compose
from storefront.invoices.content import Content, Earlier, Rate, Row, Seller
from storefront.invoices.numbering import number_text
from storefront.invoices.splitting import added
from storefront.orders.models import Order, OrderLine

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHOP = Shop(id=1, slug="blumen", name="Blumen", created_at=NOW)
SELLER = Seller(name="Mia", street="Markt 3", postcode="01067", town="Dresden", country="DE",
                tax_number="201/1")  # fmt: skip
FIRST = Earlier(number="1", on=date(2026, 11, 22))
SAID = Said("Refund", "Before", "Again", "Delivery", "Loss: %(name)s")
RATES = st.sampled_from([0, 700, 1900])

bought = st.tuples(st.integers(1, 20), st.integers(0, 50_000), RATES)


def contained(gross: int, tax_bp: int) -> int:
    return round(gross * tax_bp / (10_000 + tax_bp))


def an_order(
    wares: list[tuple[int, int, int]], percent: int, shipping: int, currency: str, small: bool
) -> tuple[Order, list[OrderLine]]:
    goods = sum(quantity * unit for quantity, unit, _ in wares)
    discounts = split(Money(goods * percent // 100, currency), [q * u for q, u, _ in wares])
    lines = [
        OrderLine(
            shop_id=1, order_id=1, variant_id=1, product_id=1, name="Rosen", quantity=quantity,
            unit_minor=unit, discount_minor=off.minor, total_minor=quantity * unit - off.minor,
            tax_bp=tax_bp, tax_minor=contained(quantity * unit - off.minor, tax_bp),
        )
        for (quantity, unit, tax_bp), off in zip(wares, discounts, strict=True)
    ]  # fmt: skip
    discount = sum(line.discount_minor for line in lines)
    values: dict[str, Any] = {
        "currency": currency, "goods_minor": goods, "discount_minor": discount,
        "shipping_minor": shipping, "shipping_tax_bp": 1900,
        "shipping_tax_minor": contained(shipping, 1900), "small_business": small,
        "total_minor": goods - discount + shipping,
    }  # fmt: skip
    order = Order(id=1, shop_id=1, number=1001, token="t", name="Anna", email="anna@example.org",
                  placed_at=NOW, expires_at=NOW, paid_at=NOW, **values)  # fmt: skip
    return order, lines


def adds_up(content: Content) -> None:
    rows = content.rows
    assert content.goods_minor - content.discount_minor + content.shipping_minor == (
        content.total_minor
    )
    assert sum(row.total_minor for row in rows) + content.shipping_minor == content.total_minor
    assert all(fits(row) for row in rows)
    assert sum(rate.gross_minor for rate in content.rates) == content.total_minor
    taxes: dict[int, int] = {}
    for row in rows:
        taxes[row.tax_bp] = taxes.get(row.tax_bp, 0) + row.tax_minor
    if content.shipping_minor:
        rate = content.shipping_tax_bp
        taxes[rate] = taxes.get(rate, 0) + content.shipping_tax_minor
    assert taxes == {rate.tax_bp: rate.tax_minor for rate in content.rates}


def fits(row: Row) -> bool:
    return row.unit_minor * row.quantity - row.discount_minor == row.total_minor


@given(
    wares=st.lists(bought, min_size=1, max_size=100),
    percent=st.sampled_from([0, 7, 33, 100]),
    shipping=st.sampled_from([0, 490]),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    small=st.booleans(),
    data=st.data(),
)
def test_sums_hold_however_it_is_taken_back(
    *,
    wares: list[tuple[int, int, int]],
    percent: int,
    shipping: int,
    currency: str,
    small: bool,
    data: st.DataObject,
) -> None:
    order, lines = an_order(wares, percent, shipping, currency, small)
    content = compose(SHOP, order, lines, SELLER, issued_on=date(2026, 11, 22))
    adds_up(content)
    left = content.rates
    cuts = data.draw(st.lists(st.integers(0, order.total_minor), max_size=6))
    marks = sorted({0, order.total_minor, *cuts})
    for former, mark in pairwise(marks):
        owed = Money(order.total_minor - mark, currency)
        wanting = find_wanting(left, Wanting(), owed, content.rates, SAID)
        assert wanting.more == []
        back = cancel_rows(content, wanting.back, [FIRST])
        adds_up(back)
        assert back.total_minor == former - mark
        assert all(rate.gross_minor <= rate.tax_minor <= 0 for rate in back.rates)
        left = added(left, back.rates)
        assert find_wanting(left, Wanting(), owed, content.rates, SAID) == Wanting()
    assert [(one.gross_minor, one.tax_minor) for one in left] == [(0, 0)] * len(left) or not (
        order.total_minor
    )
    whole = cancel_whole(content, number="1", issued_on=FIRST.on)
    adds_up(whole)
    assert added(content.rates, whole.rates) == [
        Rate(tax_bp=one.tax_bp, gross_minor=0, tax_minor=0) for one in content.rates
    ]


def test_numbers_read_as_people_write_them() -> None:
    assert number_text("", 2026, 123) == "2026-000123"
    assert number_text("RE", 2026, 1_234_567) == "RE-2026-1234567"
