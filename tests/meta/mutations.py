"""Webhook bodies gone wrong: any part of a true one replaced, removed or doubled."""

import copy
from typing import Any

from hypothesis import strategies as st

from tests.meta.payloads import ALL

_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**18, 10**30), st.floats(),
    st.text(max_size=20), st.sampled_from(["", "0", "\x00", "\ud83d", "a" * 400, "add", "page"]),
)  # fmt: skip
ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every spot of a body, as a container and the key into it."""
    found: list[tuple[Any, Any]] = []
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(parts):
        found.append((value, key))
        if isinstance(part, dict | list):
            found += places(part)
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """One of all shapes with one to four parts changed."""
    body = copy.deepcopy(ALL[draw(st.sampled_from(sorted(ALL)))])
    for _ in range(draw(st.integers(1, 4))):
        spots = places(body) if isinstance(body, dict | list) else []
        if not spots:
            return draw(ANYTHING)
        container, key = draw(st.sampled_from(spots))
        match draw(st.sampled_from(["replace", "remove", "double"])):
            case "replace":
                container[key] = draw(ANYTHING)
            case "remove":
                del container[key]
            case "double" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            case "double":
                container[str(draw(st.text(max_size=5)))] = copy.deepcopy(container[key])
    return body
