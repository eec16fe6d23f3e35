"""JSON in and out of Meta's bytes: fast where it is clean, patient where it is not."""

import json
from math import isfinite
from typing import Any

import orjson


class Unreadable(ValueError):
    """Not JSON at all."""


def parse(raw: bytes) -> Any:
    """The value, without what a database cannot keep: NUL, and halves of surrogate pairs
    (a torn emoji in somebody's message must not cost the message). Raises Unreadable."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _parse_patiently(raw)
    return _clean(value) if b"\\u0000" in raw else value


def _parse_patiently(raw: bytes) -> Any:
    try:
        return _clean(json.loads(raw.decode("utf-8"), parse_constant=str, parse_float=_finite))
    except (ValueError, RecursionError):
        raise Unreadable() from None


def _clean(value: Any) -> Any:
    try:
        return _cleaned(value)
    except RecursionError:
        raise Unreadable() from None


def dump(value: Any) -> str:
    """The same value has the same text, whatever the order its names came in."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except (TypeError, orjson.JSONEncodeError):
        # Whole numbers beyond 64 bits.
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_cleaned(name): _cleaned(part) for name, part in value.items()}
        case list():
            return [_cleaned(part) for part in value]
    return value


def _finite(digits: str) -> float | str:
    value = float(digits)
    return value if isfinite(value) else digits
