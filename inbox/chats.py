"""Messages in Messenger and Instagram, as they are told to us."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core.jobs import enqueue
from core.shops import Shop
from inbox import records
from inbox.conversations import hand_to_human, lock_conversation, note, open_conversation
from inbox.echoes import take_echo
from inbox.linking import find_private_reply, know_as
from inbox.models import Conversation, Message
from inbox.stored import Stored
from inbox.summaries import heard, latest, show_newest, taken_back
from meta.happenings import (
    AccountLinked,
    Attachment,
    AttachmentMessage,
    CartSent,
    Chat,
    ChatHappening,
    CouponRevealed,
    Echo,
    FormAnswered,
    MessageEdited,
    MessagesRead,
    MessageUnsent,
    OptedIn,
    PostbackTap,
    QuickReplyTap,
    Reacted,
    Referral,
    StandbyMessage,
    TextMessage,
    ThreadPassed,
)
from storefront.customers import meet

LEARN_NAME = "inbox.learning_names.learn_name"


async def take_chat(
    session: AsyncSession, shop: Shop, happening: Chat, *, now: datetime
) -> Stored | None:
    """Record it. None for what is no message: receipts, reactions, notices."""
    if not happening.person_id:
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
        conversation.customer_id, conversation.name = customer.key, customer.name
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
    content = _content(happening)
    return None if content is None else await _said(session, conversation, happening, content, now)


async def _said(
    session: AsyncSession,
    conversation: Conversation,
    happening: ChatHappening,
    content: dict[str, Any],
    now: datetime,
) -> Stored:
    platform_id = happening.message_id or _made_up_id(happening, content)
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


def _made_up_id(happening: ChatHappening, content: dict[str, Any]) -> str:
    """Some happenings carry no id of their own (old postbacks, referrals); who, when and what
    tell them apart."""
    milliseconds = int(happening.at.timestamp() * 1000)
    what = content.get("payload") or content.get("ref") or content.get("code") or ""
    return f"{content['kind']}:{happening.person_id}:{milliseconds}:{what}"[:300]


def _content(happening: Chat) -> dict[str, Any] | None:
    """What came besides the text. None for what is not shown in a conversation."""
    content: dict[str, Any] | None = None
    match happening:
        case TextMessage() | AttachmentMessage():
            content = _message(happening)
        case QuickReplyTap(payload=payload):
            content = _given("quick_reply", payload=payload)
        case PostbackTap(payload=payload):
            content = _given("postback", payload=payload, came_by=_came_by(happening))
        case Referral(came_by=came_by):
            content = _given("referral", ref=came_by.ref, came_by=_came_by(happening))
        case CartSent(lines=lines, note=said):
            content = _given("cart", lines=[asdict(line) for line in lines], note=said)
        case FormAnswered(form=form, answers=answers):
            content = _given("form", form=form, answers=[list(pair) for pair in answers])
        case CouponRevealed(code=code, payload=payload):
            content = _given("coupon", code=code, payload=payload)
        case OptedIn(kind=kind, ref=ref):
            content = _given("opt_in", what=kind, ref=ref)
        case AccountLinked(is_linked=is_linked):
            content = _given("account_link", is_linked=is_linked)
    return content


def _message(happening: TextMessage | AttachmentMessage) -> dict[str, Any]:
    attachments = getattr(happening, "attachments", ())
    return _given(
        "text",
        attachments=[_attachment(one) for one in attachments],
        story=happening.story_url,
        reply_to=happening.reply_to,
        came_by=_came_by(happening),
    )


def _given(kind: str, **parts: Any) -> dict[str, Any]:
    return {"kind": kind} | {name: part for name, part in parts.items() if part}


def _came_by(happening: Any) -> dict[str, Any] | None:
    ref = happening.came_by
    return {name: part for name, part in asdict(ref).items() if part} if ref else None


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {name: part for name, part in asdict(attachment).items() if part is not None}


async def _changed(
    session: AsyncSession,
    conversation: Conversation,
    happening: MessageEdited | MessageUnsent | Reacted,
    *,
    now: datetime,
) -> None:
    if not happening.message_id:
        return
    message = await records.store_hint(
        session,
        conversation,
        happening.message_id,
        at=happening.at,
        now=now,
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
            # A reaction opens the platform's window like a message (Messenger Platform docs).
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
    gone, revision = message.removed_at is not None, max(1, edit.number)
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
