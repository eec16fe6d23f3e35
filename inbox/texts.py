"""Texts cut and cleaned: at sentence borders, within characters or bytes, storable everywhere."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

Fits = Callable[[str], bool]

_PARAGRAPH = re.compile(r"\n\s*\n")
_LINE = re.compile(r"\n")
_SENTENCE = re.compile(r"(?<=[.!?…:])[\"”“»«)]*\s+")
_WORD = re.compile(r"\s+")
_BORDERS = (_PARAGRAPH, _LINE, _SENTENCE, _WORD)
# Signs that belong to the one before: marks, joiners, skin tones, flags' second halves.
_STICKS = re.compile("[\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


def storable(text: str) -> str:
    """Without what PostgreSQL cannot keep: NUL, and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def storable_json(value: Any) -> Any:
    """The same for everything inside a JSON value."""
    match value:
        case str():
            return storable(value)
        case dict():
            return {storable(str(key)): storable_json(item) for key, item in value.items()}
        case list() | tuple():
            return [storable_json(item) for item in value]
    return value


def folded(text: str) -> str:
    """For searching: without case and accents, so that `muller` finds `Müller`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def in_units(limit: int) -> Fits:
    """At most so many UTF-16 units: the way platforms count, and never more than characters do."""
    return lambda text: len(text.encode("utf-16-le", "replace")) // 2 <= limit


def in_bytes(limit: int) -> Fits:
    return lambda text: len(text.encode("utf-8", "replace")) <= limit


def clip(text: str, fits: Fits) -> str:
    """The text on one line, or its beginning and `…`, at a word border where one is near."""
    line = " ".join(text.split())
    if fits(line):
        return line
    room = _longest(line, lambda part: fits(part + "…"))
    border = line.rfind(" ", room * 2 // 3, room + 1)
    return line[: border if border > 0 else _whole_sign(line, room)].rstrip() + "…"


def split(text: str, fits: Fits) -> list[str]:
    """In pieces that fit, cut where a reader would pause; nothing but white space is lost."""
    pieces = []
    rest = text.strip()
    while rest and not fits(rest):
        end, start = _cut(rest, _longest(rest, fits))
        pieces.append(rest[:end].rstrip())
        rest = rest[start:].lstrip()
    return [*pieces, rest] if rest else pieces


def _longest(text: str, fits: Fits) -> int:
    """How many characters from the beginning fit."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    return low


def _cut(text: str, room: int) -> tuple[int, int]:
    """Where a piece ends and the next begins. Never a tiny piece for the sake of a border."""
    for border in _BORDERS:
        ends = [found.span() for found in border.finditer(text, 0, room + 1)]
        if ends and ends[-1][0] >= room // 3 and ends[-1][0] > 0:
            return ends[-1]
    end = max(1, _whole_sign(text, room))
    return end, end


def _whole_sign(text: str, room: int) -> int:
    """A place not after `room` that does not tear an emoji or an accent off; or `room` itself."""
    place = room
    while 0 < place < len(text) and room - place < 40 and _is_inside(text, place):
        place -= 1
    return place if place > 0 and not _is_inside(text, place) else room


def _is_inside(text: str, place: int) -> bool:
    if place >= len(text):
        return False
    after, before = text[place], text[place - 1]
    return bool(_STICKS.match(after) or unicodedata.combining(after) or before == "\u200d")
