"""An answer to an outdated page is refused: somebody else may have said it already."""

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.errors import MissedMessages
from inbox.models import Conversation, Message


async def check_seen(
    session: AsyncSession, conversation: Conversation, seen: int, *, staff_id: int
) -> None:
    """Refuses an answer to an outdated page: raises MissedMessages with what was missed.

    `seen` is the highest message number the page showed.
    """
    query = (
        select(Message.id)
        .where(
            col(Message.conversation_id) == conversation.key,
            col(Message.id) > seen,
            col(Message.direction) != "?",
            func.coalesce(col(Message.staff_id), 0) != staff_id,
        )
        .order_by(col(Message.id))
    )
    missed = [number for number in (await session.exec(query)).all() if number is not None]
    if missed:
        raise MissedMessages(missed)
