"""E-mails: written in the transaction that caused them, sent by a job, their fate on the row."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid

import aiosmtplib
from aiohttp import web
from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.columns import UtcDateTime
from core.database import Database
from core.errors import GiveUp
from core.jobs import enqueue
from core.logs import log, scrub
from core.settings import MailSettings


class Mail(SQLModel, table=True):
    """One e-mail. `sent_at` or `failure` says what became of it."""

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


class Post:
    """The way to the mail server."""

    def __init__(self, settings: MailSettings) -> None:
        self.settings = settings

    @property
    def is_configured(self) -> bool:
        return bool(self.settings.host and self.settings.sender)

    async def deliver(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
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
    now: datetime,
) -> Mail:
    """Put an e-mail into the outbox; it leaves after the commit. `about`: e.g. `order:17`."""
    mail = Mail(
        shop_id=shop_id, recipient=recipient, subject=" ".join(subject.split()), text=text,
        html=html, sender_name=sender_name, about=about, written_at=now,
        message_id=make_msgid(domain="tresen.invalid"),
    )  # fmt: skip
    session.add(mail)
    await session.flush()
    await enqueue(session, send_mail, {"mail_id": mail.id})
    return mail


async def send_mail(db: Database, post: Post, clock: Clock, *, mail_id: int) -> None:
    """Job. The Message-ID is fixed when written, so a second try after an unclear end is
    recognised as the same e-mail by the receiving side."""
    async with db.reading() as session:
        mail = await session.get(Mail, mail_id)
    if mail is None or mail.sent_at is not None:
        return
    if not post.is_configured:
        raise GiveUp("no mail server is set (MAIL_HOST, MAIL_SENDER)")
    try:
        await post.deliver(_compose(mail, post.settings.sender))
    except (aiosmtplib.SMTPException, OSError) as error:
        reason = scrub(f"{type(error).__name__}: {error}")
        await _note(db, mail_id, failure=reason)
        if _is_permanent(error):
            raise GiveUp(f"the mail server refused it: {reason}") from None
        raise
    await _note(db, mail_id, sent_at=clock(), failure=None)
    log(__name__).info("mail_sent", mail_id=mail_id, about=mail.about)


def _is_permanent(error: Exception) -> bool:
    """RFC 5321: codes from 500 on are final. About the letter, that is: what is wrong with our
    own account or connection is not its fault."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return min((one.code for one in error.recipients), default=450) >= 500
    return isinstance(error, aiosmtplib.SMTPDataError) and error.code >= 500


async def _note(db: Database, mail_id: int, **outcome: object) -> None:
    async with db.transaction() as session:
        mail = await session.get_one(Mail, mail_id)
        mail.sqlmodel_update(outcome)
        session.add(mail)


def _compose(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage()
    # Not formataddr: a comma beside an umlaut would end up outside the quotation marks.
    message["From"] = Address(" ".join(mail.sender_name.split()), addr_spec=sender)
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
