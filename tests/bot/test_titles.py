"""Titles people tap are never cut: each fits its place, in both languages."""

import ast
from collections.abc import Iterator

import pytest

from core.pages import ROOT
from core.translations import LOCALES, Translations
from inbox.limits import BUTTON_TITLE
from meta.profiles import GREETING, MENU_TITLE, QUESTION
from tests.house.msgids import modules

# Who makes something to tap, and how long its title may be there. Numbers from the Messenger
# Platform reference: buttons and quick replies 20, menu items 30, ice breakers 80.
LIMITS = {
    "button": BUTTON_TITLE,
    "hint": BUTTON_TITLE,
    "way": BUTTON_TITLE,
    "Button": BUTTON_TITLE,
    "QuickReply": BUTTON_TITLE,
    "MenuItem": MENU_TITLE,
    "Question": QUESTION,
}

# A merchant's own words and the verbs that make titles out of sentences: cut by inbox/limits.py.
NOT_OURS = {
    "variant.name", "self.say(sentence)", "title", "one.title", "reply.button",
}  # fmt: skip

SPEAKS = {"translate", "say", "_"}

Title = tuple[str, str, int]


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node) in LIMITS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def name_of(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def title_in(call: ast.Call) -> ast.expr | None:
    """A `Button` begins with its kind."""
    named = {one.arg: one.value for one in call.keywords}
    place = 1 if name_of(call) == "Button" else 0
    return call.args[place] if len(call.args) > place else named.get("title")


def sentence_of(title: ast.expr) -> str | None:
    """What is translated, or None for what is no sentence of ours."""
    if isinstance(title, ast.Call) and name_of(title) in SPEAKS and title.args:
        title = title.args[0]
    return title.value if isinstance(title, ast.Constant) and title.value else None  # type: ignore[return-value]


def titles() -> list[Title]:
    """Every title with where it stands and how long it may be."""
    found = []
    for place, call in calls():
        title = title_in(call)
        assert title is not None, f"{place}: where is the title of this?"
        sentence = sentence_of(title)
        if sentence is None:
            unknown = f"{place}: {ast.unparse(title)} is a title nobody can look up"
            assert ast.unparse(title) in NOT_OURS, unknown
        else:
            found.append((place, sentence, LIMITS[name_of(call)]))
    return found


def length(text: str) -> int:
    """As the platform counts: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


@pytest.fixture(scope="module")
def translations() -> Translations:
    return Translations(ROOT / "templates" / "locale")


def test_every_title_fits_its_place_in_both_languages(translations: Translations) -> None:
    assert len(titles()) > 35
    too_long = [
        (place, locale, said)
        for place, sentence, limit in titles()
        for locale in LOCALES
        if length(said := translations.translator(locale)(sentence)) > limit
    ]
    assert too_long == []


def test_every_title_is_there_in_german(translations: Translations) -> None:
    german = translations.catalogue("de")
    silent = {sentence for _, sentence, _ in titles() if german.gettext(sentence) == sentence}
    assert silent == set()


def test_no_two_titles_sound_the_same(translations: Translations) -> None:
    """Somebody who types a title off, or taps one of two, means one thing."""
    for locale in LOCALES:
        translate = translations.translator(locale)
        said = {sentence: translate(sentence).lower() for _, sentence, _ in titles()}
        assert len(set(said.values())) == len(said), locale


def test_the_greeting_fits_with_the_name_of_a_shop(translations: Translations) -> None:
    for locale in LOCALES:
        said = translations.translator(locale)(
            "Welcome to %(shop)s! A bot answers at once, a person soon."
        )
        assert (
            length(said % {"shop": "Blumen & Geschenke am Alten Markt, Inh. Mia Blum"}) <= GREETING
        )
