"""The inbox's pages behind the counter, over HTTP, in the built product."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlmodel import col, select

from core.shops import open_shop
from inbox.models import Conversation, Message
from inbox.receiving import receive
from staff.access import OPEN_PAGES
from storefront.models import StockCheck
from tests.inbox.story import Told
from tests.opened import House, open_house, sign_in

pytestmark = pytest.mark.sqlite_only
FETCH = {"X-Requested-With": "fetch", "Accept": "application/json, text/html"}


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path, works=False) as opened:
        await sign_in(opened)
        yield opened


async def hears(house: House, *happenings: Any, shop: Any = None) -> None:
    for happening in happenings:
        async with house.db.transaction() as session:
            await receive(session, shop or house.shop, happening, now=house.now())


async def only(house: House, table: Any) -> Any:
    async with house.db.reading() as session:
        return (await session.exec(select(table).order_by(col(table.id)))).one()


async def get(house: House, path: str, **headers: str) -> tuple[int, str]:
    async with house.http.get(house.at(path), headers=headers, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def send(
    house: House, path: str, headers: dict[str, str] | None = None, **fields: Any
) -> aiohttp.ClientResponse:
    async with house.http.post(
        house.at(path), data=fields, headers=headers or {"Accept": "text/html"},
        allow_redirects=False,
    ) as answer:  # fmt: skip
        await answer.read()
        return answer


def names(page: str) -> list[str]:
    return re.findall(r'class="row-name">([^<]+)<', page)


async def test_the_list_filters_searches_and_finds_umlauts(house: House, told: Told) -> None:
    await hears(
        house,
        told.text("m1", "Haben Sie Rosen?", 1),
        told.comment("c1", "Größere Sträuße?", 2, "a1", name="Jörg Müller"),
        told.visitor_post("1_9", "Danke!", 3, "a2"),
    )
    assert names((await get(house, "/counter/inbox"))[1])[:2] == ["Name a2", "Jörg Müller"]
    for query, found in (
        ("show=bot", ["Unbekannte Person"]),
        ("show=unassigned", ["Name a2", "Jörg Müller"]),
        ("show=closed", []),
        ("show=mine", []),
        ("channel=comment", ["Jörg Müller"]),
        ("q=muller", ["Jörg Müller"]),
        ("q=GRÖSSERE", ["Jörg Müller"]),
        ("q=100%", []),
        ("q=_", []),
        ("show=nonsense&channel=nonsense&before=nonsense", ["Name a2", "Jörg Müller", "Unbekannte Person"]),
    ):  # fmt: skip
        status, page = await get(house, f"/counter/inbox/rows?{query}")
        assert (status, names(page)) == (200, found), query


async def test_the_list_goes_on_page_by_page(house: House, told: Told) -> None:
    await hears(house, *(told.text(f"m{n}", f"Nr. {n}", n, person=f"p{n}") for n in range(45)))
    _, page = await get(house, "/counter/inbox/rows")
    further = re.search(r'href="(/counter/inbox\?[^"]*before=[^"]+)"', page)
    assert len(names(page)) == 40
    assert further
    _, rest = await get(house, further[1].replace("&amp;", "&"))
    assert len(names(rest)) == 5


async def test_every_empty_state_says_what_to_do(house: House) -> None:
    for query, sentence in (
        ("", "Alles erledigt"), ("?q=xyz", "Nichts gefunden"), ("?show=closed", "Nichts hier"),
    ):  # fmt: skip
        assert sentence in (await get(house, f"/counter/inbox{query}"))[1]
    _, page = await get(house, "/counter/inbox/rows", **{"Accept-Language": "en"})
    assert "Alles erledigt" in page, "the member's own language wins"


async def test_opening_a_conversation_marks_it_read(house: House, told: Told) -> None:
    await hears(house, told.comment("c1", "Was kostet das?", 1))
    assert (await get(house, "/counter/inbox/unread"))[1] == "1"
    thread = await only(house, Conversation)
    status, page = await get(house, f"/counter/inbox/{thread.key}")
    assert status == 200
    assert "Was kostet das?" in page
    assert (await get(house, "/counter/inbox/unread"))[1] == ""


async def test_an_answer_is_queued_and_a_note_is_not_sent(house: House, told: Told) -> None:
    await hears(house, told.text("m1", "Haben Sie Rosen?", 1))
    thread = await only(house, Conversation)
    way = f"/counter/inbox/{thread.key}"
    async with house.db.transaction() as session:
        row = await session.get_one(Conversation, thread.key)
        row.last_customer_at = house.now()
        session.add(row)
    note = await send(house, f"{way}/reply", mode="note", text="Stammkundin", seen="1")
    assert (note.status, note.headers["Location"]) == (303, f"{way}#m2")
    answer = await send(house, f"{way}/reply", mode="message", text="Ja!", seen="2")
    assert (answer.status, answer.headers["Location"]) == (303, f"{way}#m3")
    async with house.db.reading() as session:
        rows = (await session.exec(select(Message).order_by(col(Message.id)))).all()
    assert [(one.direction, one.author, one.state) for one in rows] == [
        ("in", "customer", "received"), ("note", "staff", "received"), ("out", "staff", "queued"),
    ]  # fmt: skip


async def test_a_stale_answer_is_refused_and_the_text_stays(house: House, told: Told) -> None:
    await hears(house, told.comment("c1", "Was kostet das?", 1))
    thread = await only(house, Conversation)
    first = await only(house, Message)
    await hears(house, told.comment("c2", "Schon gut!", 2, parent="c1"))
    way = f"/counter/inbox/{thread.key}/reply"
    script = await send(house, way, FETCH, mode="public", text="19 Euro", seen=str(first.key))
    assert script.status == 409
    assert "Seit Sie diese Seite" in json.loads(await script.text())["message"]
    page = await send(house, way, mode="public", text="19 Euro & mehr", seen=str(first.key))
    assert page.status == 409
    shown = await page.text()
    assert "19 Euro &amp; mehr</textarea>" in shown
    assert "Schon gut!" in shown
    async with house.db.reading() as session:
        assert len((await session.exec(select(Message))).all()) == 2
    fine = await send(house, way, FETCH, mode="public", text="19 Euro", seen=str(first.key + 1))
    assert (fine.status, fine.headers["X-Seen"]) == (200, str(first.key + 2))


async def test_what_cannot_be_said_is_told_in_words_and_stays_in_the_box(
    house: House, told: Told
) -> None:
    await hears(house, told.text("m1", "Haben Sie Rosen?", -60 * 24 * 30))
    thread = await only(house, Conversation)
    way = f"/counter/inbox/{thread.key}"
    assert "mehr als 7 Tage" in (await get(house, way))[1]
    answer = await send(house, f"{way}/reply", mode="message", text="Doch", seen="1")
    assert answer.status == 409
    assert "mehr als 7 Tage" in await answer.text()
    for fields in (
        {"mode": "public", "text": "  ", "seen": "1"}, {"mode": "quatsch", "text": "x"},
        {"text": "x"}, {"mode": "note", "text": ""}, {"mode": "message", "text": "x", "seen": "-1"},
        {"mode": "message", "text": "x", "seen": "9" * 30},
    ):  # fmt: skip
        answer = await send(house, f"{way}/reply", **fields)
        assert 400 <= answer.status < 500, fields
    async with house.db.reading() as session:
        assert len((await session.exec(select(Message))).all()) == 1


async def test_taking_giving_back_assigning_and_closing_are_recorded(
    house: House, told: Told
) -> None:
    from inbox.models import ConversationEvent

    await hears(house, told.text("m1", "Haben Sie Rosen?", 1))
    way = f"/counter/inbox/{(await only(house, Conversation)).key}"
    for what in ("take", "bot", "close", "reopen"):
        assert (await send(house, f"{way}/{what}")).status == 303
    assert (await send(house, f"{way}/assign", member="1")).status == 303
    assert (await send(house, f"{way}/assign", member="99")).status == 404
    async with house.db.reading() as session:
        events = (await session.exec(select(ConversationEvent))).all()
    assert [(one.what, one.staff_id) for one in events] == [
        ("owner:human", 1), ("assigned", 1), ("owner:bot", 1), ("closed", 1), ("reopened", 1),
        ("assigned", 1),
    ]  # fmt: skip
    thread = await only(house, Conversation)
    assert (thread.owner, thread.owner_version, thread.assignee_id) == ("bot", 2, 1)


async def test_another_shops_conversations_do_not_exist_here(house: House, told: Told) -> None:
    async with house.db.transaction() as session:
        other = await open_shop(session, "andere", "Andere", now=house.now())
    await hears(house, told.comment("c1", "Geheim!", 1), shop=other)
    thread, message = await only(house, Conversation), await only(house, Message)
    tried = 0
    for resource in house.product.router.resources():
        if "{conversation_id" not in resource.canonical or resource.canonical in OPEN_PAGES:
            continue
        path = resource.canonical.replace("{conversation_id}", str(thread.key))
        path = path.replace("{message_id}", str(message.key)).replace("{wanted}", "hide")
        for route in resource:
            if route.method == "HEAD":
                continue
            fields = {"mode": "note", "text": "x", "seen": "9"} if route.method == "POST" else None
            async with house.http.request(
                route.method, house.at(path), data=fields, allow_redirects=False
            ) as answer:
                assert answer.status == 404, (route.method, path)
                assert "Geheim" not in await answer.text()
            tried += 1
    assert tried == 13
    after = await only(house, Message)
    assert after.model_dump() == message.model_dump()
    assert names((await get(house, "/counter/inbox/rows?q=Geheim"))[1]) == []


async def test_what_customers_write_is_shown_as_text(house: House, told: Told) -> None:
    await hears(house, told.comment("c1", "<script>alert(1)</script>", 1, name="<b>Eva</b>"))
    thread = await only(house, Conversation)
    for path in (f"/counter/inbox/{thread.key}", "/counter/inbox", "/counter/"):
        _, page = await get(house, path)
        assert "<script>alert" not in page
        assert "<b>Eva" not in page


async def test_the_start_page_counts_what_waits(house: House, told: Told) -> None:
    await hears(house, told.comment("c1", "Was kostet das?", 1))
    status, page = await get(house, "/counter/")
    assert status == 200
    assert "Was kostet das?" in page
    assert (await get(house, "/counter"))[0] == 303


async def test_the_health_page_shows_what_is_stuck_and_works_on_it_again(house: House) -> None:
    from core.intake import INTAKE, Arrival, Incoming
    from core.mail import write_mail

    arrival = Arrival("meta", "k1", "t1", "messenger.messaging", "{}", house.shop.key, house.now())
    await house.product[INTAKE].store([arrival])
    async with house.db.transaction() as session:
        row = (await session.exec(select(Incoming))).one()
        row.state, row.reason = "failed", "KeyError: weird"
        session.add(row)
        await write_mail(
            session, house.shop.key, "a@b.example", "Ihr Beleg", text="x", html="x",
            sender_name="x", about="order:1", now=house.now(),
        )  # fmt: skip
    _, page = await get(house, "/counter/health")
    assert "KeyError: weird" in page
    assert "Ihr Beleg" in page
    again = await send(house, f"/counter/health/events/{row.id}/again")
    assert again.status == 303
    assert (await only(house, Incoming)).state == "waiting"
    assert (await send(house, "/counter/health/events/999/again")).status == 404
    assert (await send(house, "/counter/health/jobs/999/again")).status == 404


async def test_the_health_page_says_whether_the_stock_books_add_up(house: House) -> None:
    async def said(**values: Any) -> list[bool]:
        check = StockCheck(shop_id=house.shop.key, **values)
        async with house.db.transaction() as session:
            await session.merge(check)
        _, page = await get(house, "/counter/health")
        return [sentence in page for sentence in (
            "Die Bestandsbücher gehen auf, bei 2 Artikeln.",
            "Bei einem Artikel sind die Zähler nicht die Summe ihrer Bewegungen.",
            "obwohl es jede Stunde geschehen sollte",
        )]  # fmt: skip

    _, page = await get(house, "/counter/health")
    assert "Bestandsbücher gehen" not in page
    now = house.now()
    assert await said(checked_at=now, variants=2, differing=[]) == [True, False, False]
    assert await said(checked_at=now, variants=2, differing=[7]) == [False, True, False]
    late = now - timedelta(hours=4)
    assert await said(checked_at=late, variants=2, differing=[]) == [True, False, True]
