"""The one way in: whatever the platforms tell us becomes customers, conversations, messages."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.shops import Shop
from inbox.chats import take_chat
from inbox.events import MessageReceived
from inbox.stored import Stored
from inbox.walls import take_wall
from meta.happenings import Chat, Unsupported
from meta.wall_happenings import Wall

Received = Stored
Happening = Chat | Wall | Unsupported


async def receive(
    session: AsyncSession, shop: Shop, happening: Happening, *, now: datetime
) -> Received | None:
    """Record a happening. The same one told again, in whatever order, changes nothing more.

    None for what is no message. Otherwise `is_new` tells whether the customer (or somebody of
    ours, elsewhere) said it for the first time: only then does anybody react.
    """
    if isinstance(happening, Unsupported):
        return None
    if isinstance(happening, Wall):
        stored = await take_wall(session, shop, happening, now=now)
    else:
        stored = await take_chat(session, shop, happening, now=now)
    if stored is not None and stored.is_new:
        _tell(session, stored)
    return stored


def _tell(session: AsyncSession, stored: Stored) -> None:
    conversation, message = stored.conversation, stored.message
    if message.direction == "in" and message.removed_at is None:
        record(
            session,
            MessageReceived(
                conversation.shop_id,
                conversation.key,
                message.key,
                conversation.customer_id,
                conversation.channel,
            ),
        )
