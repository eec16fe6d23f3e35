"""What can go wrong, as phrases with an HTTP status; one middleware renders them."""

from datetime import timedelta
from typing import Any, ClassVar


class ShopError(Exception):
    """Something a person did or met that has a name.

    `sentence` is an English msgid with `%(name)s` places; it is translated when it is shown,
    because the same error is a page for one reader, JSON for another and a bot's sentence
    for a third.
    """

    status: ClassVar[int] = 400
    sentence: ClassVar[str] = "That did not work."

    def __init__(self, **details: Any) -> None:
        super().__init__(self.sentence % details if details else self.sentence)
        self.details = details

    @property
    def code(self) -> str:
        return type(self).__name__


class NotFound(ShopError):
    status = 404
    sentence = "We could not find that page."


class Forbidden(ShopError):
    status = 403
    sentence = "You may not do that."


class InvalidForm(ShopError):
    """Fields that did not fit, each with its own sentence (already translated or a msgid)."""

    status = 422
    sentence = "Please check the marked fields."

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__()
        self.fields = fields


class TooManyRequests(ShopError):
    status = 429
    sentence = "That was a little too often. Please try again in %(seconds)s seconds."


class CrossSiteRequest(ShopError):
    status = 403
    sentence = "This form was sent from another site. Please open the page anew and try again."


class GiveUp(Exception):
    """Raised by a job that must not be tried again; the message is the reason people see."""


class TryLater(Exception):
    """Raised by a job that is not failing but must wait (a rate limit, say): not counted."""

    def __init__(self, reason: str, *, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


class BadSetting(Exception):
    """A setting that cannot work; the message says which, why, and what to write instead."""
