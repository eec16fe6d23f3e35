"""What can go wrong in the inbox."""

from collections.abc import Sequence

from core.errors import NotFound, ShopError


class UnknownConversation(NotFound):
    sentence = "This conversation does not exist."


class UnknownMessage(NotFound):
    sentence = "This message does not exist."


class NothingWritten(ShopError):
    status = 422
    sentence = "Please write something first."


class TextTooLong(ShopError):
    status = 422
    sentence = "This is too long for one comment. Up to %(limit)s characters are possible."


class MissedMessages(ShopError):
    """Somebody wrote in the meantime: look before you answer. Holds the ids of what was missed."""

    status = 409
    sentence = "Something was written since you opened this page. Please read it before you answer."

    def __init__(self, missed: Sequence[int]) -> None:
        super().__init__()
        self.missed = list(missed)


class CannotReply(ShopError):
    """The platform's rules do not allow this answer now. `reason` is a name from reach.py."""

    status = 409

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__()
        self.reason = reason
        self.sentence = sentence  # type: ignore[misc]


class AnsweredPrivatelyBefore(ShopError):
    status = 409
    sentence = "This comment already has its private reply; the platform allows only one."


class NotYours(ShopError):
    """The bot wants to speak where a person does."""

    status = 409
    sentence = "A person has taken over this conversation."


class NothingToRetry(ShopError):
    status = 409
    sentence = "This message is already on its way."


class NotModeratable(ShopError):
    status = 409
    sentence = "This does not stand in public (any more), so it can be neither hidden nor deleted."
