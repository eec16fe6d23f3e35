"""Stripe's objects as plain dictionaries, made from their shapes."""

import json
import secrets
import string
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

Thing = dict[str, Any]

ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


@cache
def _shape(kind: str) -> str:
    name = kind.replace(".", "_")
    return (Path(__file__).parent / "shapes" / f"{name}.json").read_text()


def blank(kind: str, **values: Any) -> Thing:
    """A new object with every field the real one has.

    A value no shape knows raises KeyError. Names that start with an underscore are the
    sandbox's own notes and never leave it.
    """
    thing: Thing = json.loads(_shape(kind))
    for name, value in values.items():
        if name not in thing and not name.startswith("_"):
            raise KeyError(f"{kind} has no field {name}")
        thing[name] = value
    return thing


def shown(thing: Thing) -> Thing:
    """A copy for the outside: without the sandbox's own notes."""
    return {name: deepcopy(value) for name, value in thing.items() if not name.startswith("_")}
