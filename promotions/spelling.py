"""How codes are written, read and compared: `rosen 10`, `ROSEN-1O` and `ROSEN10` are one code."""

import secrets
import unicodedata

# Letters and digits people mistake for one another fall together; umlauts may be written out.
_FOLD = str.maketrans(
    {"O": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2", "Ä": "AE", "Ö": "0E", "Ü": "UE"}
)

ALPHABET = "23456789CDFGHJKMNPRTWXY"
"""No look-alikes, and no vowels, so that no words appear. Its length is a prime number: with
different weights for each place, one wrong character or two swapped ones always show."""

RANDOM_CHARACTERS = 10
SHORTEST, LONGEST = 3, 30


def spell(typed: str) -> str:
    """The code as it is shown: capitals, without spaces, hyphens and the like."""
    composed = unicodedata.normalize("NFKC", typed).replace("ß", "ss").upper()
    return "".join(character for character in composed if character.isalnum())


def fold(typed: str) -> str:
    """The code as it is looked up."""
    return spell(typed).translate(_FOLD)


def generate() -> str:
    """Ten random characters (41 million million possibilities) and one that checks them."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return body + ALPHABET[-_weigh(body) * pow(RANDOM_CHARACTERS + 1, -1, 23) % 23]


def looks_generated(folded: str) -> bool:
    return len(folded) == RANDOM_CHARACTERS + 1 and set(folded) <= set(ALPHABET)


def check_fits(folded: str) -> bool:
    return looks_generated(folded) and _weigh(folded) == 0


def _weigh(characters: str) -> int:
    return (
        sum(place * ALPHABET.index(character) for place, character in enumerate(characters, 1)) % 23
    )
