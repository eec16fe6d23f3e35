"""The first result of a key, kept for a day and given again (Stripe docs: idempotent requests)."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sandbox.stripe.errors import Invalid, KeyInUse, KeyReused
from sandbox.stripe.world import World

KEPT_S = 24 * 3600
LONGEST = 255


@dataclass
class Result:
    """`body` None means the first request is still being worked on."""

    fingerprint: str
    at: float
    request_id: str
    status: int = 0
    body: bytes | None = None


def fingerprint(path: str, params: dict[str, Any]) -> str:
    text = json.dumps([path, params], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def begin(world: World, account_id: str, key: str, mark: str, request_id: str) -> Result | None:
    """The stored result to give again, or None: then this request holds the key until `end`."""
    if len(key) > LONGEST:
        raise Invalid(f"Idempotency keys have at most {LONGEST} characters.")
    _forget_old(world)
    result: Result | None = world.results.get((account_id, key))
    if result is None:
        world.results[account_id, key] = Result(mark, world.clock(), request_id)
        return None
    if result.fingerprint != mark:
        raise KeyReused(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Use another key than '{key}' for another request.",
            code="idempotency_key_in_use" if result.body is None else "",
        )
    if result.body is None:
        raise KeyInUse(
            f"There is another request in progress with this key: {key}",
            code="idempotency_key_in_use",
        )
    return result


def end(world: World, account_id: str, key: str, status: int, body: bytes) -> None:
    result = world.results[account_id, key]
    result.status, result.body = status, body


def drop(world: World, account_id: str, key: str) -> None:
    """Validation failed: nothing is stored, the key is free again."""
    world.results.pop((account_id, key), None)


def _forget_old(world: World) -> None:
    limit = world.clock() - KEPT_S
    while world.results:
        oldest = next(iter(world.results))
        if world.results[oldest].at >= limit:
            return
        del world.results[oldest]
