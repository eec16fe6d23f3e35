"""Comments hidden, shown and deleted from the counter."""

import asyncio

import pytest

from inbox.errors import NotModeratable
from inbox.models import Conversation, Message
from inbox.moderating import carry_out, moderate, think_again
from inbox.posts import see_post
from tests.inbox.market import PAGE, Market


async def commented(market: Market) -> tuple[Conversation, Message]:
    post = market.world.post(PAGE, "Neu!")
    market.world.comment(post, market.anna, "Unfug")
    await market.settle()
    (message,) = await market.messages()
    (conversation,) = await market.conversations()
    return conversation, message


async def want(market: Market, message: Message, wanted: str) -> None:
    async with market.db.transaction() as session:
        await moderate(
            session, market.shop.key, message.key, wanted,  # type: ignore[arg-type]
            by=market.staff.key, now=market.clock(),
        )  # fmt: skip


async def test_a_comment_is_hidden_and_shown_again(market: Market) -> None:
    _, message = await commented(market)
    (comment,) = market.world.shop(PAGE).posts[0].comments
    await want(market, message, "hide")
    assert (await market.look(message)).wanted == "hide"
    await market.settle()
    row = await market.look(message)
    assert (row.wanted, row.hidden_at is not None, comment.is_hidden) == (None, True, True)
    market.clock.advance(seconds=1)
    await want(market, message, "show")
    await market.settle()
    assert ((await market.look(message)).hidden_at, comment.is_hidden) == (None, False)


async def test_a_comment_is_deleted_a_moment_later_and_says_by_whom(market: Market) -> None:
    conversation, message = await commented(market)
    (comment,) = market.world.shop(PAGE).posts[0].comments
    await want(market, message, "delete")
    await market.settle()
    assert not comment.is_removed
    market.clock.advance(seconds=9)
    await market.settle()
    row = await market.look(message)
    assert comment.is_removed
    assert (row.removed_by_id, row.text) == (market.staff.key, "Unfug")
    assert (await market.again(conversation)).state == "closed"


@pytest.mark.postgres_only
async def test_a_deletion_is_noted_while_its_webhook_holds_the_post(market: Market) -> None:
    """They met in the middle: the webhook wants the conversation next."""
    _, message = await commented(market)
    await want(market, message, "delete")
    market.is_quiet = True
    async with market.db.transaction() as session:
        await see_post(session, market.shop.key, "facebook", message.post_platform_id or "")
        async with asyncio.timeout(10):
            await carry_out(
                market.db, market.graphs, market.clock, message_id=message.key, wanted="delete"
            )
    assert (await market.look(message)).removed_by_id == market.staff.key


@pytest.mark.sqlite_only
async def test_second_thoughts_save_a_comment(market: Market) -> None:
    _, message = await commented(market)
    (comment,) = market.world.shop(PAGE).posts[0].comments
    await want(market, message, "delete")
    async with market.db.transaction() as session:
        await think_again(session, market.shop.key, message.key, now=market.clock())
    market.clock.advance(seconds=9)
    await market.settle()
    assert not comment.is_removed
    assert (await market.look(message)).removed_at is None


@pytest.mark.sqlite_only
async def test_a_refusal_is_told_and_nothing_is_pretended(market: Market) -> None:
    _, message = await commented(market)
    market.breaks("permission")
    await want(market, message, "hide")
    await market.settle()
    row = await market.look(message)
    assert (row.wanted, row.wanted_failure, row.hidden_at) == (None, "permission", None)


@pytest.mark.sqlite_only
async def test_messages_in_a_chat_cannot_be_hidden(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    (message,) = await market.messages()
    with pytest.raises(NotModeratable):
        await want(market, message, "hide")
