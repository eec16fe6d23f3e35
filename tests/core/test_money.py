"""Money: whole minor units, sums that hold, and what people type."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import LARGEST_MINOR, MixedCurrencies, Money, parse, share, split, total, zero

EURO = "EUR"
amounts = st.integers(-(10**12), 10**12)


def eur(minor: int) -> Money:
    return Money(minor, EURO)


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("12,90", "EUR", 1290),
        ("12.90", "EUR", 1290),
        ("12,9", "EUR", 1290),
        ("12", "EUR", 1200),
        ("12,", "EUR", 1200),
        ("1.234,50", "EUR", 123450),
        ("1,234.50", "EUR", 123450),
        ("1.234.567", "EUR", 123456700),
        ("1'234.50", "CHF", 123450),
        ("12 €", "EUR", 1200),
        ("€12.90", "EUR", 1290),
        (" 12,90\u00a0EUR ", "EUR", 1290),
        ("-5", "EUR", -500),
        ("0", "EUR", 0),
        ("500", "JPY", 500),
        ("500,00", "JPY", 500),
        ("1.234", "KWD", 1234),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, currency: str, minor: int) -> None:
    assert parse(typed, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "abc", "12,345", "1.234", "1.2.3", "1,23,45.60", "1.234,567", "--5", "+5", "1e3",
     "1_000", "NaN", "sNaN", "Infinity", "１２", "12,90,", ",", ".", "-", "1,234,567,89", "12 USD",
     "99999999999999999999999999999999999999", "20000000,01", "0x10", "1\n2,5x"],
)  # fmt: skip
def test_what_is_no_amount_in_euro_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        parse(typed, EURO)


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_refused_with_a_value_error(typed: str) -> None:
    try:
        money = parse(typed, EURO)
    except ValueError:
        return
    assert abs(money.minor) <= LARGEST_MINOR


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_is_shown_can_be_typed_again(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    plain = f"{money.amount:f}"
    assert parse(plain, currency) == money
    assert parse(plain.replace(".", ","), currency) == money
    assert parse(plain.replace("-", "\u2212"), currency) == money


@pytest.mark.parametrize(
    ("money", "german", "english"),
    [
        (Money(129000, "EUR"), "1.290,00\u00a0€", "€1,290.00"),
        (Money(5, "EUR"), "0,05\u00a0€", "€0.05"),
        (Money(-1290, "EUR"), "\u221212,90\u00a0€", "\u2212€12.90"),
        (Money(500, "JPY"), "500\u00a0¥", "¥500"),
        (Money(1234, "KWD"), "1,234\u00a0KWD", "KWD1.234"),
    ],
)
def test_amounts_are_written_as_the_reader_writes_them(
    money: Money, german: str, english: str
) -> None:
    assert (money.text("de"), money.text("en")) == (german, english)


def test_a_fraction_of_a_cent_is_no_money() -> None:
    for wrong in (1.5, Decimal(1), "1", True):
        with pytest.raises(TypeError):
            Money(wrong, EURO)  # type: ignore[arg-type]
    for wrong in ("eur", "EURO", ""):
        with pytest.raises(ValueError, match="currency"):
            Money(1, wrong)


def test_currencies_never_mix() -> None:
    with pytest.raises(MixedCurrencies):
        eur(1) + Money(1, "USD")
    with pytest.raises(MixedCurrencies):
        total([eur(1), Money(1, "USD")], EURO)
    with pytest.raises(MixedCurrencies):
        assert eur(1) < Money(2, "USD")


def test_money_counts() -> None:
    assert eur(5) + eur(7) - eur(2) == eur(10)
    assert eur(5) * 3 == eur(15)
    assert -eur(5) < zero(EURO) <= eur(0)
    assert not zero(EURO)
    assert eur(1)
    assert total([], EURO) == zero(EURO)
    assert total([eur(1), eur(2)], EURO) == eur(3)
    assert eur(1290).amount == Decimal("12.90")


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_the_parts_of_a_split_add_up_and_none_is_off_by_a_whole_unit(
    minor: int, weights: list[int]
) -> None:
    parts = split(eur(minor), weights)
    assert total(parts, EURO) == eur(minor)
    assert len(parts) == len(weights)
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        if whole:
            assert abs(Decimal(part.minor) - Decimal(minor) * weight / whole) < 1
            assert weight or part.minor == 0


def test_ties_in_a_split_go_to_the_earlier_part() -> None:
    assert split(eur(100), [1, 1, 1]) == [eur(34), eur(33), eur(33)]
    assert split(eur(-100), [1, 1, 1]) == [eur(-34), eur(-33), eur(-33)]
    assert split(eur(5), [0, 0]) == [eur(5), eur(0)]


@given(amounts, st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_rounded_half_up(minor: int, numerator: int, denominator: int) -> None:
    exact = Decimal(minor) * numerator / denominator
    assert abs(share(eur(minor), numerator, denominator).minor - exact) <= Decimal("0.5")


def test_half_a_cent_goes_away_from_zero() -> None:
    assert share(eur(5), 1, 2) == eur(3)
    assert share(eur(-5), 1, 2) == eur(-3)
    assert share(eur(1000), 1900, 11900) == eur(160)
