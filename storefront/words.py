"""Words as people search for them: German and English, without regard to endings and umlauts."""

import re
import unicodedata
from functools import lru_cache

LONGEST = 60

# Written out or dotted, an umlaut is the same letter; "ue" after a vowel or q is none
# (neue, Bauer, Quelle).
_WRITTEN_OUT = re.compile(r"ae|oe|(?<![aeoq])ue")
_LETTERS = {"ae": "a", "oe": "o", "ue": "u"}
_WORD = re.compile(r"[a-z0-9]+")
_ENDINGS = ("ern", "em", "er", "en", "es", "e")
_SHORTEST_STEM = 3

_STOP_WORDS = (
    "aber als am an auf aus bei bin bitte da das dem den der des die ein eine einem einen einer "
    "eines er es euch fur gern gerne gibt habe haben habt hallo hat hatte hatten hi ich ihr ihre "
    "ihren im in ist ja kann konnen mal man mein meine mich mir mit nach noch oder sie sind so "
    "suche suchen uber um und uns unter von vom was welche wer wie wir wo zu zum zur "
    "a about an and any are at buy can could do does for from got hello hey how i if is it its "
    "looking me my need of on or our please sell some the there this to want we what which with "
    "would you your"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """`Sträuße`, `Straeusse` and `STRÄUSSE` become `strausse`."""
    lowered = text.lower().replace("ß", "ss")
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", lowered)
        if not unicodedata.combining(letter)
    )
    return _WRITTEN_OUT.sub(lambda found: _LETTERS[found.group()], bare)


def words(text: str) -> list[str]:
    """The folded words of a text, in order."""
    return [word[:LONGEST] for word in _WORD.findall(fold(text))]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """What is left of a folded word without its ending: `rosen` and `rose` are `ros`."""
    if word.endswith("eln"):
        word = word[:-1]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    shortened = word.rstrip("s")
    return shortened if len(shortened) >= _SHORTEST_STEM else word


def wanted(text: str, *, most: int = 8) -> list[str]:
    """What a person searches for: the words that carry meaning, each once."""
    found = list(dict.fromkeys(words(text)))
    telling = [word for word in found if word not in STOP_WORDS and len(word) > 1]
    return (telling or found)[:most]


def slips(one: str, other: str, *, most: int) -> int:
    """How many letters were mistyped, left out, added or swapped; `most + 1` if more than that.

    The optimal string alignment distance.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, facing in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def allowed_slips(word: str) -> int:
    """Short words leave no room for guessing."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2
