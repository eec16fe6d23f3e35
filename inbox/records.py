"""Messages as they become known: first told, told again, edited, taken back, in any order."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.errors import UnknownMessage
from inbox.models import Conversation, Message, MessageVersion
from inbox.rows import insert_new
from inbox.texts import folded, storable, storable_json


async def find_message(session: AsyncSession, shop_id: int, platform_id: str) -> Message | None:
    query = select(Message).where(
        col(Message.shop_id) == shop_id, col(Message.platform_id) == platform_id
    )
    return (await session.exec(query)).first()


async def get_message(session: AsyncSession, shop_id: int, message_id: int) -> Message:
    """Raises UnknownMessage, for another shop's too."""
    message = await session.get(Message, message_id)
    if message is None or message.shop_id != shop_id:
        raise UnknownMessage()
    return message


async def store(
    session: AsyncSession,
    conversation: Conversation,
    platform_id: str,
    *,
    direction: str,
    author: str,
    at: datetime,
    now: datetime,
    text: str = "",
    content: dict[str, Any] | None = None,
    **facts: Any,
) -> tuple[Message, bool]:
    """The row of a message that has arrived, and whether it arrived for the first time.

    What was known of it before (an edit, its removal, a reaction) stays in force.
    """
    said, more = storable(text), storable_json(content or {})
    row = {
        "shop_id": conversation.shop_id,
        "conversation_id": conversation.key,
        "platform_id": platform_id,
        "direction": direction,
        "author": author,
        "text": said,
        "folded": folded(said),
        "content": more,
        "at": at,
        "text_at": at,
        "received_at": now,
    }
    new = await insert_new(session, Message, **(row | facts))
    if new is not None:
        return new, True
    kept = await _stored(session, conversation.shop_id, platform_id)
    if kept.is_complete:
        return kept, False
    told = {name: fact for name, fact in facts.items() if fact is not None}
    kept.sqlmodel_update(
        told | {"direction": direction, "author": author, "at": at, "content": more}
    )
    kept.is_complete, kept.received_at = True, now
    await _complete(session, conversation, kept, said)
    return kept, True


async def _complete(
    session: AsyncSession, conversation: Conversation, kept: Message, said: str
) -> None:
    """The text of a message that was only heard of until now, under what was heard since."""
    if kept.removed_at is not None and conversation.is_chat:
        kept.text_at = kept.at if kept.revision < 1 else kept.text_at
        kept.revision = max(0, kept.revision)
        _forget_words(kept)
    else:
        await tell_text(session, kept, said, revision=0, at=kept.at)
    session.add(kept)


async def store_hint(
    session: AsyncSession,
    conversation: Conversation,
    platform_id: str,
    *,
    at: datetime,
    now: datetime,
    direction: str,
    **facts: Any,
) -> Message:
    """The row of a message we only hear about: it stays incomplete until it arrives itself.
    `direction` is `?` where that does not yet say which way it went."""
    kept = await find_message(session, conversation.shop_id, platform_id)
    if kept is not None:
        if not kept.is_complete and at < kept.at:
            # As near to its own time as anything heard of it.
            kept.at = at
            kept.text_at = at if kept.revision < 0 else kept.text_at
        if kept.direction == "?":
            kept.direction = direction
        session.add(kept)
        return kept
    hint = {"direction": direction, "author": "customer", **facts}
    new = await insert_new(
        session,
        Message,
        shop_id=conversation.shop_id,
        conversation_id=conversation.key,
        platform_id=platform_id,
        at=at,
        text_at=at,
        received_at=now,
        revision=-1,
        is_complete=False,
        **hint,
    )
    return new or await _stored(session, conversation.shop_id, platform_id)


async def _stored(session: AsyncSession, shop_id: int, platform_id: str) -> Message:
    stored = await find_message(session, shop_id, platform_id)
    if stored is None:
        raise UnknownMessage()
    return stored


async def tell_text(
    session: AsyncSession, message: Message, text: str, *, revision: int, at: datetime
) -> bool:
    """A text the message has or had. The newest is shown, the others are kept as versions.

    True if it is news. Newest is what was edited more often, then later; a tie goes by the text
    itself, so that no order of arrival makes a difference.
    """
    said = storable(text)
    if message.revision < 0:
        _show(message, said, revision, at)
        return True
    if (revision, said) == (message.revision, message.text) or await _is_known(
        session, message, said, revision
    ):
        return False
    told, shown = (revision, at, said), (message.revision, message.text_at, message.text)
    if told > shown:
        _keep_version(session, message, *shown)
        _show(message, said, revision, at)
    else:
        _keep_version(session, message, *told)
    session.add(message)
    return True


def _show(message: Message, text: str, revision: int, at: datetime) -> None:
    message.text, message.folded = text, folded(text)
    message.revision, message.text_at = revision, at
    if revision > 0:
        message.edited_at = at


def _keep_version(
    session: AsyncSession, message: Message, revision: int, at: datetime, text: str
) -> None:
    session.add(MessageVersion(message_id=message.key, revision=revision, at=at, text=text))


async def _is_known(session: AsyncSession, message: Message, text: str, revision: int) -> bool:
    query = select(MessageVersion.id).where(
        col(MessageVersion.message_id) == message.key,
        col(MessageVersion.revision) == revision,
        col(MessageVersion.text) == text,
    )
    return (await session.exec(query)).first() is not None


async def take_back(
    session: AsyncSession, message: Message, *, at: datetime, is_chat: bool
) -> None:
    """Removed by its author. What was unsent in a chat is forgotten; what stood in public stays
    on record, because somebody may already have acted on it."""
    if message.removed_at is None or at < message.removed_at:
        message.removed_at = at
    if is_chat:
        _forget_words(message)
        for version in await versions_of(session, message):
            await session.delete(version)
    session.add(message)


def _forget_words(message: Message) -> None:
    message.text, message.folded, message.content = "", "", {}


async def versions_of(session: AsyncSession, message: Message) -> list[MessageVersion]:
    query = select(MessageVersion).where(col(MessageVersion.message_id) == message.key)
    found = (await session.exec(query)).all()
    return sorted(found, key=lambda version: (version.revision, version.at, version.text))


def edited_after_removal(message: Message, *, revision: int, at: datetime) -> bool:
    """That an unsent message was edited is kept, its words are not. True if it is news."""
    if (revision, at) <= (message.revision, message.edited_at or message.at):
        return False
    message.revision, message.edited_at, message.text_at = revision, at, at
    return True


def hide(session: AsyncSession, message: Message, *, is_hidden: bool, at: datetime) -> None:
    """Hidden or shown; the latest telling counts."""
    if message.hidden_noted_at is None or at >= message.hidden_noted_at:
        message.hidden_noted_at = at
        message.hidden_at = at if is_hidden else None
        session.add(message)


def react(session: AsyncSession, message: Message, *, reaction: str | None, at: datetime) -> None:
    if message.reaction_at is None or at >= message.reaction_at:
        message.reaction_at, message.reaction = at, storable(reaction)[:40] if reaction else None
        session.add(message)
