"""One e-mail, taken apart for reading."""

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import parseaddr
from functools import cached_property
from html.parser import HTMLParser
from typing import Any

LINK = re.compile(r"https?://[^\s<>\"')\]]+")


@dataclass(frozen=True)
class Attachment:
    place: int
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, eq=False)
class Letter:
    """`number` counts from 1 and is never used twice; `sender` and `recipients` are SMTP's."""

    number: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    received_at: datetime

    @cached_property
    def message(self) -> EmailMessage:
        return BytesParser(policy=default).parsebytes(self.raw)

    def header(self, name: str) -> str:
        """Empty where it is missing or cannot be read."""
        return next((text for key, text in self.headers if key.lower() == name), "")

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, _clean(value)) for name, value in self._raw_headers()]

    def _raw_headers(self) -> Iterator[tuple[str, Any]]:
        for name, raw in self.message.raw_items():
            try:
                yield name, default.header_fetch_parse(name, raw)
            except (ValueError, IndexError, AttributeError, TypeError):
                yield name, raw

    @property
    def subject(self) -> str:
        return self.header("subject")

    @property
    def from_name(self) -> str:
        name, address = parseaddr(self.header("from"))
        return name or address or self.sender

    @property
    def text(self) -> str:
        """The plain part; without one, the words of the HTML part."""
        return self._body("plain") or _words(self.html)

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return _text_of(part) if isinstance(part, EmailMessage) else ""

    @property
    def links(self) -> list[str]:
        """Every address in the letter, each once, in its order."""
        found = LINK.findall(self.text) + [html.unescape(url) for url in LINK.findall(self.html)]
        return list(dict.fromkeys(url.rstrip(".,;") for url in found))

    @cached_property
    def attachments(self) -> list[Attachment]:
        return [
            Attachment(place, part.get_filename() or f"{place}", part.get_content_type(), content)
            for place, (part, content) in enumerate(self._files())
        ]

    def _files(self) -> Iterator[tuple[EmailMessage, bytes]]:
        for part in self.message.iter_attachments():
            content = part.get_payload(decode=True)
            if isinstance(part, EmailMessage) and not part.is_multipart():
                yield part, content if isinstance(content, bytes) else b""

    def html_page(self) -> str:
        """The HTML part with its inline pictures as data; links open beside the mail box."""
        page = self.html
        for part in self.message.walk():
            name = str(part.get("Content-ID", "")).strip("<> ")
            content = part.get_payload(decode=True)
            if name and isinstance(content, bytes):
                data = base64.b64encode(content).decode()
                page = page.replace(f"cid:{name}", f"data:{part.get_content_type()};base64,{data}")
        return f'<!doctype html><base target="_blank">{page}'

    def told(self) -> dict[str, Any]:
        """For tests: everything but the bytes."""
        return {
            "number": self.number,
            "sender": self.sender,
            "recipients": list(self.recipients),
            "subject": self.subject,
            "from": self.header("from"),
            "to": self.header("to"),
            "text": self.text,
            "html": self.html,
            "links": self.links,
            "headers": dict(self.headers),
            "attachments": [
                {"name": file.name, "content_type": file.content_type, "size": len(file.content)}
                for file in self.attachments
            ],
            "received_at": self.received_at.isoformat(),
        }


def _clean(value: Any) -> str:
    return str(value).encode("utf-8", "replace").decode().replace("\n", " ").strip()


def _text_of(part: EmailMessage) -> str:
    """Unknown or wrong character sets cost single letters, never the whole text."""
    try:
        return str(part.get_content()).encode("utf-8", "replace").decode()
    except (LookupError, UnicodeError, KeyError, ValueError):
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


class _WordsOnly(HTMLParser):
    SILENT = ("style", "script", "head", "title")
    BREAKS = ("p", "div", "br", "tr", "li", "h1", "h2", "h3", "table")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._silent += tag in self.SILENT
        if tag in self.BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def _words(page: str) -> str:
    reader = _WordsOnly()
    reader.feed(page)
    lines = (" ".join(line.split()) for line in "".join(reader.words).splitlines())
    return "\n".join(line for line in lines if line)
