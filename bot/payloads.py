"""What comes back when a button is tapped: short, typed, versioned.

A button lives as long as the chat, so payloads of any age must be answered sensibly: an unknown
verb, a former version or nonsense reads as None, and the bot shows the menu.
"""

from dataclasses import dataclass
from typing import Literal, get_args

VERSION = "1"

Verb = Literal[
    "start", "menu", "browse", "product", "choose", "put", "basket", "more", "less", "remove",
    "checkout", "ask_code", "drop_code", "use_code", "deals", "orders", "person", "bot",
]  # fmt: skip
_VERBS = frozenset(get_args(Verb))
LONGEST = 200
LARGEST = 2**31 - 1
"""What an id can be; PostgreSQL refuses to look for more."""


@dataclass(frozen=True, slots=True)
class Tap:
    """`number` is an id or an offset, `word` a code; which one depends on the verb."""

    verb: Verb
    number: int = 0
    word: str = ""


def write(verb: Verb, number: int = 0, word: str = "") -> str:
    return ":".join([VERSION, verb, str(number), word])


def read(payload: str | None) -> Tap | None:
    parts = (payload or "")[:LONGEST].split(":", 3)
    if len(parts) != 4 or parts[0] != VERSION or parts[1] not in _VERBS:
        return None
    if not (parts[2].isascii() and parts[2].isdigit()) or int(parts[2]) > LARGEST:
        return None
    return Tap(parts[1], int(parts[2]), parts[3])  # type: ignore[arg-type]
