"""What happens in the inbox, for those above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A customer said something for the first time (not an edit, not a copy)."""

    shop_id: int
    conversation_id: int
    message_id: int
    customer_id: int | None
    channel: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """The platform took a reply of ours. `platform_id` is its message or comment id."""

    shop_id: int
    conversation_id: int
    message_id: int
    platform_id: str


@dataclass(frozen=True, slots=True)
class MessageFailed:
    """A reply did not go out and will not by itself; `failure` names the family of reasons."""

    shop_id: int
    conversation_id: int
    message_id: int
    failure: str


@dataclass(frozen=True, slots=True)
class ConversationHandedOver:
    """A conversation changed its owner. `by_staff_id` is empty when nobody of the staff did it."""

    shop_id: int
    conversation_id: int
    former_owner: str
    owner: str
    by_staff_id: int | None


@dataclass(frozen=True, slots=True)
class AnsweredElsewhere:
    """Somebody answered outside of here: in Meta's own inbox, or with another tool."""

    shop_id: int
    conversation_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class ConversationClosed:
    shop_id: int
    conversation_id: int
    by_staff_id: int | None
