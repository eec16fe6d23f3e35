"""A whole story at info level: the log tells what happened, and nobody's words or secrets."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import structlog
from sqlalchemy import text
from sqlmodel import select

from app.demo import settings as made_up
from bot.webhook import PATH as META_PATH
from core.logs import start_logging
from core.mail import POST
from inbox.models import Message
from meta.models import MetaPage
from payments.models import PaymentAttempt, StripeAccount
from sandbox import chats, walls
from sandbox.graph_faults import GraphFault
from staff.models import Member
from tests.opened import House, open_house, sign_in
from tests.shopping import Buyer, last_order, settle, stock

PASSWORD = "a long enough sentence"
WRONG_PASSWORD = "not-the-right-sentence"

# What the people of the story say and are. Each word is one that stands nowhere else.
WORDS = {
    "name": "Annegret Kornblum", "email": "annegret.kornblum@buyer.example",
    "phone": "0351-9988776", "street": "Silbergasse 77", "postcode": "01099", "town": "Dresden",
    "recipient": "Theodora Mohn", "card_text": "Alles Liebe zum Vierzigsten",
    "remark": "Bitte beim Nachbarn klingeln",
}  # fmt: skip
ASKED, COMMENTED = "Haben Sie Vergissmeinnicht?", "Ich haette gern Pfingstrosen"
ANSWERED = "Leider erst im Mai"


@pytest.fixture
def lines() -> Iterator[StringIO]:
    start_logging(level="info", format="json")
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    stream = StringIO()
    handler.setStream(stream)
    yield stream
    structlog.reset_defaults()
    start_logging(level="error", format="text")


@pytest.fixture
async def house(lines: StringIO, database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path, works=False) as opened:
        yield opened


async def said_by_customers(house: House) -> None:
    """In a chat, which the bot answers, and under a post."""
    anna = house.world.meet("Annegret Kornblum")
    thread = house.world.talk(anna, house.page, "messenger")
    chats.write(house.world, thread, ASKED)
    post = walls.publish(house.world, house.world.pages[made_up.PAGE.page_id], "Heute offen")
    walls.comment(house.world, post, COMMENTED, author=anna)
    await settle(house)


async def answered_on_a_bad_day(house: House) -> None:
    """Every kind of no from Meta, and none at all."""
    async with house.db.reading() as session:
        asked = (await session.exec(select(Message).where(Message.text == ASKED))).one()
    for family in ("transient", "token_expired", "window", "timeout_after_success"):
        house.world.graph_weather.faults.append(GraphFault(family, 1, "messages"))
        async with house.db.reading() as session:
            seen = max(one.key for one in (await session.exec(select(Message))).all())
        form = {"mode": "message", "text": ANSWERED, "seen": str(seen)}
        way = house.at(f"/counter/inbox/{asked.conversation_id}/reply")
        async with house.http.post(way, data=form, allow_redirects=False) as answer:
            assert answer.status in (303, 409), await answer.text()
        await settle(house)


async def refused_at_the_doors(house: House) -> None:
    wrong = {"email": "mia@example.org", "password": WRONG_PASSWORD}
    async with house.http.post(house.at("/counter/sign-in"), data=wrong) as answer:
        assert answer.status == 401
    right = wrong | {"password": PASSWORD}
    async with house.http.post(house.at("/counter/sign-in"), data=right) as answer:
        assert answer.status == 200
    post = house.product[POST]
    post.settings = post.settings.model_copy(update={"port": 1})  # where nobody takes letters
    link = {"email": "mia@example.org"}
    async with house.http.post(house.at("/counter/sign-in/link"), data=link) as answer:
        assert answer.status == 200
    forged = {"X-Hub-Signature-256": "sha256=" + "ab" * 32}
    async with house.http.post(house.at(META_PATH), data=ASKED.encode(), headers=forged) as answer:
        assert answer.status == 403
    await settle(house)


async def broken_in_the_middle(house: House, order_page: str) -> None:
    """A table that is gone: databases quote what they were given."""
    async with house.db.transaction() as session:
        await session.exec(text("ALTER TABLE withdrawal RENAME TO gone"))  # type: ignore[call-overload]
        await session.exec(text("ALTER TABLE order_event RENAME TO lost"))  # type: ignore[call-overload]
    told = {"name": WORDS["name"], "email": WORDS["email"], "contract": WORDS["street"]}
    async with Buyer(house) as buyer:
        await buyer.send(f"/s/{house.shop.slug}/withdraw/confirm", 500, **told)
        await buyer.look(order_page, 500)


async def secrets_of(house: House, *more: str) -> set[str]:
    """Everything that opens something, from the settings and from the rows."""
    core = house.plan
    async with house.db.reading() as session:
        page = (await session.exec(select(MetaPage))).one()
        account = (await session.exec(select(StripeAccount))).one()
        mia = (await session.exec(select(Member))).one()
        pay_pages = (await session.exec(select(PaymentAttempt))).all()
    cookies = [cookie.value for cookie in house.http.cookie_jar]
    found = {
        made_up.APP_SECRET, made_up.VERIFY_TOKEN, made_up.STRIPE_KEY, made_up.STRIPE_PATH,
        made_up.STRIPE_WEBHOOK_SECRET, made_up.PAGE.page_token, page.sealed_token,
        account.sealed_key, mia.password_hash or "", mia.email or "", PASSWORD, WRONG_PASSWORD,
        *(one.url or "" for one in pay_pages), *cookies, *more,
    }  # fmt: skip
    assert core.product_port
    return {one for one in found if one}


def strings_in(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, one in value.items():
                yield str(key)
                yield from strings_in(one)
        case list():
            for one in value:
                yield from strings_in(one)
        case _:
            yield str(value)


async def test_the_log_tells_the_story_and_keeps_its_secrets(house: House, lines: StringIO) -> None:
    goods = await stock(house)
    await said_by_customers(house)
    await sign_in(house)
    await answered_on_a_bad_day(house)
    async with Buyer(house) as buyer:
        basket = await buyer.send(
            f"/s/{house.shop.slug}/basket/add", variant=goods.dozen.key, quantity=1
        )
        visit = urlsplit(basket).path.split("~", 1)[1].split("/")[0]
        await buyer.pay(await buyer.place(basket.removesuffix("basket"), **WORDS))
    order = await last_order(house)
    assert order.state == "confirmed"
    order_page = f"/s/{house.shop.slug}/o/{order.token}"
    await refused_at_the_doors(house)
    secrets = await secrets_of(house, order.token, visit, visit.split("-", 2)[2])
    await broken_in_the_middle(house, order_page)

    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    events = {one["event"] for one in told}
    assert events >= {
        "page_connected", "signed_in_by_link", "signed_in", "sign_in_refused", "graph_refused",
        "reply_sent", "job_failed", "webhook_signature_wrong", "request_crashed",
    }  # fmt: skip
    everything = unquote("\n".join(text for one in told for text in strings_in(one)))
    words = {*WORDS.values(), ASKED, COMMENTED, ANSWERED} - {"01099", "Dresden"}
    leaked = {one for one in secrets | words if one in everything}
    assert leaked == set()
    assert "access_token=" not in everything
