"""What an answer goes to, and whether it may go there now."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.models import Conversation, Message
from inbox.reach import Reach, Unreachable, reach_chat, reach_private, reach_public


async def newest_target(session: AsyncSession, conversation: Conversation) -> Message | None:
    """The customer's latest message that still stands, else the latest at all."""
    query = (
        select(Message)
        .where(
            col(Message.conversation_id) == conversation.key,
            col(Message.direction) == "in",
            col(Message.platform_id).is_not(None),
        )
        .order_by(
            col(Message.removed_at).is_not(None), col(Message.at).desc(), col(Message.id).desc()
        )
        .limit(1)
    )
    return (await session.exec(query)).first()


def reach_of(
    conversation: Conversation,
    kind: str,
    target: Message | None,
    *,
    by_person: bool,
    now: datetime,
) -> Reach:
    """Asked when somebody writes, and again, for good, when it leaves."""
    if kind == "message":
        return reach_chat(
            last_customer_at=conversation.last_customer_at if conversation.is_chat else None,
            by_person=by_person,
            now=now,
        )
    if target is None:
        return Unreachable("comment_unknown")
    is_removed = target.removed_at is not None
    if kind == "private":
        return reach_private(commented_at=target.at, is_removed=is_removed, now=now)
    return reach_public(is_removed=is_removed)
