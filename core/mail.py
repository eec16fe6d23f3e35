"""E-mails: written in the transaction that caused them, sent by a job, their fate on the row."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from typing import NoReturn

import aiosmtplib
from aiohttp import web
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.columns import UtcDateTime
from core.database import Database
from core.errors import GiveUp
from core.events import record
from core.jobs import enqueue
from core.logs import log
from core.mail_events import MailFailed
from core.mail_words import ATTEMPTS, pause_before, said_by
from core.settings import MailSettings


class Mail(SQLModel, table=True):
    """One e-mail, and what became of it: `sent_at` when the mail server took it, `refused_at`
    when it will not be tried again, `bounced_at` when it came back after it was taken. `failure`
    is what the other side said last; `next_at` is when it is tried again. Bounces are told by
    `token`, which stands in the return path."""

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    sender_name: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    about: str = Field(max_length=80, index=True)
    written_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str | None = None
    tries: int = 0
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    bounced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    token: str | None = Field(default=None, unique=True, max_length=32)

    @property
    def key(self) -> int:
        """The id of a stored e-mail."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class MailFile(SQLModel, table=True):
    """What is attached to an e-mail."""

    __tablename__ = "mail_file"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    mail_id: int = Field(foreign_key="mail.id", index=True)
    name: str = Field(max_length=120)
    content_type: str = Field(max_length=80)
    content: bytes


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file to be attached."""

    name: str
    content_type: str
    content: bytes


class MailDelayed(Exception):
    """Not taken this time; `retry_after` seconds later it is tried again."""

    def __init__(self, reason: str, pause: timedelta) -> None:
        super().__init__(reason)
        self.retry_after = pause.total_seconds()


class Post:
    """The way to the mail server."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings

    @property
    def is_configured(self) -> bool:
        return bool(self.settings.host and self.settings.sender)

    def return_path(self, mail: Mail) -> str:
        """Where bounces go: `bounces+TOKEN@shop.example`, so that each names its e-mail."""
        name, _, domain = self.settings.return_path.partition("@")
        if not domain or not mail.token:
            return self.settings.sender
        return f"{name}+{mail.token}@{domain}"

    async def deliver(self, message: EmailMessage, *, sender: str) -> None:
        await aiosmtplib.send(
            message,
            sender=sender,
            hostname=self.settings.host,
            port=self.settings.port,
            username=self.settings.user or None,
            password=self.settings.password.get_secret_value() or None,
            use_tls=self.settings.encryption == "tls",
            start_tls=self.settings.encryption == "starttls",
            timeout=20,
        )


POST: web.AppKey[Post] = web.AppKey("post", Post)


async def write_mail(
    session: AsyncSession,
    shop_id: int,
    recipient: str,
    subject: str,
    *,
    text: str,
    html: str,
    sender_name: str,
    about: str,
    files: Sequence[Enclosure] = (),
    now: datetime,
) -> Mail:
    """Put an e-mail into the outbox; it leaves after the commit. `about`: e.g. `order:17`."""
    mail = Mail(
        shop_id=shop_id, recipient=recipient, subject=" ".join(subject.split()), text=text,
        html=html, sender_name=sender_name, about=about, written_at=now,
        message_id=make_msgid(domain="tresen.invalid"), token=secrets.token_hex(12),
    )  # fmt: skip
    session.add(mail)
    await session.flush()
    session.add_all(
        MailFile(shop_id=shop_id, mail_id=mail.key, name=one.name, content_type=one.content_type,
                 content=one.content)
        for one in files
    )  # fmt: skip
    await enqueue(session, send_mail, {"mail_id": mail.id})
    return mail


async def send_mail(db: Database, post: Post, clock: Clock, *, mail_id: int) -> None:
    """Job. The Message-ID is fixed when written, so a second try after an unclear end is
    recognised as the same e-mail by the receiving side."""
    async with db.reading() as session:
        mail = await session.get(Mail, mail_id)
        query = select(MailFile).where(col(MailFile.mail_id) == mail_id)
        files = list((await session.exec(query.order_by(col(MailFile.id)))).all())
    if mail is None or mail.sent_at is not None or mail.bounced_at is not None:
        return
    if not post.is_configured:
        raise GiveUp("no mail server is set (MAIL_HOST, MAIL_SENDER)")
    try:
        message = _compose(mail, files, post.settings.sender)
        await post.deliver(message, sender=post.return_path(mail))
    except (aiosmtplib.SMTPException, OSError) as error:
        await _not_taken(db, mail, error, now=clock())
    await _note(db, mail_id, sent_at=clock(), failure=None, refused_at=None, next_at=None)
    log(__name__).info("mail_sent", mail_id=mail_id, about=mail.about)


async def _not_taken(db: Database, mail: Mail, error: Exception, *, now: datetime) -> NoReturn:
    reason, tries = said_by(error), mail.tries + 1
    if _is_permanent(error) or tries >= ATTEMPTS:
        async with db.transaction() as session:
            await _change(session, mail.key, failure=reason, tries=tries, refused_at=now,
                          next_at=None)  # fmt: skip
            record(session, MailFailed(mail.shop_id, mail.key, mail.about, reason))
        raise GiveUp(f"the mail server refused it: {reason}") from None
    pause = pause_before(tries)
    await _note(db, mail.key, failure=reason, tries=tries, next_at=now + pause)
    raise MailDelayed(reason, pause) from None


def _is_permanent(error: Exception) -> bool:
    """RFC 5321: codes from 500 on are final. About the letter, that is: what is wrong with our
    own account or connection is not its fault."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return min((one.code for one in error.recipients), default=450) >= 500
    return isinstance(error, aiosmtplib.SMTPDataError) and error.code >= 500


async def _note(db: Database, mail_id: int, **outcome: object) -> None:
    async with db.transaction() as session:
        await _change(session, mail_id, **outcome)


async def _change(session: AsyncSession, mail_id: int, **outcome: object) -> None:
    mail = await session.get_one(Mail, mail_id, with_for_update={"key_share": True})
    if mail.bounced_at is not None:
        outcome.pop("failure", None)  # It came back sooner than its leaving was noted: why, stays.
    mail.sqlmodel_update(outcome)
    session.add(mail)


def _compose(mail: Mail, files: Sequence[MailFile], sender: str) -> EmailMessage:
    message = EmailMessage()
    # Not formataddr: a comma beside an umlaut would end up outside the quotation marks.
    message["From"] = Address(" ".join(mail.sender_name.split()), addr_spec=sender)
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for one in files:
        kind, _, subtype = one.content_type.partition("/")
        message.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    return message
