"""True webhook bodies gone wrong in every way one can think of: as values, then as bytes."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tests.journeys.shapes import Shape, fill

Spot = tuple[Any, Any]

ODD_TEXTS = (
    "", " ", "0", "-1", "null", "\x00", "a\x00b", "\ud83d", "\udc00\ud83d", "\ufeff", "\u202eabc",
    "Straße 🌷", "%s %(x)s {0}", "' OR 1=1 --", "<script>", "x" * 5_000, "../../etc", "1:browse:0:",
    "1:put:999999999999999999:", "1:put:-5:", "add", "remove", "page", "instagram",
)  # fmt: skip
ODD_NUMBERS = (
    0, 1, -1, 2**31, -(2**31), 2**53 + 1, 2**63, -(2**63) - 1, 10**30, 1e308, 1.5, -0.0,
    99_999_999_999_999,
)  # fmt: skip


def mutated(shapes: list[Shape], ids: dict[str, str], chance: Random, *, ms: int) -> bytes:
    """One body, changed in one to four places; sometimes its bytes as well."""
    body = fill(chance.choice(shapes).body, ids, ms=ms)
    for _ in range(chance.randint(1, 4)):
        body = _change(body, shapes, ids, chance, ms)
    raw = _as_bytes(body, chance)
    return chance.choice(BYTES)(raw, chance) if chance.random() < 0.15 else raw


def _as_bytes(body: Any, chance: Random) -> bytes:
    if chance.random() < 0.1:
        text = json.dumps(body, ensure_ascii=False)
        return text.encode(chance.choice(["utf-8", "utf-16", "latin-1"]), "replace")
    return json.dumps(body).replace("/", "\\/").encode()


def _change(body: Any, shapes: list[Shape], ids: dict[str, str], chance: Random, ms: int) -> Any:
    spots = list(spots_in(body))
    if not spots:
        return _anything(chance)
    container, key = chance.choice(spots)
    match chance.randrange(9):
        case 0:
            del container[key]
        case 1:
            container[key] = None
        case 2:
            container[key] = _anything(chance)
        case 3:
            container[key] = _retyped(container[key], chance)
        case 4 if isinstance(container, dict):
            container[chance.choice([key.upper(), f"{key}s", f"new_{key}"])] = container.pop(key)
        case 5 if isinstance(container, list):
            container.insert(0, copy.deepcopy(container[key]))
        case 6:
            container[key] = [copy.deepcopy(container[key])]
        case 7:
            other = fill(chance.choice(shapes).body, ids, ms=ms)
            container[key] = _part(other, chance)
        case _:
            container[key] = _nested(container[key], chance.choice([3, 30, 200]))
    return body


def spots_in(value: Any) -> Iterator[Spot]:
    if not isinstance(value, dict | list):
        return
    for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if not _is_deep(part):
            yield from spots_in(part)


def _is_deep(value: Any) -> bool:
    """What was nested before is left alone: walking down it again would only take time."""
    for _ in range(20):
        if not isinstance(value, dict | list) or not value:
            return False
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return True


def _part(body: Any, chance: Random) -> Any:
    spots = list(spots_in(body))
    if not spots:
        return body
    container, key = chance.choice(spots)
    return container[key]


def _anything(chance: Random) -> Any:
    return chance.choice(
        [chance.choice(ODD_TEXTS), chance.choice(ODD_NUMBERS), None, True, False, [], {},
         [[]], {"": {}}, {"id": []}, [None], {"id": chance.choice(ODD_NUMBERS)}]
    )  # fmt: skip


def _retyped(value: Any, chance: Random) -> Any:
    match value:
        case bool():
            return chance.choice([str(value), int(value)])
        case int():
            return chance.choice([str(value), float(value), -value, value * 1000, [value]])
        case str():
            return chance.choice([[value], {"id": value}, len(value), value * 50, value[::-1]])
        case dict():
            return chance.choice([list(value.values()), json.dumps(value), len(value)])
        case list():
            return chance.choice([{"0": value}, json.dumps(value), len(value)])
    return value


def _nested(value: Any, depth: int) -> Any:
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


def _cut(raw: bytes, chance: Random) -> bytes:
    return raw[: chance.randrange(len(raw) + 1)]


def _flip(raw: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(raw)) if raw else 0
    return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]


def _double_keys(raw: bytes, chance: Random) -> bytes:
    """`{"a":1,"a":2}`: which one counts is anybody's guess."""
    doubled = chance.choice([b'"object":7,', b'"entry":[],', b'"id":"0",', b'"mid":null,'])
    return raw.replace(b"{", b"{" + doubled, chance.randint(1, 5))


def _garbage_around(raw: bytes, chance: Random) -> bytes:
    return chance.choice([b"\xef\xbb\xbf" + raw, raw + b"}", b"\n \t" + raw + b"\r\n", raw + raw])


def _broken_text(raw: bytes, chance: Random) -> bytes:
    broken = chance.choice([b"\xff\xfe", b"\\ud83d", b"\\u0000", b"\xed\xa0\x80", b"\\x"])
    return raw.replace(b'":"', b'":"' + broken, chance.randint(1, 4))


def _not_finite(raw: bytes, chance: Random) -> bytes:
    odd = chance.choice([b'"time":NaN', b'"time":-Infinity', b'"time":1e999', b'"time":00'])
    return raw.replace(b'"time"', odd + b',"then"', 1)


def _abyss(raw: bytes, chance: Random) -> bytes:
    depth = chance.choice([500, 5_000, 50_000])
    return raw.replace(b':"', b":" + b"[" * depth + b"]" * depth + b',"x":"', 1)


BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _cut, _flip, _double_keys, _garbage_around, _broken_text, _not_finite, _abyss,
)  # fmt: skip
