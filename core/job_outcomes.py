"""What passes between those who run jobs and those who keep them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job in our hands. `attempt` counts this one."""

    id: int
    name: str
    args: Mapping[str, Any]
    key: str | None
    lock: str | None
    attempt: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """`again` at `run_at`; an attempt that is not `counted` was nobody's fault."""

    job: Claimed
    kind: Literal["done", "again", "dead"]
    run_at: datetime | None = None
    counted: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    claimed: Sequence[Claimed]
    next_at: datetime | None = None


class JobStore(Protocol):
    async def turn(self, outcomes: Sequence[Outcome], free: int, *, now: datetime) -> Turn:
        """Write down `outcomes` and claim up to `free` due jobs, in one transaction."""


def pause_after(attempt: int, error: Exception) -> timedelta:
    """4 s, 12 s, 36 s … up to an hour, a quarter more or less; or what the error asks for.

    An error may carry `retry_after` in seconds, as HTTP's Retry-After does.
    """
    asked = getattr(error, "retry_after", None)
    if isinstance(asked, int | float) and asked > 0:
        return timedelta(seconds=min(float(asked), 86_400.0))
    seconds = min(4.0 * 3 ** (attempt - 1), 3600.0)
    # Not for secrets: so that jobs that failed together do not come back together.
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311
