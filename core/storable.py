"""Texts as databases take them: PostgreSQL refuses NUL, and nobody takes half a surrogate pair.

Platforms cut messages in the middle of an emoji, and strangers send what they like.
"""

import json
from typing import Any

import orjson

# A moment or a dataclass would come back as something else.
ONLY_JSON = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def is_storable(text: str) -> bool:
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """The same text; in place of what cannot be stored stands U+FFFD."""
    if is_storable(text):
        return text
    whole = text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass")
    return whole.decode("utf-16", "replace")


def to_json(value: Any) -> str:
    """For JSON columns. Raises TypeError on what is no JSON."""
    try:
        text = orjson.dumps(value, option=ONLY_JSON).decode()
    except TypeError:
        # Halves of surrogate pairs, whole numbers beyond 64 bits.
        text = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in text:
        text = json.dumps(_without_nul(value), ensure_ascii=False)
    return storable(text)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(one) for one in value]
    return value
