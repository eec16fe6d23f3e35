"""Where e-mails that came back are handed in: closed, signed, once each."""

import hmac
import io
from collections.abc import AsyncIterator

import pytest
from aiohttp import encode_basic_auth, web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlmodel import select

from core.clock import CLOCK
from core.database import DATABASE
from core.errorpages import render_errors
from core.mail import POST, Mail, Post, write_mail
from core.mail_events import MailFailed
from core.mail_hook import LARGEST_BODY, PATH, routes
from core.pages import PAGES
from core.settings import MailSettings
from core.shops import Shop
from core.translations import TRANSLATIONS
from tests.conftest import SetClock, WatchedDatabase
from tests.core.test_bounces import EXCHANGE, POSTFIX, TOKEN
from tests.storefront.stall import all_pages

SECRET = "told to the mail server and to nobody else"

Hook = TestClient[web.Request, web.Application]


async def opened(db: WatchedDatabase, clock: SetClock, secret: str) -> AsyncIterator[Hook]:
    app = web.Application(middlewares=[render_errors], client_max_size=4 * LARGEST_BODY)
    app[TRANSLATIONS], app[PAGES] = all_pages()
    app[DATABASE], app[CLOCK] = db, clock
    told = MailSettings(_env_file=None, bounce_secret=SecretStr(secret))  # type: ignore[call-arg]
    app[POST] = Post(told)
    app.add_routes(routes)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def hook(db: WatchedDatabase, clock: SetClock) -> AsyncIterator[Hook]:
    async for client in opened(db, clock, SECRET):
        yield client


@pytest.fixture
async def letter(db: WatchedDatabase, shop: Shop, clock: SetClock, jobs: object) -> Mail:
    async with db.transaction() as session:
        mail = await write_mail(
            session, shop.key, "anna@gone.example", "Ihre Bestellung", text="Danke", html="Danke",
            sender_name="Blumen", about="order:17:paid", now=clock(),
        )  # fmt: skip
        mail.sent_at = clock()
        session.add(mail)
    return mail


def ours(raw: str, letter: Mail) -> bytes:
    told = raw.replace(TOKEN, letter.token or "").replace("<179576.9.9@tresen.invalid>",
                                                          letter.message_id)  # fmt: skip
    return told.encode()


def signed(raw: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Tresen-Signature": f"sha256={hmac.new(secret.encode(), raw, 'sha256').hexdigest()}"}


async def fresh(db: WatchedDatabase) -> Mail:
    async with db.reading() as session:
        return (await session.exec(select(Mail))).one()


@pytest.mark.parametrize("raw", [POSTFIX, EXCHANGE])
async def test_what_came_back_is_noted_once(
    raw: str, hook: Hook, db: WatchedDatabase, letter: Mail, clock: SetClock
) -> None:
    """By the mark in the return path, or by the Message-ID of what was sent back."""
    body = ours(raw, letter)
    for _ in range(2):
        async with hook.post(PATH, data=body, headers=signed(body)) as answer:
            assert (answer.status, await answer.json()) == (200, {"bounced": True})
        clock.advance(minutes=5)
    mail = await fresh(db)
    assert mail.bounced_at is not None
    assert mail.bounced_at < clock()
    assert mail.failure is not None
    assert mail.failure[:4] in ("550 ", "5.2.")
    assert db.seen == [MailFailed(mail.shop_id, mail.key, "order:17:paid", mail.failure)]


async def test_a_mail_service_may_use_a_password_instead(
    hook: Hook, db: WatchedDatabase, letter: Mail
) -> None:
    basic = {"Authorization": encode_basic_auth("x", SECRET)}
    async with hook.post(PATH, data=ours(POSTFIX, letter), headers=basic) as answer:
        assert answer.status == 200
    assert (await fresh(db)).bounced_at is not None


@pytest.mark.parametrize(
    "headers", [{}, signed(b"something else"), {"X-Tresen-Signature": "sha256=\xfc"},
                {"Authorization": "Basic !!"}, {"Authorization": "Basic eDp3cm9uZw=="}],
)  # fmt: skip
async def test_without_the_secret_nothing_is_believed(
    headers: dict[str, str], hook: Hook, db: WatchedDatabase, letter: Mail
) -> None:
    async with hook.post(PATH, data=ours(POSTFIX, letter), headers=headers) as answer:
        assert answer.status == 403
    assert (await fresh(db)).bounced_at is None


@pytest.mark.parametrize("raw", [POSTFIX.encode(), b"Subject: Urlaub\n\nBin weg."])
async def test_what_is_none_of_ours_is_set_aside_with_a_reason(
    raw: bytes, hook: Hook, db: WatchedDatabase, letter: Mail
) -> None:
    async with hook.post(PATH, data=raw, headers=signed(raw)) as answer:
        told = await answer.json()
    assert (answer.status, told["bounced"]) == (200, False)
    assert told["reason"]
    assert db.seen == []


async def test_too_large_a_body_is_not_read(hook: Hook) -> None:
    async with hook.post(PATH, data=io.BytesIO(b"x" * (LARGEST_BODY - 1))) as answer:
        assert answer.status == 403
    async with hook.post(PATH, data=io.BytesIO(b"x" * (LARGEST_BODY + 1))) as answer:
        assert answer.status == 413


@pytest.mark.sqlite_only
async def test_without_a_secret_the_door_is_not_there(db: WatchedDatabase, clock: SetClock) -> None:
    async for closed in opened(db, clock, ""):
        async with closed.post(PATH, data=b"x", headers=signed(b"x", "")) as answer:
            assert answer.status == 404
