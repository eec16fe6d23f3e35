"""Words: umlauts, endings and slips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.words import allowed_slips, fold, slips, stem, wanted, words


@pytest.mark.parametrize(
    "spellings",
    [
        ("Sträuße", "Straeusse", "STRÄUSSE", "sträusse"),
        ("Frühling", "Fruehling", "fruhling"),
        ("Öl", "oel", "ol"),
        ("café", "Cafe"),
    ],
)
def test_spellings_of_one_word_fold_together(spellings: tuple[str, ...]) -> None:
    assert len({fold(one) for one in spellings}) == 1


@pytest.mark.parametrize("kept", ["neue", "bauer", "quelle", "blaue"])
def test_what_looks_like_an_umlaut_but_is_none_stays(kept: str) -> None:
    assert fold(kept) == kept


@pytest.mark.parametrize(
    "forms",
    [
        ("rose", "rosen"),
        ("rot", "rote", "roten", "roter", "rotes"),
        ("Strauß", "Strauße", "Sträuße", "Straußes"),
        ("Kranz", "Kränze", "Kränzen"),
        ("Glas", "Gläser"),
        ("Karte", "Karten"),
        ("bouquet", "bouquets"),
        ("rose", "roses"),
        ("Gutschein", "Gutscheine", "Gutscheinen"),
    ],
)
def test_forms_of_one_word_share_their_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(fold(form)) for form in forms}) == 1


def test_different_words_keep_different_stems() -> None:
    apart = ["rose", "rot", "tulpe", "vase", "glas", "kranz", "tee", "topf"]
    assert len({stem(fold(word)) for word in apart}) == len(apart)


@given(st.text(max_size=200))
def test_any_text_becomes_plain_words(text: str) -> None:
    for word in words(text):
        assert word.isascii()
        assert word.isalnum()
        assert 0 < len(stem(word)) <= len(word) <= 60


@given(st.text("abcdefg", max_size=9), st.text("abcdefg", max_size=9))
def test_slips_are_the_same_from_both_sides_and_none_only_between_equals(
    one: str, other: str
) -> None:
    assert slips(one, other, most=9) == slips(other, one, most=9)
    assert (slips(one, other, most=9) == 0) == (one == other)
    assert slips(one, other, most=1) == min(2, slips(one, other, most=9))


@pytest.mark.parametrize(
    ("typed", "meant", "count"),
    [("rosne", "rosen", 1), ("roosen", "rosen", 1), ("roen", "rosen", 1), ("rasen", "rosen", 1),
     ("tulpn", "tulpe", 1), ("vase", "rose", 2)],
)  # fmt: skip
def test_slips_are_counted(typed: str, meant: str, count: int) -> None:
    assert slips(typed, meant, most=3) == count


def test_short_words_are_not_guessed_at() -> None:
    assert [allowed_slips(word) for word in ("rot", "rose", "sonnenblume")] == [0, 1, 2]


def test_only_telling_words_are_searched_for() -> None:
    assert wanted("Haben Sie rote Rosen für meine Mutter?") == ["rote", "rosen", "mutter"]
    assert wanted("die der das") == ["die", "der", "das"]
    assert wanted("a b c ?!") == ["a", "b", "c"]
    assert wanted("Rosen rosen ROSEN") == ["rosen"]
