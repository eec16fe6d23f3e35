"""One call of the Graph API: its parameters from query, form, multipart or JSON."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.web_request import FileField

from sandbox.graph.errors import bad_parameter
from sandbox.things import Page, Token
from sandbox.world import World

T = TypeVar("T")

AUTH_PARAMETERS = {"access_token", "appsecret_proof", "appsecret_time"}


@dataclass
class Call:
    """`args` are the parameters without the token; `node` is what the path names."""

    world: World
    method: str
    version: str
    node_id: str
    edge: str
    args: dict[str, Any]
    files: dict[str, tuple[bytes, str]]
    token: Token
    node: Any = None
    url: str = ""

    @property
    def now(self) -> datetime:
        return self.world.now()

    @property
    def page(self) -> Page:
        """The page whose token this is."""
        if self.token.page is None:
            raise bad_parameter("A page access token is required to request this resource.")
        return self.token.page

    def has(self, name: str) -> bool:
        return self.args.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name)
        if value is None:
            return default
        if isinstance(value, bool | dict | list):
            raise bad_parameter(f"Param {name} must be a string.")
        return str(value)

    def required(self, name: str) -> str:
        if not self.has(name):
            raise bad_parameter(f"The parameter {name} is required.")
        return self.text(name)

    def flag(self, name: str, default: bool) -> bool:
        value = self.args.get(name)
        if value is None:
            return default
        if value in (True, "true", "1", 1):
            return True
        if value in (False, "false", "0", 0):
            return False
        raise bad_parameter(f"Param {name} must be a boolean.")

    def whole(self, name: str, default: int) -> int:
        value = self.args.get(name)
        if value is None or value == "":
            return default
        try:
            return int(str(value))
        except ValueError:
            raise bad_parameter(f"Param {name} must be an integer.") from None

    def object(self, name: str) -> dict[str, Any]:
        return self._decoded(name, dict, "a JSON object")

    def array(self, name: str) -> list[Any]:
        return self._decoded(name, list, "an array")

    def words(self, name: str) -> list[str]:
        """`a,b,c` or a JSON array."""
        value = self.args.get(name)
        if isinstance(value, str) and not value.lstrip().startswith("["):
            return [word.strip() for word in value.split(",") if word.strip()]
        return [str(word) for word in self.array(name)] if value else []

    def _decoded(self, name: str, kind: type[T], described: str) -> T:
        """Form fields hold nested values as JSON text; anything else is refused, as by Meta."""
        value = self.args.get(name)
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise bad_parameter(f"Param {name} must be {described}.") from None
        if not isinstance(value, kind):
            raise bad_parameter(f"Param {name} must be {described}.")
        return value


@dataclass(frozen=True)
class Parameters:
    args: dict[str, Any]
    files: dict[str, tuple[bytes, str]]


async def read_parameters(request: web.Request) -> Parameters:
    """Body values win over query values of the same name."""
    args: dict[str, Any] = dict(request.query)
    files: dict[str, tuple[bytes, str]] = {}
    if request.content_type == "application/json" and request.can_read_body:
        args |= await _json_body(request)
    elif request.can_read_body:
        try:
            posted = await request.post()
        except (ValueError, LookupError):
            raise bad_parameter("Could not read the body of this call.") from None
        for name, value in posted.items():
            if isinstance(value, FileField):
                files[name] = (value.file.read(), value.content_type)
            else:
                args[name] = value if isinstance(value, str) else value.decode("utf-8", "replace")
    return Parameters(args, files)


async def _json_body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise bad_parameter("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise bad_parameter("The body must be a JSON object.")
    return body
