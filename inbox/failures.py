"""Why a reply did not go out, in plain words, and whether trying again makes sense."""

from inbox import reach
from meta import errors

SENTENCES: dict[str, str] = {
    **errors.SENTENCES,
    **reach.SENTENCES,
    "not_connected": "No Facebook page is connected, so nothing can be sent.",
    "no_instagram": "No Instagram account is connected with the page, so nothing can be sent.",
    "unclear": "Meta did not say whether this arrived. Please look at the conversation there before you send it again.",
    "too_often": "Meta could not be reached for a long time, so we stopped trying.",
}

AGAIN: frozenset[str] = frozenset(
    {
        "temporary",
        "rate",
        "token_dead",
        "token_scope",
        "permission",
        "blocked",
        "unknown",
        "unreachable",
        "thread_owned",
        "not_connected",
        "no_instagram",
        "unclear",
        "too_often",
        "taken_over",
    }
)
"""Families a second try can help with, once somebody has looked or something was mended."""

STOPS_THE_PAGE: frozenset[str] = frozenset({"token_dead", "blocked"})
"""Families after which nothing of the page leaves any more; what waits is kept."""

# Names of meta.tokens under which a page can still send.
STILL_SENDS = frozenset({"scopes", "expires_soon", "warned"})


def stands_still(token_problem: str | None) -> bool:
    """Whether the page's connection is broken so that trying is of no use."""
    return token_problem is not None and token_problem not in STILL_SENDS


def sentence(failure: str | None) -> str:
    """A msgid for what went wrong."""
    return SENTENCES.get(failure or "unknown", SENTENCES["unknown"])


def may_try_again(failure: str | None) -> bool:
    return failure in AGAIN
