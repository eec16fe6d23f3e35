"""What the platforms tell us becomes conversations: the single cases."""

import asyncio
from typing import Any

import pytest
from sqlmodel import select

from inbox.conversations import close
from inbox.events import AnsweredElsewhere, MessageReceived
from inbox.models import Conversation, Message
from inbox.receiving import receive
from inbox.records import versions_of
from meta.happenings import (
    Attachment,
    AttachmentMessage,
    CartLine,
    CartSent,
    MessagesRead,
    PolicyEnforced,
    QuickReplyTap,
    Ref,
    Referral,
    StandbyMessage,
    TextMessage,
    ThreadPassed,
)
from meta.models import MetaPage
from meta.wall_happenings import Mentioned, Rated, WallReaction
from storefront.models import Customer
from tests.conftest import SetClock, WatchedDatabase
from tests.inbox.story import INSTAGRAM, PAGE, POST, Inbox, Told, another_inbox, at


def chat(**more: Any) -> dict[str, Any]:
    return {"platform": "messenger", "account_id": PAGE, "person_id": "p1", "at": at(1)} | more


def wall(**more: Any) -> dict[str, Any]:
    return {"platform": "facebook", "account_id": PAGE, "at": at(1), "author_id": "a1",
            "author_name": "Eva"} | more  # fmt: skip


async def test_a_first_message_opens_a_conversation_the_bot_looks_after(
    inbox: Inbox, told: Told
) -> None:
    received = await inbox.hears(told.text("m1", "Haben Sie Rosen?", 1))
    conversation = await inbox.only()
    assert received is not None
    assert received.is_new
    assert (conversation.owner, conversation.unread, conversation.preview) == (
        "bot", True, "Haben Sie Rosen?",
    )  # fmt: skip
    assert conversation.last_customer_at == at(1)
    (event,) = inbox.db.seen
    assert event == MessageReceived(
        inbox.shop.key, conversation.key, received.message.key, conversation.customer_id,
        "messenger",
    )  # fmt: skip


async def test_the_same_told_twice_is_news_once(inbox: Inbox, told: Told) -> None:
    await inbox.hears(told.text("m1", "Hallo", 1))
    again = await inbox.hears(told.text("m1", "Hallo", 1))
    assert again is not None
    assert not again.is_new
    assert len(inbox.db.seen) == 1
    assert len(await inbox.messages()) == 1


async def test_copies_that_arrive_together_are_stored_once(
    db: WatchedDatabase, inbox: Inbox, told: Told, clock: SetClock
) -> None:
    happenings = [
        *[told.text("m1", "Hallo", 1)] * 4,
        *[told.text(f"n{number}", "Hallo", number) for number in range(4)],
        *[told.comment("c1", "Was kostet das?", 1)] * 4,
        *[told.comment(f"d{number}", "x", number, parent="c1") for number in range(4)],
    ]

    async def hear(happening: Any) -> None:
        async with db.transaction() as session:
            await receive(session, inbox.shop, happening, now=clock())

    await asyncio.gather(*(hear(happening) for happening in happenings))
    conversations = await inbox.conversations()
    assert [one.thread_key for one in conversations] == ["comment:c1:a1", "messenger:p1"]
    assert len(await inbox.messages()) == 10
    async with db.reading() as session:
        assert len((await session.exec(select(Customer))).all()) == 2


async def test_late_arrivals_slot_in_by_their_own_time(inbox: Inbox, told: Told) -> None:
    await inbox.hears(told.text("m2", "Zweitens", 2), told.text("m1", "Erstens", 1))
    assert [one.text for one in await inbox.messages()] == ["Erstens", "Zweitens"]
    assert (await inbox.only()).preview == "Zweitens"


async def test_a_new_message_opens_a_closed_conversation(
    inbox: Inbox, told: Told, clock: SetClock
) -> None:
    await inbox.hears(told.text("m1", "Hallo", 1))
    async with inbox.db.transaction() as session:
        conversation = await session.get_one(Conversation, (await inbox.only()).key)
        await close(session, conversation, by=None, now=clock())
    await inbox.hears(told.text("m2", "Noch etwas", 2))
    assert (await inbox.only()).state == "open"


async def test_a_comments_post_and_person_are_kept_together(inbox: Inbox, told: Told) -> None:
    await inbox.hears(
        told.comment("c1", "Eins", 1, "a1"),
        told.comment("c2", "Zwei", 2, "a1", post="100100_701"),
        told.comment("c3", "Drei", 3, "a2", parent="c1"),
        told.comment("c4", "Vier", 4, "a1", parent="c1"),
    )
    said = {
        one.thread_key: [message.text for message in await inbox.messages(one)]
        for one in await inbox.conversations()
    }
    assert said == {
        "comment:c1:a1": ["Eins", "Vier"], "comment:c2:a1": ["Zwei"], "comment:c1:a2": ["Drei"],
    }  # fmt: skip


