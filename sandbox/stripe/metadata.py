"""Stripe's rules for metadata (Stripe docs: metadata)."""

from typing import Any

from sandbox.stripe.errors import Invalid

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500


def check(metadata: Any, *, param: str = "metadata") -> dict[str, str]:
    """A copy with at most 50 keys of 40 characters and values of 500; empty values are unset."""
    kept = {key: value for key, value in (metadata or {}).items() if value != ""}
    if len(kept) > MOST_KEYS:
        raise Invalid(
            f"Metadata holds at most {MOST_KEYS} keys; this has {len(kept)}.", param=param
        )
    for key, value in kept.items():
        if len(key) > LONGEST_KEY:
            raise Invalid(
                f"Metadata keys have at most {LONGEST_KEY} characters: {key[:60]}", param=param
            )
        if len(value) > LONGEST_VALUE:
            raise Invalid(
                f"Metadata values have at most {LONGEST_VALUE} characters: {key}",
                param=f"{param}[{key}]",
            )
    return kept


def merged(old: dict[str, str], changes: Any) -> dict[str, str]:
    """What an update leaves: named keys replaced, empty ones removed, "" removes all."""
    if changes == "":
        return {}
    return check({**old, **(changes or {})})
