"""Replies that did not go out: sent once more, or dropped."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.conversations import lock_conversation, tell
from inbox.delivering import start_sending
from inbox.errors import NothingToRetry
from inbox.failures import may_try_again
from inbox.models import Message
from inbox.records import get_message
from inbox.summaries import show_newest


async def try_again(
    session: AsyncSession, shop_id: int, message_id: int, *, now: datetime
) -> Message:
    """Somebody wants a failed reply sent after all. Raises NothingToRetry."""
    message = await get_message(session, shop_id, message_id)
    conversation = await lock_conversation(session, shop_id, message.conversation_id)
    await session.refresh(message)
    is_stuck = message.state == "failed" or (message.state == "unclear" and message.failure)
    if message.direction != "out" or not is_stuck or not may_try_again(message.failure):
        raise NothingToRetry()
    message.state, message.failure, message.failure_detail = "queued", None, None
    message.attempts, message.at = 0, now
    if message.author == "bot" and message.owner_version is not None:
        # A person has decided that it is to be said.
        message.owner_version = None
    session.add(message)
    tell(session, conversation, now=now)
    await start_sending(session, conversation)
    return message


async def drop_failed(
    session: AsyncSession, shop_id: int, message_id: int, *, now: datetime
) -> None:
    """Take a reply that never left out of the conversation. Raises NothingToRetry."""
    message = await get_message(session, shop_id, message_id)
    conversation = await lock_conversation(session, shop_id, message.conversation_id)
    await session.refresh(message)
    if message.direction != "out" or message.state != "failed":
        raise NothingToRetry()
    await session.delete(message)
    await session.flush()
    await show_newest(session, conversation, now=now)
