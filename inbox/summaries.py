"""What the list shows of a conversation, kept up by steps that give the same in every order."""

from datetime import datetime

from sqlalchemy import case, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.conversations import close, reopen, tell
from inbox.models import Conversation, Message


def latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time is not None), default=None)


async def heard(
    session: AsyncSession,
    conversation: Conversation,
    *,
    at: datetime,
    now: datetime,
    text: str | None = None,
    is_action: bool = True,
    is_removed: bool = False,
) -> None:
    """The customer said something at `at`; with its `text` the list need not look for it.
    `is_action` is False for what does not open the
    platform's window (an edit), `is_removed` true when its removal was known before."""
    conversation.is_shown = True
    if is_action:
        conversation.last_customer_at = latest(conversation.last_customer_at, at)
    if not is_removed:
        if conversation.last_answered_at is None or at > conversation.last_answered_at:
            conversation.unread = True
        await reopen(session, conversation, by=None, now=now)
    await touched(session, conversation, at=at, now=now, text=None if is_removed else text)
    if is_removed:
        await taken_back(session, conversation, now=now)


async def answered(
    session: AsyncSession,
    conversation: Conversation,
    *,
    at: datetime,
    by_person: bool,
    now: datetime,
    text: str | None = None,
) -> None:
    """Somebody answered at `at`. The bot's answers do not count as read by anybody. With the
    answer's `text` the list need not look for it."""
    if by_person:
        conversation.last_answered_at = latest(conversation.last_answered_at, at)
        _, newest = await _standing(session, conversation)
        if newest is None or at >= newest:
            conversation.unread = False
    first = conversation.first_answered_at
    conversation.first_answered_at = at if first is None else min(first, at)
    await touched(session, conversation, at=at, now=now, text=text)


async def touched(
    session: AsyncSession,
    conversation: Conversation,
    *,
    at: datetime,
    now: datetime,
    text: str | None = None,
) -> None:
    before = conversation.last_message_at
    conversation.last_message_at = latest(before, at)
    if text and (before is None or at > before):
        conversation.preview = _preview(text)
        session.add(conversation)
        tell(session, conversation, now=now)
    else:
        await session.flush()
        await show_newest(session, conversation, now=now)


def _preview(text: str) -> str:
    """Without the lines that are only buttons: `[In den Warenkorb]`."""
    lines = [line for line in text.splitlines() if not (line[:1] == "[" and line[-1:] == "]")]
    return " ".join(" ".join(lines or [text]).split())[:200]


async def show_newest(session: AsyncSession, conversation: Conversation, *, now: datetime) -> None:
    """The preview anew, and open pages told. What was removed before it was told is not missed."""
    query = (
        select(Message.text, Message.removed_at)
        .where(
            col(Message.conversation_id) == conversation.key,
            col(Message.direction) != "note",
            (col(Message.text) != "")
            | (col(Message.removed_at).is_not(None) & col(Message.is_complete)),
        )
        .order_by(col(Message.at).desc(), col(Message.platform_id).desc(), col(Message.id).desc())
        .limit(1)
    )
    newest = (await session.exec(query)).first()
    text, removed_at = newest if newest is not None else ("", None)
    conversation.preview = "" if removed_at is not None else _preview(text)
    session.add(conversation)
    tell(session, conversation, now=now)


async def taken_back(session: AsyncSession, conversation: Conversation, *, now: datetime) -> None:
    """Something the customer wrote was removed: perhaps nothing is left to read, or to answer."""
    await session.flush()
    removed, newest = await _standing(session, conversation)
    answer = conversation.last_answered_at
    if newest is None or (answer is not None and newest <= answer):
        conversation.unread = False
    if removed and newest is None:
        await close(session, conversation, by=None, now=now)
    await show_newest(session, conversation, now=now)


async def _standing(
    session: AsyncSession, conversation: Conversation
) -> tuple[int, datetime | None]:
    """How many of the customer's messages were removed, and when the newest one that stands was
    told. One of which only its hiding is known so far is neither."""
    stands = col(Message.removed_at).is_(None)
    query = select(
        func.count(col(Message.removed_at)),
        func.max(case((stands & col(Message.is_complete), col(Message.at)))),
        func.max(case((stands, col(Message.edited_at)))),
    ).where(col(Message.conversation_id) == conversation.key, col(Message.direction) == "in")
    removed, told_at, edited_at = (await session.exec(query)).one()
    return removed, latest(told_at, edited_at)


async def summarise(session: AsyncSession, conversation: Conversation, *, now: datetime) -> None:
    """Everything anew from the messages: after some were moved here or away."""
    query = select(Message).where(col(Message.conversation_id) == conversation.key)
    messages = (await session.exec(query)).all()
    said = [one for one in messages if one.direction == "in"]
    news = [one.at for one in said if one.is_complete]
    news += [one.edited_at for one in said if one.edited_at]
    given = [one for one in messages if one.direction == "out" and one.is_complete]
    by_people = [one.at for one in given if one.author in ("staff", "elsewhere")]
    conversation.is_shown = bool(news)
    conversation.last_customer_at = latest(*(one.at for one in said if one.is_complete))
    conversation.last_answered_at = latest(*by_people)
    conversation.first_answered_at = min((one.at for one in given), default=None)
    conversation.last_message_at = latest(*news, *(one.at for one in given))
    conversation.unread = conversation.is_shown
    _, newest = await _standing(session, conversation)
    if newest is not None and conversation.closed_by_id is None:
        await reopen(session, conversation, by=None, now=now)
    await taken_back(session, conversation, now=now)
