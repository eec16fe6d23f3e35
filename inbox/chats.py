"""Messages in Messenger and Instagram, as they are told to us."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core.jobs import enqueue
from core.shops import Shop
from inbox import records
from inbox.chat_contents import content_of, made_up_id
from inbox.conversations import call, hand_to_human, lock_conversation, note, open_conversation
from inbox.echoes import take_echo
from inbox.linking import find_private_reply, know_as
from inbox.models import Conversation, Message
from inbox.stored import Stored
from inbox.summaries import heard, latest, show_newest, taken_back
from meta.happenings import (
    Chat,
    ChatHappening,
    Echo,
    MessageEdited,
    MessagesDelivered,
    MessagesRead,
    MessageUnsent,
    PolicyEnforced,
    Reacted,
    StandbyMessage,
    ThreadPassed,
)
from meta.tokens import note_policy
from storefront.customers import meet

LEARN_NAME = "inbox.learning_names.learn_name"

_MOST_EDITS = 2**31 - 1
"""What the column holds on PostgreSQL; no message is edited as often."""


async def take_chat(
    session: AsyncSession, shop: Shop, happening: Chat, *, now: datetime
) -> Stored | None:
    """Record it. None for what is no message: receipts, reactions, notices."""
    if isinstance(happening, PolicyEnforced):
        await note_policy(session, shop.key, happening.action, happening.reason, now=now)
        return None
    if not happening.person_id or isinstance(happening, MessagesDelivered):
        return None
    if isinstance(happening, Echo) and happening.metadata:
        await _prepare_link(session, shop.key, happening)
    conversation = await open_chat(
        session, shop.key, happening.platform, happening.person_id, now=now
    )
    return await _take(session, conversation, happening, now=now)


async def _prepare_link(session: AsyncSession, shop_id: int, echo: Echo) -> None:
    """The echo of a private reply opens a chat with somebody we know from their comment."""
    began = await find_private_reply(session, shop_id, echo.metadata or "")
    if began is not None:
        await lock_conversation(session, shop_id, began.key)
        await know_as(session, began, echo.platform, echo.person_id)


async def open_chat(
    session: AsyncSession, shop_id: int, platform: str, person_id: str, *, now: datetime
) -> Conversation:
    """Somebody's chat, made when they are first heard of, held until the end of the transaction."""
    key = f"{platform}:{person_id}"
    conversation, is_new = await open_conversation(
        session, shop_id, key, channel=platform, person_id=person_id, owner="bot", started_at=now
    )
    if conversation.customer_id is None:
        where: Any = platform
        customer = await meet(session, shop_id, where, person_id, now=now)
        await session.flush()
        conversation.customer_id = customer.key
        call(conversation, customer.name)
        session.add(conversation)
    if is_new:
        arguments = {"conversation_id": conversation.key}
        await enqueue(session, LEARN_NAME, arguments, key=f"learn-name:{conversation.key}")
    return conversation


async def _take(
    session: AsyncSession, conversation: Conversation, happening: Chat, *, now: datetime
) -> Stored | None:
    match happening:
        case Echo():
            return await take_echo(session, conversation, happening, now=now)
        case StandbyMessage(inner=inner):
            await _other_app_owns(session, conversation, "standby", now=now)
            return await _take(session, conversation, inner, now=now)
        case ThreadPassed(how=how):
            await _thread_passed(session, conversation, how, now=now)
            return None
        case MessageEdited() | MessageUnsent() | Reacted():
            await _changed(session, conversation, happening, now=now)
            return None
        case MessagesRead():
            await _was_read(session, conversation, happening, now=now)
            return None
    content = content_of(happening)
    return None if content is None else await _said(session, conversation, happening, content, now)


async def _said(
    session: AsyncSession,
    conversation: Conversation,
    happening: ChatHappening,
    content: dict[str, Any],
    now: datetime,
) -> Stored:
    platform_id = happening.message_id or made_up_id(happening, content)
    text = str(getattr(happening, "text", "") or getattr(happening, "title", "") or "")
    message, is_new = await records.store(
        session,
        conversation,
        platform_id,
        direction="in",
        author="customer",
        person_id=happening.person_id,
        at=happening.at,
        now=now,
        text=text,
        content=content,
    )
    if is_new:
        is_removed = message.removed_at is not None
        await heard(
            session,
            conversation,
            at=message.at,
            now=now,
            text=message.text,
            is_removed=is_removed,
        )
    return Stored(conversation, message, is_new)


async def _changed(
    session: AsyncSession,
    conversation: Conversation,
    happening: MessageEdited | MessageUnsent | Reacted,
    *,
    now: datetime,
) -> None:
    if not happening.message_id:
        return
    # Anybody's message may be reacted to; only customers edit and unsend.
    direction = "?" if isinstance(happening, Reacted) else "in"
    message = await records.store_hint(
        session,
        conversation,
        happening.message_id,
        at=happening.at,
        now=now,
        direction=direction,
    )
    match happening:
        case MessageEdited():
            await _was_edited(session, conversation, message, happening, now=now)
        case MessageUnsent():
            await records.take_back(session, message, at=happening.at, is_chat=True)
            await taken_back(session, conversation, now=now)
        case Reacted(reaction=reaction, emoji=emoji):
            shown = (emoji or reaction) if reaction else None
            records.react(session, message, reaction=shown, at=happening.at)
            if shown:
                # It opens the platform's window like a message (Messenger Platform docs).
                conversation.last_customer_at = latest(conversation.last_customer_at, happening.at)
            await show_newest(session, conversation, now=now)


async def _was_edited(
    session: AsyncSession,
    conversation: Conversation,
    message: Message,
    edit: MessageEdited,
    *,
    now: datetime,
) -> None:
    gone, revision = message.removed_at is not None, min(max(1, edit.number), _MOST_EDITS)
    if gone:
        is_news = records.edited_after_removal(message, revision=revision, at=edit.at)
    else:
        is_news = await records.tell_text(
            session, message, edit.text, revision=revision, at=edit.at
        )
    if is_news:
        session.add(message)
        await session.flush()
        await heard(session, conversation, at=edit.at, now=now, is_action=False, is_removed=gone)


async def _was_read(
    session: AsyncSession, conversation: Conversation, happening: MessagesRead, *, now: datetime
) -> None:
    until = happening.until
    if until is None and happening.message_id:
        message = await records.find_message(session, conversation.shop_id, happening.message_id)
        until = message.at if message else happening.at
    before = conversation.customer_read_at
    conversation.customer_read_at = latest(before, until)
    if conversation.customer_read_at != before:
        await show_newest(session, conversation, now=now)


async def _other_app_owns(
    session: AsyncSession, conversation: Conversation, how: str, *, now: datetime
) -> None:
    """Another app, or Meta's own inbox, has the thread: the bot must not talk into it."""
    if conversation.owner == "bot":
        await hand_to_human(session, conversation, by=None, because="elsewhere", now=now)


async def _thread_passed(
    session: AsyncSession, conversation: Conversation, how: str, *, now: datetime
) -> None:
    note(session, conversation, f"thread:{how}", by=None, because="elsewhere", now=now)
    if how == "taken":
        await _other_app_owns(session, conversation, how, now=now)