async def test_an_unknown_author_is_answered_all_the_same_and_may_be_named_later(
    inbox: Inbox, told: Told
) -> None:
    await inbox.hears(told.comment("c1", "Wann haben Sie auf?", 1, None))
    unknown = await inbox.only()
    assert (unknown.person_id, unknown.customer_id, unknown.is_shown) == (None, None, True)
    await inbox.hears(
        told.comment("c2", "Bis acht", 2, PAGE, parent="c1"),
        told.comment_edited("c1", "Wann haben Sie heute auf?", 3, "a1", name="Eva"),
    )
    named = await inbox.only()
    assert (named.thread_key, named.name) == ("comment:c1:a1", "Eva")
    assert [one.text for one in await inbox.messages(named)] == [
        "Wann haben Sie heute auf?", "Bis acht",
    ]  # fmt: skip


async def test_a_removal_before_the_comment_leaves_a_tombstone(inbox: Inbox, told: Told) -> None:
    await inbox.hears(told.comment_removed("c1", 5))
    hidden = await inbox.only()
    assert (hidden.is_shown, hidden.unread) == (False, False)
    await inbox.hears(told.comment("c1", "Zu spät", 1))
    (message,) = await inbox.messages()
    assert (message.removed_at, message.at) == (at(5), at(1))
    assert (await inbox.only()).state == "closed"
    assert not [one for one in inbox.db.seen if isinstance(one, MessageReceived)]


async def test_what_was_unsent_in_a_chat_is_forgotten(inbox: Inbox, told: Told) -> None:
    await inbox.hears(
        told.text("m1", "Mein Passwort ist 123", 1), told.edited("m1", "Mein Passwort", 2),
        told.unsent("m1", 3),
    )  # fmt: skip
    (message,) = await inbox.messages()
    assert (message.text, message.folded, message.content) == ("", "", {})
    async with inbox.db.reading() as session:
        assert await versions_of(session, message) == []
    assert "Passwort" not in (await inbox.only()).preview


async def test_somebody_answering_elsewhere_silences_the_bot_once(inbox: Inbox, told: Told) -> None:
    await inbox.hears(told.text("m1", "Hallo", 1), told.echo("m2", "Vom Handy", 2))
    conversation = await inbox.only()
    assert (conversation.owner, conversation.owner_version, conversation.unread) == (
        "human", 1, False,
    )  # fmt: skip
    await inbox.hears(told.echo("m2", "Vom Handy", 2))
    assert (await inbox.only()).owner_version == 1
    assert len([one for one in inbox.db.seen if isinstance(one, AnsweredElsewhere)]) == 1


async def test_taps_links_and_carts_are_shown_as_messages(inbox: Inbox, told: Told) -> None:
    await inbox.hears(
        told.tapped("MENU", "Menü", 1),
        QuickReplyTap(**chat(message_id="m2", at=at(2)), payload="P", text="Ja"),
        Referral(**chat(at=at(3)), came_by=Ref(ref="plakat", source="SHORTLINK")),
        CartSent(**chat(message_id="m4", at=at(4)), lines=(CartLine("Rose", None, 3, "2", "EUR"),)),
        AttachmentMessage(
            **chat(message_id="m5", at=at(5)), attachments=(Attachment("image", "https://x/y.jpg"),)
        ),
    )
    kinds = [(one.content["kind"], one.text) for one in await inbox.messages()]
    assert kinds == [
        ("postback", "Menü"), ("quick_reply", "Ja"), ("referral", ""), ("cart", ""), ("text", ""),
    ]  # fmt: skip
    await inbox.hears(told.tapped("MENU", "Menü", 1))
    assert len(await inbox.messages()) == 5


async def test_reactions_open_the_window_and_are_no_messages(inbox: Inbox, told: Told) -> None:
    await inbox.hears(told.echo("m1", "Gern geschehen", 1))
    assert (await inbox.only()).last_customer_at is None
    assert await inbox.hears(told.reacted("m1", "love", 9)) is None
    conversation = await inbox.only()
    assert (conversation.last_customer_at, conversation.unread) == (at(9), False)
    (message,) = await inbox.messages()
    assert message.reaction == "love"


