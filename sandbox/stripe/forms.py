"""Stripe's form encoding: `a[b][0]=c` to nested dictionaries of strings."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.stripe.errors import Invalid

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
DEEPEST = 10


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Lists stay dictionaries with "0", "1", … as keys: only the schema knows what is a list."""
    decoded: dict[str, Any] = {}
    for name, value in pairs:
        *path, last = _path(name)
        place = decoded
        for part in path:
            place = place.setdefault(_key(part, place), {})
            if not isinstance(place, dict):
                raise Invalid(f"Invalid object: {name}", param=name)
        key = _key(last, place)
        if key in place:
            raise Invalid(f"{name} was sent twice", param=name)
        place[key] = value
    return decoded


def _path(name: str) -> list[str]:
    match = NAME.fullmatch(name)
    if match is None or match[2].count("[") > DEEPEST:
        raise Invalid(f"Invalid parameter name: {name[:100]}")
    return [match[1], *match[2][1:-1].split("][")] if match[2] else [match[1]]


def _key(part: str, place: dict[str, Any]) -> str:
    return part if part else str(len(place))
