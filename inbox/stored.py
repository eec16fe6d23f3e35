"""What comes of a happening."""

from dataclasses import dataclass

from inbox.models import Conversation, Message


@dataclass(frozen=True, slots=True)
class Stored:
    """`is_new` when the message itself arrived for the first time."""

    conversation: Conversation
    message: Message
    is_new: bool
