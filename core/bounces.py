"""E-mails that came back, read as RFC 3464 describes them: which one, and why."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import errors
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from typing import Any

_TOKEN = re.compile(r"\+([0-9a-f]{24})@")
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,300}>")


class NoBounce(ValueError):
    """Not a delivery report that says for good that an e-mail did not arrive; says what it is."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """`token` from the return path, `message_id` from the part that was sent back: either may be
    empty. `reason` begins with the status code (RFC 3463)."""

    token: str
    message_id: str
    recipient: str
    reason: str


def read_bounce(raw: bytes) -> Bounce:
    """Raises NoBounce. The first recipient counts: each of our e-mails has one."""
    try:
        return _read(BytesParser(policy=compat32).parsebytes(raw))
    except (errors.MessageError, LookupError, TypeError, AttributeError, RecursionError) as wrong:
        raise NoBounce(f"unreadable: {type(wrong).__name__}") from None


def _read(message: Message) -> Bounce:
    if message.get_content_type() != "multipart/report":
        raise NoBounce("no delivery report (multipart/report)")
    parts = list(message.walk())
    fields = next(_failures(parts), None)
    if fields is None:
        raise NoBounce("a delivery report of nothing that failed for good")
    return Bounce(
        token=_token_in(message),
        message_id=_message_id_in(parts),
        recipient=_after_semicolon(fields.get("Final-Recipient", "")),
        reason=_reason(fields),
    )


def _failures(parts: list[Message]) -> Iterator[Message]:
    """Groups of fields about recipients that were given up; delays and successes are no bounces."""
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        groups: Any = part.get_payload()
        for group in groups if isinstance(groups, list) else []:
            if str(group.get("Action", "")).strip().lower() == "failed":
                yield group


def _reason(fields: Message) -> str:
    status = str(fields.get("Status", "")).split()[:1]
    said = " ".join(_after_semicolon(fields.get("Diagnostic-Code", "")).split())
    code = status[0] if status else ""
    return (said if code in said else f"{code} {said}").strip()[:300] or "failed"


def _after_semicolon(value: object) -> str:
    """`rfc822; anna@example.org`."""
    _, found, rest = str(value).partition(";")
    return (rest if found else str(value)).strip()


def _token_in(message: Message) -> str:
    for name in ("To", "Delivered-To", "X-Original-To", "Envelope-To"):
        if found := _TOKEN.search(str(message.get(name, ""))):
            return found[1]
    return ""


def _message_id_in(parts: list[Message]) -> str:
    for part in parts:
        kind = part.get_content_type()
        text = ""
        if kind == "message/rfc822":
            inner: Any = part.get_payload()
            text = str(inner[0].get("Message-ID", "")) if isinstance(inner, list) and inner else ""
        elif kind == "text/rfc822-headers":
            text = _header_in(part)
        if found := _MESSAGE_ID.search(text):
            return found[0]
    return ""


def _header_in(part: Message) -> str:
    content: Any = part.get_payload(decode=True)
    headers = BytesParser(policy=compat32).parsebytes(content or b"", headersonly=True)
    return str(headers.get("Message-ID", ""))
