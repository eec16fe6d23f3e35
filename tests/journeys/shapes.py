"""Webhook bodies in every shape Meta sends them, and what has to come of each: see `payloads/`.

In the files `<page>`, `<person>` and so on stand for ids, `<#page>` for the same as a number,
`<ms+500>` for half a second after it happened, `<s>` for its time in seconds.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from meta.signatures import sign

FOLDER = Path(__file__).parent / "payloads"
_NUMBER = re.compile(r"<#([a-z]+)>")
_TIME = re.compile(r"<(ms|s)([+-]\d+)?>")


@dataclass(frozen=True, slots=True)
class Shape:
    """`before` is told first. `stored`, `inbox` and `posts` say what came of `body`."""

    name: str
    body: Any
    stored: list[str]
    before: list[Any] = field(default_factory=list)
    inbox: list[list[str]] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)


def all_shapes() -> list[Shape]:
    return [
        Shape(name=f"{path.stem}/{name}", **parts)
        for path in sorted(FOLDER.glob("*.json"))
        for name, parts in json.loads(path.read_text()).items()
    ]


def fill(value: Any, ids: dict[str, str], *, ms: int) -> Any:
    """`value` with its places filled. `ms` is when it happened."""
    match value:
        case dict():
            return {name: fill(part, ids, ms=ms) for name, part in value.items()}
        case list():
            return [fill(part, ids, ms=ms) for part in value]
        case str():
            return _filled(value, ids, ms)
    return value


def _filled(text: str, ids: dict[str, str], ms: int) -> Any:
    if found := _TIME.fullmatch(text):
        return (ms if found[1] == "ms" else ms // 1000) + int(found[2] or 0)
    if found := _NUMBER.fullmatch(text):
        return int(ids[found[1]])
    for name, known in ids.items():
        text = text.replace(f"<{name}>", known)
    return text


def as_meta_writes(body: Any) -> bytes:
    """Escaped unicode with lower-case digits, escaped slashes (Graph API webhooks docs)."""
    return json.dumps(body).replace("/", "\\/").encode()


def signed(raw: bytes, secret: str) -> dict[str, str]:
    signature = sign(raw, SecretStr(secret))
    return {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