async def test_what_another_app_handles_is_shown_and_the_bot_keeps_out(
    inbox: Inbox, told: Told
) -> None:
    inner = TextMessage(**chat(message_id="m1"), text="Hallo")
    await inbox.hears(StandbyMessage(**chat(message_id="m1"), inner=inner))
    conversation = await inbox.only()
    assert (conversation.owner, conversation.unread) == ("human", True)
    await inbox.hears(told.text("m2", "x", 2, person="p2"))
    await inbox.hears(ThreadPassed(**chat(person_id="p2"), how="taken"))
    assert {one.owner for one in await inbox.conversations()} == {"human"}


async def test_that_they_have_read_it_is_noted(inbox: Inbox, told: Told) -> None:
    await inbox.hears(told.text("m1", "Hallo", 1), told.echo("m2", "Guten Tag", 2))
    await inbox.hears(MessagesRead(**chat(), until=at(3)), MessagesRead(**chat(), until=at(2)))
    assert (await inbox.only()).customer_read_at == at(3)


async def test_recommendations_and_mentions_are_items_too(inbox: Inbox) -> None:
    await inbox.hears(
        Rated(**wall(), story_id="s1", text="Wunderbar", is_positive=True, stars=None),
        Mentioned(**wall(author_id=None, author_name=None), post_id="9_9", comment_id="c9", text="Fragt @Blumen"),
    )  # fmt: skip
    assert [(one.channel, one.unread) for one in await inbox.conversations()] == [
        ("comment", True), ("visitor_post", True),
    ]  # fmt: skip


async def test_likes_and_policy_notices_make_no_conversation(
    inbox: Inbox, db: WatchedDatabase, clock: SetClock
) -> None:
    await inbox.hears(WallReaction(**wall(), reaction="like", is_taken_back=False, post_id=POST))
    async with db.transaction() as session:
        session.add(
            MetaPage(
                shop_id=inbox.shop.key,
                page_id=PAGE,
                page_name="B",
                sealed_token="x",
                connected_at=clock(),
            )
        )
    await inbox.hears(PolicyEnforced(**chat(person_id=""), action="block", reason="Spam"))
    async with db.reading() as session:
        page = (await session.exec(select(MetaPage))).one()
    assert (page.token_problem, page.token_detail) == ("blocked", "Spam")
    await inbox.hears(PolicyEnforced(**chat(person_id=""), action="unblock", reason=""))
    async with db.reading() as session:
        assert (await session.exec(select(MetaPage))).one().token_problem is None
    assert await inbox.conversations() == []


async def test_texts_no_database_keeps_are_mended(inbox: Inbox, told: Told) -> None:
    await inbox.hears(
        told.text("m1", "a\x00b\ud800c", 1),
        told.comment("c1", "\x00", 2, name="E\x00va"),
        AttachmentMessage(
            **chat(message_id="m3", at=at(3)),
            attachments=(Attachment("file", "https://x/\x00", title="\udc00"),),
        ),
    )
    assert [one.text for one in await inbox.messages()][:2] == ["ab?c", ""]


async def test_the_same_ids_in_two_shops_are_two_things(
    db: WatchedDatabase, inbox: Inbox, told: Told, clock: SetClock
) -> None:
    other = await another_inbox(db, clock, "nebenan")
    for one in (inbox, other):
        await one.hears(told.text("m1", "Hallo", 1), told.comment("c1", "Hallo", 2))
    assert len(await inbox.messages()) == len(await other.messages()) == 2


@pytest.mark.parametrize("platform", ["messenger", "instagram"])
async def test_each_platform_has_its_own_chat(inbox: Inbox, told: Told, platform: str) -> None:
    await inbox.hears(told.text("m1", "Hallo", 1, platform=platform))
    conversation = await inbox.only()
    assert (conversation.channel, conversation.thread_key) == (platform, f"{platform}:p1")
    assert INSTAGRAM != PAGE


async def test_edits_that_arrive_out_of_order_end_at_the_newest(inbox: Inbox, told: Told) -> None:
    await inbox.hears(
        told.edited("m1", "Drei", 3, number=2), told.text("m1", "Eins", 1),
        told.edited("m1", "Zwei", 2, number=1),
    )  # fmt: skip
    (message,) = await inbox.messages()
    assert (message.text, message.edited_at) == ("Drei", at(3))
    async with inbox.db.reading() as session:
        row = await session.get_one(Message, message.key)
        assert [one.text for one in await versions_of(session, row)] == ["Eins", "Zwei"]


async def test_an_edit_of_any_number_is_stored(inbox: Inbox, told: Told) -> None:
    """A number that no column holds is the sender's mistake, and no reason to lose the words."""
    await inbox.hears(told.text("m1", "Eins", 1), told.edited("m1", "Zwei", 2, number=10**15))
    (message,) = await inbox.messages()
    assert message.text == "Zwei"
