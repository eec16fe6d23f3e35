"""A call as it goes over the wire: parameters encoded, secrets kept out of the address."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

SECRETS = frozenset({"input_token", "client_secret", "fb_exchange_token", "code", "access_token"})
_MESSENGER = frozenset({
    "messages", "messenger_profile", "conversations", "thread_owner", "pass_thread_control",
    "take_thread_control", "release_thread_control", "request_thread_control",
})  # fmt: skip
_INSTAGRAM = frozenset({"replies", "media", "media_publish", "content_publishing_limit", "tags"})


@dataclass(frozen=True)
class Call:
    """`changes` is whether Meta may have done something even when no answer came."""

    verb: str
    query: dict[str, str] | None
    form: dict[str, str] | aiohttp.FormData | None
    changes: bool


def prepare(
    verb: str,
    parameters: Mapping[str, Any],
    files: Mapping[str, Any] | None = None,
    *,
    proof: str | None = None,
) -> Call:
    fields = {name: encoded(value) for name, value in parameters.items() if value is not None}
    if proof is not None:
        fields["appsecret_proof"] = proof
    if verb == "DELETE":
        return Call(verb, fields, None, changes=True)
    if verb != "GET":
        form = _multipart(fields, files) if files else fields
        return Call(verb, None, form, changes=True)
    if SECRETS & fields.keys():
        # Addresses end up in logs. A POST with `method` is answered like a GET (the method
        # override of Meta's own PHP SDK).
        return Call("POST", None, {**fields, "method": "get"}, changes=False)
    return Call("GET", fields, None, changes=False)


def encoded(value: Any) -> str:
    """Nested values travel as JSON text, truth as `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _multipart(fields: dict[str, str], files: Mapping[str, Any]) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    for name, content in files.items():
        form.add_field(name, content, filename=f"{name}.jpg", content_type="image/jpeg")
    return form


async def read_body(answer: aiohttp.ClientResponse) -> Any:
    """JSON, or None for anything else. Pictures come as the library gives them."""
    raw = await answer.read()
    if answer.content_type.startswith("image/"):
        return {"data": raw, "mime-type": answer.content_type, "url": str(answer.url)}
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def bucket_of(path: str, parameters: Mapping[str, Any]) -> str:
    """Which quota a call counts on: `messenger`, `instagram` or `pages`."""
    edge = path.rsplit("/", 1)[-1]
    if edge in _MESSENGER:
        return "messenger"
    return "instagram" if edge in _INSTAGRAM or "hide" in parameters else "pages"
