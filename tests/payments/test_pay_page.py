"""What stands on Stripe's page always adds up to what was promised."""

from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from payments.pay_page import content_hash, session_params
from tests.payments.till import an_order

LINES = st.lists(
    st.tuples(st.text(max_size=300), st.integers(1, 50), st.integers(0, 100_000)),
    min_size=1, max_size=120,
)  # fmt: skip


@given(LINES, st.integers(0, 2000), st.sampled_from(["EUR", "JPY", "ISK"]))
def test_the_items_add_up_and_none_is_nameless(
    lines: list[tuple[str, int, int]], shipping: int, currency: str
) -> None:
    order = an_order(*lines, shipping=shipping)
    params = session_params(
        order, Money(order.total_minor, currency), reference="order-1", metadata={},
        expires_at=order.expires_at,
    )  # fmt: skip
    items = params["line_items"]
    factor = 100 if currency == "ISK" else 1
    total = sum(item["price_data"]["unit_amount"] * item["quantity"] for item in items)
    assert total == order.total_minor * factor
    assert len(items) <= 100
    for item in items:
        assert 1 <= len(item["price_data"]["product_data"]["name"]) <= 200
        assert item["price_data"]["unit_amount"] % factor == 0


def test_amounts_that_only_add_up_together_are_shown_together() -> None:
    order = an_order(("Oud", 1, 1234), ("Bukhoor", 1, 1236), shipping=0, locale="en", number="7")
    params = session_params(
        order, Money(2470, "KWD"), reference="order-1", metadata={}, expires_at=order.expires_at
    )
    [item] = params["line_items"]
    assert item["price_data"]["unit_amount"] == 2470
    assert item["price_data"]["product_data"]["name"] == "Order 7"


def test_only_what_the_buyer_sees_makes_a_new_page() -> None:
    order, amount = an_order(), Money(2980, "EUR")
    later = an_order(expires_at=order.expires_at.replace(year=2099))
    assert content_hash(order, amount) == content_hash(later, amount)
    for other in (an_order(locale="en"), an_order(email=None), an_order(("Rosen", 2, 2490))):
        assert content_hash(other, amount) != content_hash(order, amount)
    assert content_hash(order, Money(2980, "CHF")) != content_hash(order, amount)
