"""What became of a letter, in a word."""

from dataclasses import dataclass

from core.mail import Mail
from core.mail_words import MailState, meaning_of
from storefront.orders.states import StatusKind


@dataclass(frozen=True, slots=True)
class LetterStatus:
    """`word` and `meaning` are msgids; `meaning` is why, where something went wrong."""

    name: MailState
    word: str
    kind: StatusKind
    meaning: str = ""


_WORDS: dict[MailState, tuple[str, StatusKind]] = {
    "waiting": ("Waits to be sent", "info"),
    "sent": ("Went out", "success"),
    "retried": ("Is tried again", "warning"),
    "refused": ("Refused for good", "danger"),
    "bounced": ("Came back", "danger"),
}


def letter_status(mail: Mail) -> LetterStatus:
    name = _name(mail)
    word, kind = _WORDS[name]
    is_told = name not in ("waiting", "sent")
    return LetterStatus(name, word, kind, meaning_of(mail.failure or "") if is_told else "")


def _name(mail: Mail) -> MailState:
    if mail.bounced_at is not None:
        return "bounced"
    if mail.sent_at is not None:
        return "sent"
    if mail.refused_at is not None:
        return "refused"
    return "retried" if mail.tries else "waiting"
