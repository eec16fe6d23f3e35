"""What mail servers say, when to ask them again, and the same in plain words."""

import re
from datetime import timedelta
from typing import Literal

import aiosmtplib

from core.logs import scrub

# Soon at first, for greylisting; then for almost three days, as RFC 5321 4.5.4.1 has it.
_PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    *[timedelta(hours=12)] * 4,
)
ATTEMPTS = len(_PAUSES) + 1

# Enhanced status codes (RFC 3463), the class left off: what they mean for whoever wrote.
_MEANINGS = {
    "1.1": "This address does not exist.",
    "1.0": "This address does not exist.",
    "1.2": "There is no mail server for this address.",
    "1.3": "This address is not written correctly.",
    "1.6": "The mailbox has moved, and nobody knows where to.",
    "1.10": "There is no mail server for this address.",
    "2.0": "This mailbox is not reachable.",
    "2.1": "This mailbox is switched off.",
    "2.2": "The mailbox is full.",
    "2.3": "The e-mail is too large for this mailbox.",
    "4.4": "There is no mail server for this address.",
    "4.7": "The other mail server could not be reached for days.",
    "7": "The other mail server does not let our e-mail in.",
}
_STATUS = re.compile(r"\b[245]\.(\d{1,3})\.(\d{1,3})\b")
_UNKNOWN_MAILBOX = re.compile(r"\b(5[05][0-9])\b.*(no such|unknown|does not exist|not found)", re.I)

MailState = Literal["waiting", "sent", "retried", "refused", "bounced"]


def pause_before(tries: int) -> timedelta:
    """After so many tries that failed."""
    return _PAUSES[min(tries, len(_PAUSES)) - 1]


def said_by(error: Exception) -> str:
    """The server's own sentence, where there is one."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return scrub(f"{error.code} {_one_line(error.message)}")
    return scrub(f"{type(error).__name__}: {_one_line(str(error))}")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def meaning_of(failure: str) -> str:
    """A msgid. What is not known is said as that; the server's own words stand beside it."""
    if found := _STATUS.search(failure):
        subject, detail = found.groups()
        if said := _MEANINGS.get(f"{subject}.{detail}") or _MEANINGS.get(subject):
            return said
    if _UNKNOWN_MAILBOX.search(failure):
        return _MEANINGS["1.1"]
    if failure[:1] in "45" and failure[:3].isdigit():
        return "The other mail server did not take it."
    return "The mail server cannot be reached."
