"""Takes e-mails over SMTP and keeps the latest; says no when it was told to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import Any, Literal

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail.bouncing import report
from sandbox.mail.letters import Letter
from sandbox.mail.settings import MailSandboxSettings

Manner = Literal["refuse", "bounce", "greylist", "full"]

ANSWERS: dict[Manner, str] = {
    "refuse": "550 5.1.1 No such mailbox here",
    "full": "452 4.2.2 Mailbox full, try again later",
    "greylist": "451 4.7.1 Greylisted, try again later",
}


@dataclass
class Rule:
    """`to` may hold * and ?; `times` None means until it is taken back."""

    manner: Manner
    to: str = "*"
    times: int | None = None
    seen: set[tuple[str, str]] = field(default_factory=set)

    def strikes(self, sender: str, recipient: str) -> bool:
        if self.times == 0 or not fnmatch(recipient.lower(), self.to.lower()):
            return False
        if self.manner == "greylist" and (sender, recipient) in self.seen:
            return False
        self.seen.add((sender, recipient))
        if self.times is not None:
            self.times -= 1
        return True


class MailBox:
    """aiosmtpd's handler. One per application; everything stays in its event loop."""

    def __init__(
        self,
        settings: MailSandboxSettings,
        *,
        changed: Callable[[], None],
        hand_in: Callable[[bytes], None] = lambda raw: None,
    ) -> None:
        """`hand_in` gets what is sent back, as the mailbox behind a return path would hand it on."""
        self.settings = settings
        self.hand_in = hand_in
        self.changed = changed
        self.letters: deque[Letter] = deque(maxlen=settings.kept)
        self.rules: list[Rule] = []
        self.port = 0
        self._count = 0

    def find(self, number: int) -> Letter | None:
        return next((letter for letter in self.letters if letter.number == number), None)

    def take(self, sender: str, recipients: tuple[str, ...], raw: bytes) -> Letter:
        self._count += 1
        letter = Letter(self._count, sender, recipients, raw, datetime.now(UTC))
        self.letters.append(letter)
        self.changed()
        return letter

    def clear(self) -> None:
        self.letters.clear()
        self.changed()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        for rule in self.rules:
            if rule.manner != "bounce" and rule.strikes(envelope.mail_from or "", address):
                return ANSWERS[rule.manner]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        sender, recipients = envelope.mail_from or "", tuple(envelope.rcpt_tos)
        content = envelope.content
        raw = content.encode() if isinstance(content, str) else content or b""
        letter = self.take(sender, recipients, raw)
        for recipient in recipients:
            if any(r.manner == "bounce" and r.strikes(sender, recipient) for r in self.rules):
                self.bounce(letter, recipient)
        return f"250 OK: kept as {letter.number}"

    def bounce(self, letter: Letter, recipient: str) -> None:
        """Taken first, sent back afterwards, as by a mail server further on."""
        if letter.sender:
            notice = report(letter, recipient, now=datetime.now(UTC))
            self.take("", (letter.sender,), notice)
            self.hand_in(notice)

    async def opened(self, app: web.Application) -> AsyncIterator[None]:
        """A cleanup context: listens while the application runs."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(
                self,
                data_size_limit=self.settings.largest_bytes,
                enable_SMTPUTF8=True,
                hostname="mail.example",
                loop=loop,
            ),
            self.settings.host,
            self.settings.port,
        )
        self.port = server.sockets[0].getsockname()[1]
        yield
        server.close()
        await server.wait_closed()


MAIL_BOX: web.AppKey[MailBox] = web.AppKey("mail_box", MailBox)
