"""E-mails: written with what caused them, sent afterwards, their fate on the row."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr
from sqlmodel import select

from core.jobs import Handler, JobEngine, enqueue, name_of
from core.mail import Enclosure, Mail, Post, send_mail, write_mail
from core.mail_events import MailFailed
from core.mail_words import ATTEMPTS
from core.settings import MailSettings
from core.shops import Shop
from tests.conftest import SetClock, WatchedDatabase


class PostOffice:
    """Takes what it is given, unless it was told what to answer."""

    def __init__(self) -> None:
        self.port = 0
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        self.senders: list[str] = []
        self.on_taken: list[Callable[[], Awaitable[None]]] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        self.senders.append(envelope.mail_from or "")
        for tell in self.on_taken:
            await tell()
        return "250 OK"


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(office, hostname="post.example"), "127.0.0.1", 0
    )
    office.port = server.sockets[0].getsockname()[1]
    yield office
    server.close()
    await server.wait_closed()


def settings(**values: Any) -> MailSettings:
    return MailSettings(_env_file=None, encryption="none", sender="shop@blumen.example", **values)


@pytest.fixture(autouse=True)
def post(office: PostOffice, sqlite_db: WatchedDatabase, jobs: Any, clock: SetClock) -> Post:
    """The mail server is there, and the job that goes to it is known."""
    post = Post(settings(host="127.0.0.1", port=office.port))
    jobs.handlers[name_of(send_mail)] = Handler(partial(send_mail, sqlite_db, post, clock), 3)
    return post


async def write(db: WatchedDatabase, shop: Shop, clock: SetClock, **changes: Any) -> None:
    values = {"recipient": "anna@example.org", "subject": "Ihre Bestellung", "text": "Danke 🌷",
              "html": "<p>Danke 🌷</p>", "sender_name": "Blumen am Markt, Köln",
              "about": "order:17"} | changes  # fmt: skip
    async with db.transaction() as session:
        await write_mail(session, shop.key, now=clock(), **values)


async def the_mail(db: WatchedDatabase) -> Mail:
    async with db.reading() as session:
        return (await session.exec(select(Mail))).one()


async def test_an_e_mail_leaves_once_and_says_when(
    sqlite_db: WatchedDatabase, jobs: JobEngine, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    await write(sqlite_db, shop, clock)
    clock.advance(seconds=3)
    await jobs.drain()
    (message,) = office.taken
    mail = await the_mail(sqlite_db)
    assert (mail.sent_at, mail.failure) == (clock(), None)
    (sender,) = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (
        "Blumen am Markt, Köln",
        "shop@blumen.example",
    )
    assert (message["To"], message["Subject"]) == ("anna@example.org", "Ihre Bestellung")
    assert message["Message-ID"] == mail.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Danke 🌷"
    assert html.get_content().strip() == "<p>Danke 🌷</p>"

    async with sqlite_db.transaction() as session:
        await enqueue(session, send_mail, {"mail_id": mail.id})
    await jobs.drain()
    assert len(office.taken) == 1


async def test_a_line_break_in_a_subject_adds_no_header(
    sqlite_db: WatchedDatabase, jobs: JobEngine, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    await write(sqlite_db, shop, clock, subject="Hello\r\nBcc: all@example.org")
    await jobs.drain()
    assert office.taken[0]["Subject"] == "Hello Bcc: all@example.org"
    assert office.taken[0]["Bcc"] is None


async def test_a_mailbox_that_does_not_exist_is_given_up_at_once(
    sqlite_db: WatchedDatabase, jobs: JobEngine, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    await write(sqlite_db, shop, clock, recipient="nobody@example.org")
    await jobs.drain()
    mail = await the_mail(sqlite_db)
    assert mail.sent_at is None
    assert (mail.failure, mail.tries) == ("550 no such mailbox", 1)
    assert mail.refused_at == clock()
    assert MailFailed(shop.key, mail.key, "order:17", "550 no such mailbox") in sqlite_db.seen
    async with sqlite_db.reading() as session:
        (dead,) = await jobs.dead(session)
    assert (dead.attempts, dead.args) == (1, {"mail_id": mail.id})


async def test_a_busy_mail_server_is_asked_again_with_the_same_message(
    sqlite_db: WatchedDatabase, jobs: JobEngine, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    office.answers = ["451 try later"]
    await write(sqlite_db, shop, clock)
    await jobs.drain()
    mail = await the_mail(sqlite_db)
    assert mail.sent_at is None
    assert (mail.failure, mail.tries) == ("451 try later", 1)
    assert mail.next_at == clock() + timedelta(seconds=10)
    clock.advance(seconds=9)
    await jobs.drain()
    assert office.taken == []
    clock.advance(seconds=1)
    await jobs.drain()
    assert [message["Message-ID"] for message in office.taken] == [mail.message_id]
    mail = await the_mail(sqlite_db)
    assert (mail.sent_at, mail.failure, mail.next_at) == (clock(), None, None)
    assert sqlite_db.seen == []


async def test_a_letter_that_comes_back_before_its_leaving_is_noted_keeps_the_reason(
    sqlite_db: WatchedDatabase, jobs: JobEngine, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    """The bounce may be worked in while the mail server still says that it took the letter."""

    async def come_back() -> None:
        async with sqlite_db.transaction() as session:
            mail = (await session.exec(select(Mail))).one()
            mail.bounced_at, mail.failure = clock(), "550 5.1.1 No such mailbox here"
            session.add(mail)

    office.answers, office.on_taken = ["451 try later"], [come_back]
    await write(sqlite_db, shop, clock)
    await jobs.drain()
    clock.advance(seconds=10)
    await jobs.drain()
    mail = await the_mail(sqlite_db)
    assert mail.failure == "550 5.1.1 No such mailbox here"
    assert (mail.sent_at, mail.bounced_at) == (clock(), clock())


async def test_what_nobody_takes_for_three_days_is_given_up(
    sqlite_db: WatchedDatabase, jobs: Any, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    post = Post(settings(host="127.0.0.1", port=office.port))
    send = Handler(partial(send_mail, sqlite_db, post, clock), ATTEMPTS)
    jobs.handlers[name_of(send_mail)] = send
    office.answers = ["452 mailbox full"] * (ATTEMPTS + 1)
    await write(sqlite_db, shop, clock)
    began = clock()
    await jobs.drain()
    while (mail := await the_mail(sqlite_db)).refused_at is None:
        assert mail.next_at is not None
        clock.now = mail.next_at
        await jobs.drain()
    assert (mail.tries, mail.failure) == (ATTEMPTS, "452 mailbox full")
    assert timedelta(days=2) < clock() - began < timedelta(days=4)
    assert [type(event) for event in sqlite_db.seen] == [MailFailed]
    async with sqlite_db.reading() as session:
        assert len(await jobs.dead(session)) == 1


async def test_files_go_with_it(
    sqlite_db: WatchedDatabase, jobs: JobEngine, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    bill = Enclosure("RE-2026-000001.pdf", "application/pdf", b"%PDF-1.7 bill")
    await write(sqlite_db, shop, clock, files=[bill])
    await jobs.drain()
    [message] = office.taken
    [part] = message.iter_attachments()
    assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
        "RE-2026-000001.pdf", "application/pdf", b"%PDF-1.7 bill",
    )  # fmt: skip
    plain = message.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().strip() == "Danke 🌷"


async def test_bounces_go_to_an_address_of_their_own(
    sqlite_db: WatchedDatabase, jobs: Any, office: PostOffice, shop: Shop, clock: SetClock
) -> None:
    post = Post(settings(host="127.0.0.1", port=office.port, return_path="back@blumen.example"))
    jobs.handlers[name_of(send_mail)] = Handler(partial(send_mail, sqlite_db, post, clock), 3)
    await write(sqlite_db, shop, clock)
    await jobs.drain()
    mail = await the_mail(sqlite_db)
    assert office.senders == [f"back+{mail.token}@blumen.example"]
    assert office.taken[0]["From"].addresses[0].addr_spec == "shop@blumen.example"


async def test_a_mail_server_that_is_away_is_named_on_the_row(
    sqlite_db: WatchedDatabase, jobs: Any, shop: Shop, clock: SetClock
) -> None:
    post = Post(settings(host="127.0.0.1", port=1))
    jobs.handlers[name_of(send_mail)] = Handler(partial(send_mail, sqlite_db, post, clock), 2)
    await write(sqlite_db, shop, clock)
    await jobs.drain()
    assert "Connect" in ((await the_mail(sqlite_db)).failure or "")
    async with sqlite_db.reading() as session:
        assert (await jobs.dead(session), await jobs.waiting(session)) == ([], 1)


async def test_without_a_mail_server_people_are_told_so(
    sqlite_db: WatchedDatabase, jobs: Any, shop: Shop, clock: SetClock
) -> None:
    post = Post(settings())
    assert not post.is_configured
    jobs.handlers[name_of(send_mail)] = Handler(partial(send_mail, sqlite_db, post, clock))
    await write(sqlite_db, shop, clock)
    await jobs.drain()
    async with sqlite_db.reading() as session:
        (dead,) = await jobs.dead(session)
    assert dead.reason == "no mail server is set (MAIL_HOST, MAIL_SENDER)"


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(settings(password=SecretStr("geheim")))
