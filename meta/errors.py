"""What the Graph API refuses, in families a machine can act on and sentences a person can read."""

from typing import ClassVar, Literal

from core.errors import NotFound, ShopError

Family = Literal[
    "temporary",
    "rate",
    "window",
    "permission",
    "unreachable",
    "missing",
    "bad_parameter",
    "thread_owned",
    "answered_before",
    "token_dead",
    "token_scope",
    "blocked",
    "duplicate",
    "link_preview",
    "unknown",
]

SENTENCES: dict[str, str] = {
    "temporary": "Meta could not do this just now. It will be tried again.",
    "rate": "Meta asks us to slow down. It will be tried again later.",
    "window": "The time in which the platform allows an answer is over.",
    "permission": "Meta does not allow this. A permission or a feature is missing for the page.",
    "unreachable": "This person cannot be reached: they have left or blocked the page.",
    "missing": "It no longer exists on the platform, or the page may not see it.",
    "bad_parameter": "Meta could not accept this message as it is.",
    "thread_owned": "Another tool, or Meta's own inbox, has taken over this conversation.",
    "answered_before": "This comment already has its private reply; the platform allows only one.",
    "token_dead": "The connection to the page is no longer valid. Please connect it anew.",
    "token_scope": "The connection to the page lacks a permission. Please grant it and connect anew.",
    "blocked": "Meta has blocked this for a while because it looked like spam.",
    "duplicate": "The very same post was published a moment ago.",
    "link_preview": "Meta could not read the page behind the link. It will be tried again.",
    "unknown": "Meta refused this without saying why in a way we know.",
}

NEEDS_A_PERSON: frozenset[str] = frozenset({"token_dead", "token_scope", "blocked"})
"""Nothing leaves for this page until somebody has acted; what waits should be kept."""


class GraphRefused(ShopError):
    """Final: the same call would be refused again. `reason` is Meta's own wording, for logs."""

    status: ClassVar[int] = 502

    def __init__(
        self, code: int, subcode: int, reason: str, *, family: Family, trace_id: str = ""
    ) -> None:
        super().__init__()
        self.sentence = SENTENCES[family]  # type: ignore[misc]
        self.graph_code, self.subcode, self.reason = code, subcode, reason
        self.family: Family = family
        self.trace_id = trace_id

    @property
    def sentence_for_people(self) -> str:
        """The family's sentence: a msgid."""
        return SENTENCES[self.family]

    def __str__(self) -> str:
        return f"{self.family} ({self.graph_code}/{self.subcode}): {self.reason}"


class GraphUnavailable(ShopError):
    """Try again, after `retry_after` seconds where that is known. Nothing was done."""

    status: ClassVar[int] = 503
    sentence: ClassVar[str] = "Meta cannot be reached at the moment. Please try again."

    def __init__(
        self, reason: str, *, family: Family = "temporary", retry_after: float | None = None
    ) -> None:
        super().__init__()
        self.reason, self.retry_after = reason, retry_after
        self.family: Family = family

    def __str__(self) -> str:
        return f"{self.family}: {self.reason}"


class GraphUnclear(ShopError):
    """A call that changes something got no answer: it may have been done, or not.

    Look (for the echo, for the comment) before doing it again.
    """

    status: ClassVar[int] = 504
    sentence: ClassVar[str] = "Meta did not answer. It may have been done all the same."

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return f"unclear: {self.reason}"


class PageNotConnected(NotFound):
    sentence = "No Facebook page is connected yet."


class PageTakenElsewhere(ShopError):
    status = 409
    sentence = "This page is already connected to another shop of this installation."


class AppNotConfigured(ShopError):
    status = 409
    sentence = "META_APP_ID and META_APP_SECRET are not set. Set them and start again."


class TokenRefused(ShopError):
    """A pasted token that cannot be used; the sentence says why and what to do."""

    status = 422

    def __init__(self, sentence: str, **details: str) -> None:
        super().__init__()
        self.sentence = sentence  # type: ignore[misc]
        self.details = details
