"""What the platform lost on its way to us is found on the page."""

import pytest

from inbox.gaps import hunt_gaps
from tests.inbox.market import INSTAGRAM, PAGE, Market


async def hunt(market: Market) -> None:
    await hunt_gaps(market.db, market.graphs, market.clock)
    await market.settle()


async def test_lost_messages_comments_and_posts_are_brought_in_once(market: Market) -> None:
    world = market.world
    world.write(market.anna, PAGE, "Kam an")
    post = world.post(PAGE, "Neu!")
    await market.settle()
    market.is_quiet = True
    world.write(market.anna, PAGE, "Ging verloren")
    world.write(market.ben, PAGE, "Auch verloren", channel="instagram")
    top = world.comment(post, market.ben, "Wie teuer?")
    world.comment(top, None, "19 Euro, sagt das Handy")
    world.post(PAGE, "Tolle Blumen!", by=market.anna)
    picture = world.paint(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")
    media = world.show(INSTAGRAM, picture, "Frisch")
    world.comment_on_instagram(media, market.anna, "Schön!")
    await world.sender.settled(5)
    market.kept.clear()
    market.clock.advance(minutes=3)
    await hunt(market)
    messages = await market.messages()
    assert {one.text for one in messages if one.found_late} == {
        "Ging verloren", "Auch verloren", "Wie teuer?", "19 Euro, sagt das Handy",
        "Tolle Blumen!", "Schön!",
    }  # fmt: skip
    assert {one.channel for one in await market.conversations()} == {
        "messenger", "instagram", "comment", "visitor_post", "instagram_comment",
    }  # fmt: skip
    assert "bot" not in {one.owner for one in await market.conversations()}
    before = await market.snapshot()
    await hunt(market)
    assert await market.snapshot() == before


async def test_what_was_told_is_not_found_again_and_ours_is_not_taken_for_foreign(
    market: Market,
) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    await market.say(await market.chat(market.anna), "Guten Tag")
    await market.settle()
    market.clock.advance(minutes=3)
    before = await market.snapshot()
    await hunt(market)
    assert await market.snapshot() == before


async def test_a_reply_of_unknown_fate_is_recognised_on_the_page(market: Market) -> None:
    market.world.write(market.anna, PAGE, "Hallo")
    await market.settle()
    market.is_quiet = True
    market.breaks("timeout_after_success", path="messages")
    sent = await market.say(await market.chat(market.anna), "Guten Tag")
    await market.settle()
    assert (await market.look(sent)).state == "unclear"
    market.kept.clear()
    market.clock.advance(minutes=3)
    await hunt(market)
    assert (await market.look(sent)).state == "sent"
    assert [one.author for one in await market.messages()] == ["customer", "staff"]


@pytest.mark.sqlite_only
async def test_an_edit_nobody_told_of_is_seen(market: Market) -> None:
    from sandbox import walls

    post = market.world.post(PAGE, "Neu!")
    comment = market.world.comment(post, market.anna, "Wie teur?")
    await market.settle()
    market.is_quiet = True
    walls.edit_comment(market.world, comment, "Wie teuer?")
    await market.world.sender.settled(5)
    market.kept.clear()
    market.clock.advance(minutes=3)
    await hunt(market)
    (message,) = await market.messages()
    assert (message.text, message.found_late) == ("Wie teuer?", False)


@pytest.mark.sqlite_only
async def test_a_list_that_may_not_be_read_does_not_keep_the_others(market: Market) -> None:
    market.is_quiet = True
    market.world.write(market.anna, PAGE, "Ging verloren")
    await market.world.sender.settled(5)
    market.kept.clear()
    market.clock.advance(minutes=3)
    market.breaks("permission", times=None, path="feed")
    await hunt(market)
    assert [one.text for one in await market.messages()] == ["Ging verloren"]
