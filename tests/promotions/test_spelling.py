"""Codes as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promotions.spelling import ALPHABET, check_fits, fold, generate, looks_generated, spell


@pytest.mark.parametrize(
    "typed",
    [
        "ROSEN10",
        "rosen10",
        " rosen 10 ",
        "ROSEN-10",
        "Rosen–10",
        "ROSEN1O",
        "R0SENl0",
        "ｒｏｓｅｎ10",
    ],
)
def test_these_are_all_one_code(typed: str) -> None:
    assert fold(typed) == fold("ROSEN10")


def test_umlauts_may_be_written_out() -> None:
    assert fold("FRÜHLING") == fold("fruehling") == fold("Fru\u0308hling")
    assert fold("Grüße") == fold("GRUESSE")


def test_a_code_is_shown_in_capitals_without_gaps() -> None:
    assert spell(" frühlings-gruß 5 ") == "FRÜHLINGSGRUSS5"
    assert spell("- . /") == ""


def test_generated_codes_have_ten_characters_without_lookalikes_and_one_that_checks() -> None:
    made = {generate() for _ in range(300)}
    assert len(made) == 300
    for code in made:
        assert len(code) == 11
        assert set(code) <= set(ALPHABET)
        assert fold(code) == code
        assert check_fits(code)
    assert not set("01OILSBZAEU") & set(ALPHABET)


@given(st.integers(0, 10), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(place: int, wrong: str) -> None:
    code = generate()
    typed = code[:place] + wrong + code[place + 1 :]
    assert check_fits(typed) == (typed == code)
    assert looks_generated(typed)


@given(st.integers(0, 10), st.integers(0, 10))
def test_two_swapped_characters_are_always_noticed(one: int, other: int) -> None:
    code = generate()
    typed = list(code)
    typed[one], typed[other] = typed[other], typed[one]
    assert check_fits("".join(typed)) == ("".join(typed) == code)
