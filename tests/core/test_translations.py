"""German and English."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.translations import Translations, choose_locale


@pytest.fixture
def translations(tmp_path: Path) -> Translations:
    (tmp_path / "de").mkdir()
    (tmp_path / "de/a.po").write_text('msgid "Basket"\nmsgstr "Warenkorb"\n', encoding="utf-8")
    (tmp_path / "de/b.po").write_text(
        'msgid "Order"\nmsgstr "Bestellung"\n\n'
        'msgid "%(num)s piece"\nmsgid_plural "%(num)s pieces"\n'
        'msgstr[0] "%(num)s Stück"\nmsgstr[1] "%(num)s Stücke"\n',
        encoding="utf-8",
    )
    return Translations(tmp_path)


def test_every_room_brings_its_own_sentences(translations: Translations) -> None:
    german = translations.translator("de")
    assert (german("Basket"), german("Order")) == ("Warenkorb", "Bestellung")
    assert german("never translated") == "never translated"
    plural = translations.catalogue("de").ngettext
    assert plural("%(num)s piece", "%(num)s pieces", 2) == "%(num)s Stücke"


@pytest.mark.parametrize("locale", ["en", "fr", "", "xx-YY"])
def test_english_is_for_everybody_else(translations: Translations, locale: str) -> None:
    assert translations.translator(locale)("Basket") == "Basket"


def test_a_region_does_not_matter(translations: Translations) -> None:
    assert translations.translator("de_AT")("Basket") == "Warenkorb"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,en;q=0.5,de;q=0.7", "de"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr", "de"),
        ("", "de"),
        ("*", "de"),
        ("en;q=x, de;q=0.1", "de"),
        ("en;q=nan", "de"),
    ],
)
def test_the_browsers_wish_is_read_by_its_weights(header: str, chosen: str) -> None:
    assert choose_locale(header, default="de") == chosen


@given(st.text(max_size=100))
def test_any_header_gives_a_language(header: str) -> None:
    assert choose_locale(header, default="en") in {"de", "en"}
