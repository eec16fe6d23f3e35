"""Everything that is said is said in German too, with the same names and numbers in it."""

import re
from collections import defaultdict

from tests.house.msgids import all_texts, entries, in_code, in_templates

# Sentences by their looks that no customer and no shop ever reads in a page; with who reads them.
NOT_FOR_PAGES = {
    # Meta's handshake, answered to a developer's console
    "The verify token does not match META_VERIFY_TOKEN.",
    # a record's own note, for whoever looks into the database
    "Stripe does not know this session under the shop's present key.",
    # SQL
    "SELECT min(run_at) FROM job WHERE state = 'waiting' AND run_at > ?",
}

PLACE = re.compile(r"%\(\w+\)[a-z]|%%|%|\{\w*\}|</?[a-z]+[^>]*>")


def places(text: str) -> list[str]:
    return sorted(set(PLACE.findall(text)))


def test_every_sentence_has_its_german() -> None:
    assert len(in_templates()) > 500
    assert len(in_code()) > 200
    known = {entry.ways for entry in entries()} | {entry.ways[:1] for entry in entries()}
    missing = {
        f"{one.place}: {one.text!r}"
        for one in (*in_templates(), *in_code())
        if one.ways not in known and one.text not in NOT_FOR_PAGES
    }
    assert sorted(missing) == []


def test_what_is_excused_from_it_is_really_there() -> None:
    assert all_texts() >= NOT_FOR_PAGES


def test_nothing_is_half_translated() -> None:
    assert [entry.ways for entry in entries() if entry.message.fuzzy] == []
    assert [entry.ways for entry in entries() if not all(one.strip() for one in entry.said)] == []
    assert [entry.ways for entry in entries() if len(entry.said) < len(entry.ways)] == []


def test_names_and_numbers_stand_in_both_languages() -> None:
    """A plural has them all; its singular may say "one" in words."""
    wrong = []
    for entry in entries():
        fits = all(
            places(german) == places(english)
            for english, german in zip(entry.ways, entry.said, strict=True)
        )
        if not fits:
            wrong.append((entry.file, entry.ways, entry.said))
    assert wrong == []


def test_nothing_is_translated_that_nobody_says() -> None:
    unused = [(entry.file, entry.ways) for entry in entries() if not set(entry.ways) <= all_texts()]
    assert unused == []


def test_the_same_is_said_the_same_way_everywhere() -> None:
    said = defaultdict(set)
    for entry in entries():
        said[entry.message.context, entry.ways].add(entry.said)
    assert [known for known, ways in said.items() if len(ways) > 1] == []


def test_whoever_reads_it_is_addressed_formally() -> None:
    informal = re.compile(r"\b([Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*|[Ee]uch|[Ee]uer|[Ee]ure\w*)\b")
    familiar = [one for entry in entries() for one in entry.said if informal.search(one)]
    assert familiar == []


def test_german_is_set_as_german_is() -> None:
    """„So“, and not "so"; an ellipsis is one character."""
    plain = re.compile(r'"|\.\.\.|[“”](?=\w)')
    wrong = [one for entry in entries() for one in entry.said if plain.search(one)]
    assert wrong == []
