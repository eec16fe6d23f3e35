"""Holds every request against the SDK's own parameter types, at exactly its API version."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError, SchemaValidator, core_schema
from stripe import RequestOptions
from typing_extensions import TypedDict

from sandbox.stripe.errors import Invalid

WHOLE = re.compile(r"-?\d{1,18}")


def checked(shape: type, raw: dict[str, Any]) -> dict[str, Any]:
    """The values of one request with their types, or Invalid for the first thing wrong.

    Unknown and removed parameters, wrong types, missing fields and unknown enum values are
    refused. `shape` is a params class of `stripe.params`.
    """
    try:
        values: dict[str, Any] = _validator(shape).validate_python(raw)
    except ValidationError as error:
        raise _problem(raw, error) from None
    return values


@cache
def _validator(shape: type) -> SchemaValidator:
    options = RequestOptions.__annotations__
    fields = {name: kind for name, kind in shape.__annotations__.items() if name not in options}
    # The SDK's request options are no parameters, and their types do not resolve.
    body: Any = TypedDict(shape.__name__, fields)  # type: ignore[misc]
    body.__module__ = shape.__module__
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    schema: Any = TypeAdapter(list[body], config=config).core_schema
    return SchemaValidator(_strict(schema)["schema"]["items_schema"])


def _strict(node: Any) -> Any:
    """The schema for strings as they come off the wire, with closed enums.

    The SDK's types leave enums open (`Literal[…] | str`) for values newer than the SDK; at the
    pinned version there are none.
    """
    if isinstance(node, list):
        return [_strict(part) for part in node]
    if not isinstance(node, dict) or node.get("type") == "dict":
        return node
    kind = node.get("type")
    if isinstance(kind, str) and kind in LEAVES:
        return core_schema.no_info_plain_validator_function(LEAVES[kind])
    if kind == "union":
        return _strict_union(node)
    inner: Any = {name: _strict(part) for name, part in node.items() if name != "cls"}
    return (
        core_schema.no_info_before_validator_function(_as_list, inner) if kind == "list" else inner
    )


def _strict_union(node: dict[str, Any]) -> Any:
    choices = [choice for choice in node["choices"] if choice["type"] != "is-instance"]
    literals = [choice for choice in choices if choice["type"] == "literal"]
    if any(literal["expected"] != [""] for literal in literals):
        choices = [choice for choice in choices if choice["type"] != "str"]
    if len(choices) == 1:
        return _strict(choices[0])
    return {**node, "choices": [_strict(choice) for choice in choices], "mode": "left_to_right"}


def _as_list(value: Any) -> Any:
    if isinstance(value, dict):
        places = sorted(value, key=lambda place: (len(place), place))
        if places == [str(number) for number in range(len(value))]:
            return [value[place] for place in places]
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, str) or not WHOLE.fullmatch(value):
        raise PydanticCustomError("whole", "")
    return int(value)


def _truth(value: Any) -> bool:
    if value not in ("true", "false"):
        raise PydanticCustomError("truth", "")
    return bool(value == "true")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("text", "")
    if not value:
        raise PydanticCustomError("empty", "")
    return value


LEAVES: dict[str, Callable[[Any], Any]] = {"int": _whole, "bool": _truth, "str": _text}

# Code and message by what pydantic calls the mistake; the real codes, in words of our own.
MESSAGES = {
    "extra_forbidden": ("parameter_unknown", "Received unknown parameter: {param}"),
    "missing": ("parameter_missing", "Missing required param: {param}."),
    "empty": (
        "parameter_invalid_empty",
        "An empty string unsets a parameter, and {param} cannot be unset.",
    ),
    "whole": ("parameter_invalid_integer", "Invalid integer: {value}"),
    "literal_error": ("", "Invalid {param}: must be one of {expected}"),
    "truth": ("", "Invalid boolean: {value}"),
    "text": ("", "Invalid string: {value}"),
    "list_type": ("", "Invalid array"),
    "dict_type": ("", "Invalid object"),
}


def _problem(raw: dict[str, Any], error: ValidationError) -> Invalid:
    first: Any = error.errors(include_url=False)[0]
    param, value = _param(raw, first["loc"]), str(first["input"])[:100]
    expected = str(first.get("ctx", {}).get("expected", ""))[:300]
    code, message = MESSAGES.get(first["type"], ("", "Invalid {param}: {value}"))
    text = message.format(param=param, value=value, expected=expected)
    return Invalid(text, param=param, code=code)


def _param(raw: Any, where: tuple[int | str, ...]) -> str:
    """`line_items[0][quantity]`; names of union branches in pydantic's path are left out."""
    name, here = "", raw
    for place, part in enumerate(where):
        key = str(part)
        if isinstance(here, dict) and key in here:
            here = here[key]
        elif place < len(where) - 1 or not isinstance(here, dict):
            continue
        name += f"[{key}]" if name else key
    return name
