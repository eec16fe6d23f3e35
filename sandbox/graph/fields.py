"""The `fields` parameter: `id,from{id,name},comments.limit(5){message}`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.graph.calls import Call
from sandbox.graph.errors import GraphError, bad_parameter

OMIT: Any = object()
TOKEN = re.compile(r"[A-Za-z_0-9]+|[{}(),.]")


@dataclass
class Field:
    name: str
    args: dict[str, str] = field(default_factory=dict)
    fields: list["Field"] = field(default_factory=list)


Getter = Callable[[Call, Any, Field], Any]


@dataclass(frozen=True)
class Shape:
    """How one kind of node is shown: its fields, and those given when none are asked for."""

    name: str
    default: str
    getters: Mapping[str, Getter]


def shown(call: Call, shape: Shape, thing: Any, fields: list[Field]) -> dict[str, Any]:
    """The asked fields of a thing; what it does not have is left out, as Meta does."""
    wanted = list(fields or parse(shape.default))
    if not any(one.name == "id" for one in wanted) and "id" in shape.getters:
        wanted.append(Field("id"))
    result = {}
    for one in wanted:
        getter = shape.getters.get(one.name)
        if getter is None:
            raise bad_parameter(
                f"Tried accessing nonexisting field ({one.name}) on node type ({shape.name})"
            )
        value = getter(call, thing, one)
        if value is not OMIT:
            result[one.name] = value
    return result


def asked(call: Call) -> list[Field]:
    return parse(call.text("fields"))


def nested(call: Call, one: Field, node_id: str) -> Call:
    """The call as the nested edge sees it: `comments.limit(5)` is `limit=5`."""
    url = f"/graph/{call.version}/{node_id}/{one.name}"
    return replace(call, args=dict(one.args), url=url)


def parse(text: str) -> list[Field]:
    tokens = _tokens(text)
    fields = _list(tokens)
    if tokens:
        raise _syntax_error(tokens[0], text)
    return fields


def _tokens(text: str) -> list[str]:
    squeezed = re.sub(r"\s+", "", text)
    tokens = TOKEN.findall(squeezed)
    if "".join(tokens) != squeezed:
        raise _syntax_error("?", text)
    return tokens


def _list(tokens: list[str]) -> list[Field]:
    fields: list[Field] = []
    while tokens and tokens[0] not in ("}", ")"):
        fields.append(_field(tokens))
        if tokens and tokens[0] == ",":
            tokens.pop(0)
    return fields


def _field(tokens: list[str]) -> Field:
    one = Field(_word(tokens))
    while tokens and tokens[0] == ".":
        tokens.pop(0)
        name = _word(tokens)
        one.args[name] = _bracketed(tokens)
    if tokens and tokens[0] == "{":
        tokens.pop(0)
        one.fields = _list(tokens)
        _expect(tokens, "}")
    return one


def _bracketed(tokens: list[str]) -> str:
    _expect(tokens, "(")
    parts = []
    while tokens and tokens[0] != ")":
        parts.append(tokens.pop(0))
    _expect(tokens, ")")
    return "".join(parts)


def _word(tokens: list[str]) -> str:
    if not tokens or not re.fullmatch(r"\w+", tokens[0]):
        raise _syntax_error(tokens[0] if tokens else "end of string", "")
    return tokens.pop(0)


def _expect(tokens: list[str], sign: str) -> None:
    if not tokens or tokens.pop(0) != sign:
        raise _syntax_error(sign, "")


def _syntax_error(sign: str, text: str) -> GraphError:
    return GraphError(2500, f'Syntax error near "{sign}" in the fields parameter "{text[:80]}"')
