"""Lists, newest first, with Stripe's cursors and time windows."""

import operator
from typing import Any

from sandbox.stripe.errors import Invalid
from sandbox.stripe.things import Thing

COMPARISONS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
DEFAULT_LIMIT = 10
MOST = 100


def page(things: list[Thing], params: dict[str, Any], *, url: str) -> Thing:
    """One page of `things`, which come newest first and already filtered but for `created`."""
    limit = params.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= MOST:
        raise Invalid(f"limit must be between 1 and {MOST}: {limit}", param="limit")
    if "starting_after" in params and "ending_before" in params:
        raise Invalid("Send starting_after or ending_before, not both.", param="ending_before")
    if "created" in params:
        things = [thing for thing in things if _falls_in(thing["created"], params["created"])]
    if "ending_before" in params:
        newer = things[: _place(things, params["ending_before"], "ending_before")]
        chosen, has_more = newer[-limit:], len(newer) > limit
    else:
        start = 0
        if "starting_after" in params:
            start = _place(things, params["starting_after"], "starting_after") + 1
        chosen, has_more = things[start : start + limit], len(things) > start + limit
    return {"object": "list", "data": chosen, "has_more": has_more, "url": url}


def _falls_in(created: int, window: Any) -> bool:
    if isinstance(window, int):
        return created == window
    return all(COMPARISONS[name](created, bound) for name, bound in window.items())


def _place(things: list[Thing], thing_id: str, param: str) -> int:
    for place, thing in enumerate(things):
        if thing["id"] == thing_id:
            return place
    raise Invalid(
        f"No such object in this list: '{thing_id}'", param=param, code="resource_missing"
    )
