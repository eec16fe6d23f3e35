"""Amounts as Stripe wants them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from payments.amounts import check_payable, from_stripe, to_stripe
from payments.errors import AmountNotPayable, AmountTooSmall


@pytest.mark.parametrize(
    ("minor", "currency", "sent"),
    [
        (1290, "EUR", 1290),
        (1290, "JPY", 1290),
        (1290, "ISK", 129000),
        (1290, "UGX", 129000),
        (129000, "HUF", 129000),
        (12340, "KWD", 12340),
        (129000, "MGA", 1290),
        (0, "EUR", 0),
    ],
)
def test_amounts_go_out_and_come_back(minor: int, currency: str, sent: int) -> None:
    assert to_stripe(Money(minor, currency)) == sent
    assert from_stripe(sent, currency.lower()) == Money(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency"),
    [
        (12345, "KWD"),
        (129050, "MGA"),
        (1000, "IQD"),
        (-1, "EUR"),
        (100_000_000, "EUR"),
        (1_000_000, "ISK"),
    ],
)
def test_what_stripe_cannot_say_is_refused_before_it_is_asked(minor: int, currency: str) -> None:
    with pytest.raises(AmountNotPayable):
        to_stripe(Money(minor, currency))


def test_what_stripe_says_must_exist_in_its_currency() -> None:
    with pytest.raises(ValueError, match="does not have"):
        from_stripe(12345, "isk")


@given(
    st.integers(0, 99_999_999),
    st.sampled_from(["EUR", "JPY", "ISK", "UGX", "HUF", "TWD", "KWD", "MGA", "CHF", "RSD"]),
)
def test_every_amount_comes_back_as_it_was_or_is_refused(minor: int, currency: str) -> None:
    try:
        sent = to_stripe(Money(minor, currency))
    except AmountNotPayable:
        return
    assert from_stripe(sent, currency.lower()) == Money(minor, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "is_enough"),
    [
        (50, "EUR", True),
        (49, "EUR", False),
        (30, "GBP", True),
        (249, "DKK", False),
        (50, "JPY", True),
        (49, "JPY", False),
        (1, "PLN", True),
    ],
)
def test_small_amounts_are_caught_where_the_minimum_is_known(
    minor: int, currency: str, is_enough: bool
) -> None:
    if is_enough:
        check_payable(Money(minor, currency), "de")
    else:
        with pytest.raises(AmountTooSmall):
            check_payable(Money(minor, currency), "de")
