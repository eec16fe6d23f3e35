"""Countries by their names, in the reader's language."""

from collections.abc import Iterable
from functools import lru_cache

from babel import Locale

# Where parcels from the EU go without a customs form, and the two neighbours.
OFFERED = [
    "DE",
    "AT",
    "BE",
    "BG",
    "HR",
    "CY",
    "CZ",
    "DK",
    "EE",
    "FI",
    "FR",
    "GR",
    "HU",
    "IE",
    "IT",
    "LV",
    "LT",
    "LU",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SK",
    "SI",
    "ES",
    "SE",
    "CH",
    "LI",
]


@lru_cache(maxsize=8)
def _names(locale: str) -> dict[str, str]:
    return {str(code): str(name) for code, name in Locale.parse(locale[:2]).territories.items()}


def country_name(code: str, locale: str) -> str:
    return _names(locale).get(code, code)


def named(codes: Iterable[str], locale: str) -> list[tuple[str, str]]:
    """For a choice: the code and its name, by name; Germany first where it is among them."""
    rows = [(code, country_name(code, locale)) for code in codes]
    return sorted(rows, key=lambda row: (row[0] != "DE", row[1]))
