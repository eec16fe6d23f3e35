"""Lists in Meta's shape: data, cursors, and the address of the next page."""

import base64
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.graph.calls import Call
from sandbox.graph.errors import bad_parameter

DEFAULT_LIMIT = 25
LIMIT_AT_MOST = 100


def listed(
    call: Call,
    things: Sequence[Any],
    key: Callable[[Any], str],
    show: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """One page of `things`. The next page's address holds the token, as Meta's does."""
    limit = call.whole("limit", DEFAULT_LIMIT)
    if not 0 < limit <= LIMIT_AT_MOST:
        raise bad_parameter(f"The limit must be between 1 and {LIMIT_AT_MOST}.")
    keys = [key(thing) for thing in things]
    if call.has("before"):
        end = _place(keys, call.text("before"))
        start = max(0, end - limit)
    else:
        start = _place(keys, call.text("after")) + 1 if call.has("after") else 0
        end = min(len(keys), start + limit)
    answer: dict[str, Any] = {"data": [show(thing) for thing in things[start:end]]}
    if start < end:
        cursors = {"before": _cursor(keys[start]), "after": _cursor(keys[end - 1])}
        answer["paging"] = {"cursors": cursors}
        if end < len(keys):
            answer["paging"]["next"] = _address(call, limit, after=cursors["after"])
        if start > 0:
            answer["paging"]["previous"] = _address(call, limit, before=cursors["before"])
    return answer


def _place(keys: list[str], cursor: str) -> int:
    try:
        return keys.index(base64.urlsafe_b64decode(cursor.encode()).decode())
    except ValueError:
        raise bad_parameter("The cursor is not valid (any more).") from None


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _address(call: Call, limit: int, **cursor: str) -> str:
    kept = {
        name: value
        for name, value in call.args.items()
        if name not in ("after", "before", "limit") and isinstance(value, str)
    }
    query = {"access_token": call.token.text, **kept, "limit": str(limit), **cursor}
    return f"{call.world.settings.base_url}{call.url}?{urlencode(query)}"
