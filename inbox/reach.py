"""May we write to them now, and how? Pure, and asked at the moment of sending.

Messenger Platform docs, policy overview: within 24 hours of a customer's last action anything
may be answered; within 7 days a person (never a bot) may answer with the tag HUMAN_AGENT.
Private replies: one per comment, within 7 days of it. Public replies at any time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)
PRIVATE_WINDOW = timedelta(days=7)

SENTENCES = {
    "never_wrote": "They have not written to you in this chat yet, so the platform does not let you start.",
    "window_closed": "More than 7 days have passed since their last message. The platform lets you answer again as soon as they write.",
    "window_closed_for_bot": "More than 24 hours have passed since their last message. The bot may not write now; a person may for up to 7 days.",
    "private_window_closed": "A private reply is possible within 7 days of the comment. These are over.",
    "comment_removed": "The comment was removed, so there is nothing left to answer.",
    "comment_unknown": "The platform has not told us which comment this is, so it cannot be answered.",
    "taken_over": "A person has taken over this conversation, so the bot kept silent.",
}


@dataclass(frozen=True, slots=True)
class Reachable:
    """`tag` is set when the answer needs one; `until` is when this way closes (None: never)."""

    tag: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreachable:
    reason: str

    @property
    def sentence(self) -> str:
        return SENTENCES[self.reason]


Reach = Reachable | Unreachable


def reach_chat(*, last_customer_at: datetime | None, by_person: bool, now: datetime) -> Reach:
    """A message in Messenger or Instagram."""
    if last_customer_at is None:
        return Unreachable("never_wrote")
    if now < last_customer_at + WINDOW:
        return Reachable(until=last_customer_at + WINDOW)
    if not by_person:
        return Unreachable("window_closed_for_bot")
    if now < last_customer_at + HUMAN_WINDOW:
        return Reachable(tag="HUMAN_AGENT", until=last_customer_at + HUMAN_WINDOW)
    return Unreachable("window_closed")


def reach_public(*, is_removed: bool) -> Reach:
    """A comment under a comment or post."""
    return Unreachable("comment_removed") if is_removed else Reachable()


def reach_private(*, commented_at: datetime, is_removed: bool, now: datetime) -> Reach:
    """A private reply to a comment. That there is only one is kept by the database."""
    if is_removed:
        return Unreachable("comment_removed")
    if now >= commented_at + PRIVATE_WINDOW:
        return Unreachable("private_window_closed")
    return Reachable(until=commented_at + PRIVATE_WINDOW)
