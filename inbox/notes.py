"""Notes for colleagues, seen behind the counter only."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.conversations import tell
from inbox.errors import NothingWritten
from inbox.models import Conversation, Message
from inbox.texts import folded, storable


async def add_note(
    session: AsyncSession, conversation: Conversation, text: str, *, staff_id: int, now: datetime
) -> Message:
    """Raises NothingWritten."""
    said = storable(text).strip()
    if not said:
        raise NothingWritten()
    row = Message(
        shop_id=conversation.shop_id,
        conversation_id=conversation.key,
        direction="note",
        author="staff",
        staff_id=staff_id,
        reply_kind="note",
        content={"kind": "text"},
        text=said,
        folded=folded(said),
        at=now,
        text_at=now,
        received_at=now,
    )
    session.add(row)
    await session.flush()
    tell(session, conversation, now=now)
    return row
