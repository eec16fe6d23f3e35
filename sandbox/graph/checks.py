"""Small checks that raise Meta's error 100 with the place that does not fit."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from sandbox.graph.errors import bad_parameter


def only_keys(value: object, allowed: Collection[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_parameter(f"Param {where} must be a JSON object.")
    for key in value:
        if key not in allowed:
            raise bad_parameter(f'Invalid keys "{key}" were found in param "{where}".')
    return value


def short_text(value: object, most: int, where: str) -> str:
    """`most` counts characters."""
    if not isinstance(value, str):
        raise bad_parameter(f"Param {where} must be a string.")
    if len(value) > most:
        raise bad_parameter(f"Length of param {where} must be less than or equal to {most}")
    return value


def needed(value: dict[str, Any], key: str, where: str) -> Any:
    if value.get(key) in (None, "", [], {}):
        raise bad_parameter(f"Param {where}[{key}] must be non-empty.")
    return value[key]


def some_of(value: object, most: int, where: str, *, least: int = 1) -> list[Any]:
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise bad_parameter(f"Param {where} must be an array of {least} to {most} items.")
    return value


def one_of(value: object, allowed: Collection[str], where: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        choices = ", ".join(sorted(allowed))
        raise bad_parameter(f"Param {where} must be one of {{{choices}}}")
    return value


def web_address(value: object, where: str, *, is_secure: bool = False) -> str:
    starts = ("https://",) if is_secure else ("https://", "http://")
    if not isinstance(value, str) or not value.startswith(starts) or not _has_host(value):
        raise bad_parameter(f"Param {where} should represent a valid URL")
    return value


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
