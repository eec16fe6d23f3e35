"""Replies in Messenger and Instagram chats, sent to the running sandbox."""

import asyncio
from datetime import timedelta

import pytest

from core.money import Money
from inbox.bubbles import Reader, bubbles
from inbox.conversations import hand_to_human
from inbox.echoes import confirm
from inbox.errors import CannotReply, MissedMessages, NothingToRetry, NothingWritten
from inbox.events import AnsweredElsewhere, MessageFailed, MessageSent
from inbox.models import Message
from inbox.replies import Button, Buttons, Card, Cards, Receipt, ReceiptLine, Text
from inbox.second_tries import drop_failed, try_again
from inbox.sending import BOT, NOTICE, by_staff
from inbox.staleness import check_seen
from tests.inbox.market import PAGE, Market
from tests.inbox.story import Told


async def test_an_answer_arrives_and_its_echo_is_not_doubled(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Haben Sie Rosen?")
    await market.settle()
    chat = await market.chat(market.anna)
    sent = await market.say(chat, "Ja, zwölf Stück.")
    assert sent.state == "queued"
    await market.settle()
    messages = await market.messages(chat)
    assert [(one.author, one.text, one.state) for one in messages] == [
        ("customer", "Haben Sie Rosen?", "received"),
        ("staff", "Ja, zwölf Stück.", "sent"),
    ]
    assert messages[1].platform_id
    assert market.shown_in_chat(market.anna) == ["Haben Sie Rosen?", "Ja, zwölf Stück."]
    chat = await market.again(chat)
    assert (chat.owner, chat.assignee_id, chat.unread) == ("human", market.staff.key, False)
    assert chat.name == "Anna Weber"
    assert [type(one) for one in market.db.seen if isinstance(one, MessageSent)] == [MessageSent]


async def test_an_echo_that_overtakes_the_answer_is_recognised(market: Market) -> None:
    """The platform tells us of our own message before its answer to our call is stored."""
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.breaks("timeout_after_success", path="messages")
    await market.say(chat, "Guten Tag!")
    await market.settle()
    messages = await market.messages(chat)
    assert [(one.author, one.text, one.state) for one in messages] == [
        ("customer", "Hallo", "received"),
        ("staff", "Guten Tag!", "sent"),
    ]
    assert market.shown_in_chat(market.anna) == ["Hallo", "Guten Tag!"]
    assert (await market.again(chat)).owner == "human"
    assert not [one for one in market.db.seen if isinstance(one, AnsweredElsewhere)]


async def test_a_reply_whose_fate_is_unknown_is_not_sent_again_and_says_so(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.is_quiet = True
    market.breaks("timeout_after_success", path="messages")
    sent = await market.say(chat, "Guten Tag!")
    await market.settle()
    assert (await market.look(sent)).state == "unclear"
    market.clock.advance(seconds=40)
    await market.settle()
    assert ((await market.look(sent)).state, (await market.look(sent)).failure) == ("unclear", None)
    market.clock.advance(minutes=2)
    await market.settle()
    assert (await market.look(sent)).failure == "unclear"
    assert market.shown_in_chat(market.anna) == ["Hallo", "Guten Tag!"]
    failed = [one for one in market.db.seen if isinstance(one, MessageFailed)]
    assert [one.failure for one in failed] == ["unclear"]
    await market.hear()
    assert (await market.look(sent)).state == "sent"
    assert len(await market.messages(chat)) == 2


async def test_the_next_reply_does_not_wait_for_the_truth_about_the_last_one(
    market: Market,
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.is_quiet = True
    market.breaks("timeout_after_success", path="messages")
    unknown = await market.say(chat, "Guten Tag!")
    await market.settle()
    following = await market.say(chat, "Sind Sie noch da?")
    await market.settle()
    assert [(await market.look(one)).state for one in (unknown, following)] == ["unclear", "sent"]


async def test_a_crash_while_sending_does_not_send_twice(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    sent = await market.say(chat, "Guten Tag!")
    async with market.db.transaction() as session:
        row = await session.get_one(type(sent), sent.key)
        row.state, row.sending_at = "sending", market.clock()
    await market.settle()
    assert (await market.look(sent)).state == "unclear"
    assert market.shown_in_chat(market.anna) == ["Hallo"]


async def test_a_reply_is_marked_before_it_leaves(market: Market) -> None:
    """So that after a crash nobody takes it for one that never left."""
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    market.is_quiet = True
    market.breaks("timeout_after_success", path="messages")
    # Long enough to be looked at in between.
    market.world.graph_weather.hang_s = 2
    sent = await market.say(await market.chat(market.anna), "Guten Tag!")
    jobs = asyncio.create_task(market.db.tool("jobs").drain())
    while len(market.shown_in_chat(market.anna)) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert (await market.look(sent)).state == "sending"
    await jobs


async def test_what_was_heard_of_a_reply_before_its_id_was_known_is_kept(
    market: Market, told: Told
) -> None:
    """The customer reacts faster than the platform answers our call."""
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    sent = await market.say(chat, "Guten Tag!")
    async with market.db.transaction() as session:
        row = await session.get_one(Message, sent.key)
        row.state, row.sending_at = "sending", market.clock()
    await market.hears(told.reacted("mid.1", "love", 9, person=chat.person_id or ""))
    async with market.db.transaction() as session:
        row = await session.get_one(Message, sent.key)
        await confirm(session, row, "mid.1", at=market.clock(), now=market.clock())
    assert [(one.platform_id, one.reaction) for one in await market.messages(chat)][1:] == [
        ("mid.1", "love")
    ]


async def test_replies_leave_in_their_order_even_when_the_first_has_to_wait(
    market: Market,
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.breaks("transient", times=2, path="messages")
    first = await market.say(chat, "Erstens")
    await market.say(chat, "Zweitens")
    await market.settle()
    waiting = await market.look(first)
    assert (waiting.state, waiting.failure) == ("queued", "temporary")
    for _ in range(3):
        market.clock.advance(seconds=10)
        await market.settle()
    assert market.shown_in_chat(market.anna) == ["Hallo", "Erstens", "Zweitens"]
    assert (await market.look(first)).failure is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("age", "tag"), [(timedelta(hours=23, minutes=59), None), (timedelta(hours=25), "HUMAN_AGENT")]
)
async def test_a_person_may_answer_for_seven_days(
    market: Market, age: timedelta, tag: str | None
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.clock.advance(age)
    sent = await market.say(chat, "Guten Tag!")
    await market.settle()
    assert (await market.look(sent)).state == "sent"
    market.clock.advance(timedelta(days=8))
    with pytest.raises(CannotReply) as refused:
        await market.say(chat, "Noch da?")
    assert refused.value.reason == "window_closed"
    assert len(await market.messages(chat)) == 2


@pytest.mark.sqlite_only
async def test_the_bot_never_writes_after_a_day_and_never_with_a_tag(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.clock.advance(hours=25)
    said = await market.say(chat, "Guten Tag!", author=NOTICE)
    await market.settle()
    row = await market.look(said)
    assert (row.state, row.failure) == ("failed", "window_closed_for_bot")
    assert market.shown_in_chat(market.anna) == ["Hallo"]


@pytest.mark.sqlite_only
async def test_the_window_is_computed_when_a_reply_leaves_not_when_it_is_written(
    market: Market,
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    said = await market.say(chat, "Guten Tag!", author=BOT)
    market.clock.advance(hours=25)
    await market.settle()
    assert (await market.look(said)).failure == "window_closed_for_bot"


async def test_the_bot_is_held_back_when_a_person_takes_over_before_its_words_leave(
    market: Market,
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    said = await market.say(chat, "Ich bin der Bot", author=BOT)
    receipt = await market.say(chat, "Ihr Beleg", author=NOTICE)
    async with market.db.transaction() as session:
        await hand_to_human(
            session, await session.merge(chat), by=market.staff.key, now=market.clock()
        )
    await market.settle()
    assert (await market.look(said)).failure == "taken_over"
    assert (await market.look(receipt)).state == "sent"
    assert market.shown_in_chat(market.anna) == ["Hallo", "Ihr Beleg"]


async def test_an_answer_by_phone_is_recorded_and_silences_the_bot(market: Market) -> None:
    from sandbox import chats

    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    assert (chat.owner, chat.unread) == ("bot", True)
    chats.answer_by_hand(market.world, market.world.talk(market.anna, PAGE), "Vom Handy")
    await market.settle()
    messages = await market.messages(chat)
    assert [(one.author, one.text) for one in messages] == [
        ("customer", "Hallo"), ("elsewhere", "Vom Handy"),
    ]  # fmt: skip
    chat = await market.again(chat)
    assert (chat.owner, chat.owner_version, chat.unread) == ("human", 1, False)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("family", "failure", "again"),
    [
        ("unreachable", "unreachable", True),
        ("permission", "permission", True),
        ("window", "window", False),
        ("other_owner", "thread_owned", True),
    ],
)
async def test_a_refusal_is_kept_in_plain_words(
    market: Market, family: str, failure: str, again: bool
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.breaks(family, path="messages")
    sent = await market.say(chat, "Guten Tag!")
    await market.settle()
    row = await market.look(sent)
    assert (row.state, row.failure) == ("failed", failure)
    assert market.shown_in_chat(market.anna) == ["Hallo"]
    async with market.db.transaction() as session:
        if not again:
            with pytest.raises(NothingToRetry):
                await try_again(session, market.shop.key, sent.key, now=market.clock())
            return
        await try_again(session, market.shop.key, sent.key, now=market.clock())
    await market.settle()
    assert (await market.look(sent)).state == "sent"
    assert market.shown_in_chat(market.anna) == ["Hallo", "Guten Tag!"]


async def test_a_dead_token_stops_the_page_and_keeps_what_waits(market: Market) -> None:
    from inbox.delivering import send_waiting
    from meta.models import MetaPage

    for person in (market.anna, market.ben):
        market.world.write(person, PAGE, "Hallo")
    await market.settle()
    market.breaks("token_expired", times=1, path="messages")
    first = await market.say(await market.chat(market.anna), "Eins")
    await market.settle()
    second = await market.say(await market.chat(market.ben), "Zwei")
    await market.settle()
    for waiting in (first, second):
        row = await market.look(waiting)
        assert (row.state, row.failure) == ("queued", "token_dead")
    async with market.db.transaction() as session:
        page = await session.get_one(MetaPage, 1)
        assert page.token_problem == "expired"
        page.token_problem = None
        session.add(page)
    market.clock.advance(minutes=2)
    await send_waiting(market.db, market.clock)
    await market.settle()
    assert market.shown_in_chat(market.anna) == ["Hallo", "Eins"]
    assert market.shown_in_chat(market.ben) == ["Hallo", "Zwei"]


@pytest.mark.sqlite_only
async def test_long_texts_become_several_messages_on_instagram(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo", channel="instagram")
    await market.settle()
    chat = await market.chat(market.anna, "instagram")
    text = " ".join(f"Satz Nummer {number} mit ä." for number in range(80))
    await market.say(chat, text)
    await market.settle()
    shown = market.shown_in_chat(market.anna, "instagram")[1:]
    assert len(shown) > 1
    assert all(len(one.encode()) <= 1000 and one.endswith(".") for one in shown)
    assert " ".join(shown) == text


RICH = [
    Text("Wählen Sie:"),
    Buttons("Was nun?", (Button("postback", "Mehr", "MORE"), Button("url", "Shop", "https://a.example/"))),
    Cards((Card("Rosen", "19 €", "https://a.example/r.jpg", "https://a.example/r", (Button("postback", "Kaufen", "BUY:1"),)), Card("Tulpen"))),
    Receipt("Danke für Ihren Einkauf.", "Anna", "B-17", "EUR", "Stripe",
            (ReceiptLine("Rosen", 2, 3800),), 4290, 490, 685, (("SOMMER", 380),), "https://a.example/o"),
]  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.parametrize("channel", ["messenger", "instagram"])
@pytest.mark.parametrize("said", RICH, ids=lambda reply: type(reply).__name__)
async def test_rich_replies_are_taken_by_the_platform(
    market: Market, channel: str, said: Text | Buttons | Cards | Receipt
) -> None:
    market.world.write(market.anna, PAGE, "Hallo", channel=channel)  # type: ignore[arg-type]
    await market.settle()
    chat = await market.chat(market.anna, channel)
    await market.say(chat, said, author=BOT)
    await market.settle()
    out = [one for one in await market.messages(chat) if one.direction == "out"]
    assert out
    assert {(one.state, one.failure) for one in out} == {("sent", None)}
    assert Money(4290, "EUR").text("de") == "42,90\u00a0€"


@pytest.mark.sqlite_only
async def test_nothing_is_not_sent(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    with pytest.raises(NothingWritten):
        await market.say(chat, "  \n ")
    assert (await market.again(chat)).owner == "bot"
    assert len(await market.messages(chat)) == 1


async def test_an_answer_to_an_outdated_page_is_refused_with_what_was_missed(
    market: Market,
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    (seen,) = await market.messages(chat)
    await market.say(chat, "Von mir")
    async with market.db.reading() as session:
        await check_seen(session, chat, seen.key, staff_id=market.staff.key)
    market.world.write(market.anna, PAGE, "Doch nicht!")
    await market.settle()
    late = [one for one in await market.messages(chat) if one.text == "Doch nicht!"]
    async with market.db.reading() as session:
        with pytest.raises(MissedMessages) as missed:
            await check_seen(session, chat, seen.key, staff_id=market.staff.key)
    assert missed.value.missed == [late[0].key]


@pytest.mark.sqlite_only
async def test_a_failed_reply_can_be_dropped_and_a_sent_one_cannot(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    chat = await market.chat(market.anna)
    market.breaks("window", path="messages")
    failed = await market.say(chat, "Eins")
    sent = await market.say(chat, "Zwei", author=by_staff(market.staff.key))
    await market.settle()
    async with market.db.transaction() as session:
        await drop_failed(session, market.shop.key, failed.key, now=market.clock())
        with pytest.raises(NothingToRetry):
            await drop_failed(session, market.shop.key, sent.key, now=market.clock())
    assert [one.text for one in await market.messages(chat)] == ["Hallo", "Zwei"]


async def test_cards_are_shown_once_and_the_list_leaves_their_buttons_out(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Rosen?")
    await market.settle()
    chat = await market.chat(market.anna)
    choose = (Button("postback", "Auswählen", "choose:1"),)
    cards = Cards((Card("Rosen", "36,00 €", buttons=choose), Card("Vase", buttons=choose)))
    market.clock.advance(seconds=5)
    sent = await market.say(chat, cards, author=BOT)
    reader = Reader(translate=str, timezone="Europe/Berlin", members={})
    [bubble] = bubbles(chat, [sent], reader)
    assert (bubble.text, bubble.lines) == ("", ["Rosen – 36,00 €", "Vase"])
    assert (await market.again(chat)).preview == "Rosen – 36,00 € Vase"
