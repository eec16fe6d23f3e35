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
    body = TypedDict(shape.__name__, fields)  # type: ignore[operator]
    body.__module__ = shape.__module__
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    adapter: TypeAdapter[Any] = TypeAdapter(list[body], config=config)  # type: ignore[valid-type]
    schema: Any = adapter.core_schema
    return SchemaValidator(_strict(schema)["schema"]["items_schema"])


def _strict(node: Any) -> Any:
    """The schema for strings as they come off the wire, with closed enums.

    The SDK's types leave enums open (`Literal[…] | str`) for values newer than the SDK; at the
    pinned version there are none.
    """
    if isinstance(node, list):
        return [_strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    kind = node.get("type")
    if kind == "union":
        return _strict_union(node)
    if kind == "dict":
        return node
    leaf = LEAVES.get(kind) if isinstance(kind, str) else None
    if leaf is not None:
        return leaf
    node = {name: _strict(part) for name, part in node.items() if name != "cls"}
    if kind == "list":
        return core_schema.no_info_before_validator_function(_as_list, node)  # type: ignore[arg-type]
    return node


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


def _leaf(read: Callable[[Any], Any]) -> Any:
    return core_schema.no_info_plain_validator_function(read)


LEAVES: dict[str, Any] = {"int": _leaf(_whole), "bool": _leaf(_truth), "str": _leaf(_text)}


def _problem(raw: dict[str, Any], error: ValidationError) -> Invalid:
    first = error.errors(include_url=False)[0]
    param, value = _param(raw, first["loc"]), first["input"]
    short = str(value)[:100]
    match first["type"]:
        case "extra_forbidden":
            return Invalid(
                f"Received unknown parameter: {param}", param=param, code="parameter_unknown"
            )
        case "missing":
            return Invalid(
                f"Missing required param: {param}.", param=param, code="parameter_missing"
            )
        case "empty":
            return Invalid(
                f"An empty string unsets a parameter, and {param} cannot be unset.",
                param=param,
                code="parameter_invalid_empty",
            )
        case "whole":
            return Invalid(
                f"Invalid integer: {short}", param=param, code="parameter_invalid_integer"
            )
        case "literal_error":
            return Invalid(f"Invalid {param}: must be one of {_expected(first)}", param=param)
        case "truth":
            return Invalid(f"Invalid boolean: {short}", param=param)
        case "list_type":
            return Invalid("Invalid array", param=param)
        case "text":
            return Invalid(f"Invalid string: {short}", param=param)
        case "typed_dict_type" | "dict_type" | "dict_attributes_type":
            return Invalid("Invalid object", param=param)
        case _:
            return Invalid(f"Invalid {param}: {short}", param=param)


def _expected(first: Any) -> str:
    return str(first.get("ctx", {}).get("expected", ""))[:300]


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
