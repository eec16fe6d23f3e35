"""Answers under comments and posts: public ones, private ones, what becomes of them."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select

from inbox.conversations import lock_conversation
from inbox.errors import AnsweredPrivatelyBefore, CannotReply, TextTooLong
from inbox.models import Conversation, Message, WallPost
from inbox.second_tries import try_again
from storefront.models import Customer
from tests.inbox.market import INSTAGRAM, PAGE, Market


async def only_thread(market: Market) -> Conversation:
    (conversation,) = await market.conversations()
    return conversation


async def commented(market: Market, text: str = "Was kostet das?") -> Conversation:
    post = market.world.post(PAGE, "Neue Sträuße!")
    market.world.comment(post, market.anna, text)
    await market.settle()
    return await only_thread(market)


async def test_a_comment_is_answered_under_it_and_the_answer_is_not_doubled(
    market: Market,
) -> None:
    thread = await commented(market)
    assert (thread.channel, thread.name, thread.owner) == ("comment", "Anna Weber", "nobody")
    await market.say(thread, "19 Euro.", kind="public")
    await market.settle()
    messages = await market.messages(thread)
    assert [(one.author, one.text, one.state) for one in messages] == [
        ("customer", "Was kostet das?", "received"),
        ("staff", "19 Euro.", "sent"),
    ]
    (post,) = market.world.shop(PAGE).posts
    assert [(one.message, one.author) for one in post.comments] == [
        ("Was kostet das?", market.anna),
        ("19 Euro.", None),
    ]
    assert len(await market.conversations()) == 1
    assert (await market.again(thread)).unread is False


async def test_our_own_comment_told_before_the_call_returns_is_recognised(market: Market) -> None:
    thread = await commented(market)
    market.breaks("timeout_after_success", path="comments")
    sent = await market.say(thread, "19 Euro.", kind="public")
    await market.settle()
    assert (await market.look(sent)).state == "sent"
    assert [one.author for one in await market.messages()] == ["customer", "staff"]


async def answered_without_hearing_back(market: Market) -> tuple[Conversation, Message]:
    """Facebook has our comment, but the line was cut, and the webhook is not there yet."""
    thread = await commented(market)
    market.is_quiet = True
    market.breaks("timeout_after_success", path="comments")
    sent = await market.say(thread, "19 Euro.", kind="public")
    await market.settle()
    return thread, sent


@pytest.mark.postgres_only
async def test_our_own_comment_is_told_while_somebody_holds_its_conversation(
    market: Market,
) -> None:
    """Whoever holds both holds the conversation first, or they would wait for each other."""
    thread, sent = await answered_without_hearing_back(market)
    async with market.db.transaction() as session:
        await lock_conversation(session, market.shop.key, thread.key)
        hearing = asyncio.create_task(market.hear())
        await asyncio.sleep(0.3)
        await session.get_one(Message, sent.key, with_for_update={"key_share": True})
    await hearing
    assert (await market.look(sent)).state == "sent"


async def test_after_an_unclear_end_the_comment_is_looked_for_before_it_is_made_again(
    market: Market,
) -> None:
    _, sent = await answered_without_hearing_back(market)
    assert (await market.look(sent)).state == "unclear"
    market.clock.advance(seconds=40)
    await market.settle()
    assert (await market.look(sent)).state == "sent"
    (post,) = market.world.shop(PAGE).posts
    assert [one.message for one in post.comments] == ["Was kostet das?", "19 Euro."]
    await market.hear()
    assert len(await market.messages()) == 2


async def test_a_private_reply_goes_once_and_opens_a_chat_with_the_same_customer(
    market: Market,
) -> None:
    thread = await commented(market)
    await market.say(thread, "Ich schreibe Ihnen hier.", kind="private")
    await market.settle()
    assert market.shown_in_chat(market.anna) == ["Ich schreibe Ihnen hier."]
    with pytest.raises(AnsweredPrivatelyBefore):
        await market.say(thread, "Noch etwas", kind="private")
    chat = await market.chat(market.anna)
    assert (chat.began_with_id, chat.owner) == (thread.key, "human")
    assert chat.customer_id == (await market.again(thread)).customer_id
    market.world.write(market.anna, PAGE, "Gern!")
    await market.settle()
    async with market.db.reading() as session:
        assert len((await session.exec(select(Customer))).all()) == 1
    chat = await market.again(chat)
    assert (chat.is_shown, chat.unread) == (True, True)
    with pytest.raises(AnsweredPrivatelyBefore):
        await market.say(thread, "Noch etwas", kind="private")


async def test_a_private_reply_whose_answer_is_lost_is_confirmed_by_its_echo(
    market: Market,
) -> None:
    thread = await commented(market)
    market.breaks("timeout_after_success", path="messages")
    sent = await market.say(thread, "Ich schreibe Ihnen.", kind="private")
    await market.settle()
    assert (await market.look(sent)).state == "sent"
    chat = await market.chat(market.anna)
    assert chat.began_with_id == thread.key
    assert chat.customer_id == (await market.again(thread)).customer_id
    assert len(await market.messages()) == 2


@pytest.mark.sqlite_only
async def test_a_private_reply_is_possible_for_seven_days_a_public_one_for_ever(
    market: Market,
) -> None:
    thread = await commented(market)
    market.clock.advance(timedelta(days=7))
    with pytest.raises(CannotReply) as refused:
        await market.say(thread, "Privat", kind="private")
    assert refused.value.reason == "private_window_closed"
    await market.say(thread, "Öffentlich", kind="public")
    await market.settle()
    assert [one.state for one in await market.messages()] == ["received", "sent"]


@pytest.mark.sqlite_only
async def test_the_platforms_word_that_it_was_answered_before_is_final(market: Market) -> None:
    thread = await commented(market)
    (post,) = market.world.shop(PAGE).posts
    post.comments[0].privately_replied_at = market.clock()
    sent = await market.say(thread, "Privat", kind="private")
    await market.settle()
    assert (await market.look(sent)).failure == "answered_before"
    with pytest.raises(AnsweredPrivatelyBefore):
        await market.say(thread, "Privat", kind="private")


@pytest.mark.sqlite_only
async def test_a_failed_private_reply_may_be_tried_again(market: Market) -> None:
    thread = await commented(market)
    market.breaks("permission", path="messages")
    sent = await market.say(thread, "Privat", kind="private")
    await market.settle()
    assert (await market.look(sent)).failure == "permission"
    other = await market.say(thread, "Anders gesagt", kind="private")
    assert other.private_answer_to is not None
    async with market.db.transaction() as session:
        await session.delete(await session.get_one(Message, other.key))
    async with market.db.transaction() as session:
        await try_again(session, market.shop.key, sent.key, now=market.clock())
    await market.settle()
    assert (await market.look(sent)).state == "sent"


async def test_a_removed_comment_cannot_be_answered_and_closes_its_conversation(
    market: Market,
) -> None:
    from sandbox import walls

    thread = await commented(market)
    (post,) = market.world.shop(PAGE).posts
    walls.remove_comment(market.world, post.comments[0])
    await market.settle()
    thread = await market.again(thread)
    assert (thread.state, thread.unread, thread.preview) == ("closed", False, "")
    for kind in ("public", "private"):
        with pytest.raises(CannotReply) as refused:
            await market.say(thread, "Hallo", kind=kind)  # type: ignore[arg-type]
        assert refused.value.reason == "comment_removed"
    (message,) = await market.messages()
    assert message.removed_at is not None
    assert message.text == "Was kostet das?"


async def test_an_edited_comment_keeps_what_it_said_before(market: Market) -> None:
    from inbox.records import versions_of
    from sandbox import walls

    thread = await commented(market)
    market.clock.advance(minutes=1)
    (post,) = market.world.shop(PAGE).posts
    walls.edit_comment(market.world, post.comments[0], "Was kostet das alles?")
    await market.settle()
    (message,) = await market.messages(thread)
    assert (message.text, message.edited_at) == ("Was kostet das alles?", market.clock())
    async with market.db.reading() as session:
        versions = await versions_of(session, message)
    assert [one.text for one in versions] == ["Was kostet das?"]


@pytest.mark.sqlite_only
async def test_the_post_is_read_when_only_a_comment_was_told(market: Market) -> None:
    market.is_quiet = True
    post = market.world.post(PAGE, "Neue Sträuße!")
    await market.world.sender.settled(5)
    market.kept.clear()
    market.is_quiet = False
    market.world.comment(post, market.anna, "Schön!")
    await market.settle()
    async with market.db.reading() as session:
        (row,) = (await session.exec(select(WallPost))).all()
    assert (row.platform_id, row.text, row.author_is_page) == (post.id, "Neue Sträuße!", True)
    assert row.permalink


async def test_visitors_posts_are_answered_by_a_comment(market: Market) -> None:
    post = market.world.post(PAGE, "Tolle Blumen!", by=market.anna)
    await market.settle()
    thread = await only_thread(market)
    assert (thread.channel, thread.name) == ("visitor_post", "Anna Weber")
    await market.say(thread, "Vielen Dank!", kind="public")
    await market.settle()
    market.world.comment(post.comments[0], market.anna, "Gern!")
    await market.settle()
    messages = await market.messages(await only_thread(market))
    assert [(one.author, one.text) for one in messages] == [
        ("customer", "Tolle Blumen!"),
        ("staff", "Vielen Dank!"),
        ("customer", "Gern!"),
    ]


@pytest.mark.sqlite_only
async def test_instagram_comments_are_answered_under_their_top_level(market: Market) -> None:
    picture = market.world.paint(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
    media = market.world.show(INSTAGRAM, picture, "Frisch")
    top = market.world.comment_on_instagram(media, market.anna, "Wie teuer?")
    market.world.comment_on_instagram(top, market.ben, "Das wüsste ich auch gern")
    await market.settle()
    anna, ben = sorted(await market.conversations(), key=lambda one: one.name or "")
    assert {anna.channel, ben.channel} == {"instagram_comment"}
    await market.say(ben, "Auch 19 Euro", kind="public")
    await market.settle()
    assert [one.state for one in await market.messages(ben)] == ["received", "sent"]
    assert [one.text for one in await market.messages(anna)] == ["Wie teuer?"]
    await market.say(anna, "Per Nachricht", kind="private")
    await market.settle()
    assert market.shown_in_chat(market.anna, "instagram") == ["Per Nachricht"]


@pytest.mark.sqlite_only
async def test_a_private_reply_that_is_too_long_is_refused_whole(market: Market) -> None:
    thread = await commented(market)
    with pytest.raises(TextTooLong):
        await market.say(thread, "x " * 1500, kind="private")
    with pytest.raises(TextTooLong):
        await market.say(thread, "x" * 8001, kind="public")
    assert len(await market.messages()) == 1
    assert (await market.again(thread)).owner == "nobody"


async def test_three_people_in_one_thread_are_three_conversations(market: Market) -> None:
    cem = market.world.meet("Cem Tau")
    post = market.world.post(PAGE, "Neu!")
    top = market.world.comment(post, market.anna, "Eins")
    market.world.comment(top, market.ben, "Zwei")
    market.world.comment(top, cem, "Drei")
    market.world.comment(top, market.anna, "Vier")
    await market.settle()
    said = {
        one.name: [message.text for message in await market.messages(one)]
        for one in await market.conversations()
    }
    assert said == {"Anna Weber": ["Eins", "Vier"], "Ben Yıldız": ["Zwei"], "Cem Tau": ["Drei"]}
