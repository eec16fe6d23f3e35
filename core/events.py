"""Events instead of upward calls: record one, and who reacts runs before the commit."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

Reaction = Callable[[AsyncSession, Any], Awaitable[None]]
Reactions = Mapping[type, Sequence[Reaction]]

_ROUNDS = 100


def record(session: AsyncSession, event: object) -> None:
    """Say what happened. Reactions run in this transaction, right before it commits."""
    session.info.setdefault("recorded", []).append(event)


async def react(session: AsyncSession, reactions: Reactions) -> None:
    """Run the reactions to all recorded events, also to those that reactions record.

    An event nobody listed is a mistake in `app/reactions.py`, not something to pass over.
    """
    recorded: list[object] = session.info.setdefault("recorded", [])
    for _ in range(_ROUNDS):
        if not recorded:
            return
        generation, recorded[:] = recorded[:], []
        for event in generation:
            for reaction in reactions[type(event)]:
                await reaction(session, event)
    raise RuntimeError(f"events go on answering each other; the last one was {event!r}")
