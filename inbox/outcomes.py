"""What became of a reply that left, written on its row."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.jobs import enqueue
from core.logs import scrub
from inbox.chats import open_chat
from inbox.conversations import hand_to_human, lock_conversation, tell
from inbox.echoes import confirm
from inbox.events import MessageFailed
from inbox.failures import STOPS_THE_PAGE
from inbox.linking import know_as, link_chat
from inbox.models import Conversation, Message
from inbox.parcels import Parcel, Posted
from meta.errors import GraphRefused, GraphUnavailable
from meta.tokens import note_refusal

ECHO_WITHIN = timedelta(seconds=30)


async def sent(session: AsyncSession, parcel: Parcel, posted: Posted, *, now: datetime) -> None:
    conversation, message = await _rows(session, parcel)
    if message is None:
        return
    already = message.platform_id is not None
    await confirm(session, message, posted.platform_id, at=message.at if already else now, now=now)
    if parcel.kind == "private" and posted.person_id:
        channel = "instagram" if parcel.platform == "instagram" else "messenger"
        await know_as(session, conversation, channel, posted.person_id)
        chat = await open_chat(session, parcel.shop_id, channel, posted.person_id, now=now)
        await link_chat(session, message, chat, now=now)


async def refused(
    session: AsyncSession, parcel: Parcel, refusal: GraphRefused, *, now: datetime
) -> None:
    conversation, message = await _rows(session, parcel)
    if message is None or message.state == "sent":
        return
    if refusal.family in STOPS_THE_PAGE:
        await note_refusal(session, parcel.shop_id, refusal, now=now)
        await hold(session, conversation, message, refusal.family, now=now)
        return
    if refusal.family == "thread_owned":
        await hand_to_human(session, conversation, by=None, because="elsewhere", now=now)
    await fail(session, conversation, message, refusal.family, detail=refusal.reason, now=now)


async def unavailable(
    session: AsyncSession,
    parcel: Parcel,
    problem: GraphUnavailable,
    *,
    gives_up: bool,
    now: datetime,
) -> None:
    conversation, message = await _rows(session, parcel)
    if message is None or message.state == "sent":
        return
    if gives_up:
        await fail(session, conversation, message, "too_often", detail=problem.reason, now=now)
        return
    await hold(session, conversation, message, problem.family, now=now)


async def unclear(session: AsyncSession, parcel: Parcel, reason: str, *, now: datetime) -> None:
    """It may have arrived. The echo will say, or a look at the comments."""
    conversation, message = await _rows(session, parcel)
    if message is None or message.state == "sent":
        return
    await mark_unclear(session, conversation, message, reason, now=now)


async def mark_unclear(
    session: AsyncSession,
    conversation: Conversation,
    message: Message,
    reason: str,
    *,
    now: datetime,
) -> None:
    message.state, message.failure_detail = "unclear", scrub(reason)[:500]
    session.add(message)
    await look_again(session, conversation, at=now + ECHO_WITHIN)
    tell(session, conversation, now=now)


async def look_again(session: AsyncSession, conversation: Conversation, *, at: datetime) -> None:
    await enqueue(
        session,
        "inbox.settling.settle_unclear",
        {"conversation_id": conversation.key},
        key=f"settle:{conversation.key}:{int(at.timestamp())}",
        lock=f"settle:{conversation.key}",
        run_at=at,
    )


async def send_again(session: AsyncSession, conversation: Conversation) -> None:
    key, arguments = f"send:{conversation.key}", {"conversation_id": conversation.key}
    await enqueue(session, "inbox.delivering.send_reply", arguments, key=key, lock=key)


async def hold(
    session: AsyncSession, conversation: Conversation, message: Message, why: str, *, now: datetime
) -> None:
    """It waits on; `why` is shown beside it."""
    message.state, message.failure = "queued", why
    session.add(message)
    tell(session, conversation, now=now)


async def fail(
    session: AsyncSession,
    conversation: Conversation,
    message: Message,
    why: str,
    *,
    detail: str = "",
    now: datetime,
) -> None:
    """Final, until a person says otherwise."""
    message.state, message.failure = "failed", why
    message.failure_detail = scrub(detail)[:500] or None
    if why != "answered_before":
        message.private_answer_to = None
    session.add(message)
    record(session, MessageFailed(conversation.shop_id, conversation.key, message.key, why))
    tell(session, conversation, now=now)


async def _rows(session: AsyncSession, parcel: Parcel) -> tuple[Conversation, Message | None]:
    """Both rows as they are now. The message may have moved with what it answers."""
    message = await session.get(Message, parcel.message_id)
    number = message.conversation_id if message else parcel.conversation_id
    conversation = await lock_conversation(session, parcel.shop_id, number)
    if message is not None:
        await session.refresh(message, with_for_update={"key_share": True})
    return conversation, message
