"""A private reply leads from a comment into a chat: the same customer, two conversations."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.conversations import call, hand_to_human
from inbox.models import Conversation, Message
from storefront.models import CustomerIdentity
from storefront.storefronts import insert_or_leave


async def know_as(
    session: AsyncSession, conversation: Conversation, platform: str, person_id: str
) -> None:
    """The customer of this conversation is called `person_id` in the chat, unless that name is
    already somebody's."""
    if conversation.customer_id is not None:
        await insert_or_leave(
            session,
            CustomerIdentity,
            shop_id=conversation.shop_id,
            channel=platform,
            external_id=person_id,
            customer_id=conversation.customer_id,
        )


async def find_private_reply(
    session: AsyncSession, shop_id: int, correlation: str
) -> Conversation | None:
    """The comment's conversation, if this is the echo of a private reply of ours."""
    query = (
        select(Conversation)
        .join(Message, col(Message.conversation_id) == col(Conversation.id))
        .where(
            col(Message.shop_id) == shop_id,
            col(Message.correlation) == correlation,
            col(Message.reply_kind) == "private",
        )
    )
    return (await session.exec(query)).first()


async def link_chat(
    session: AsyncSession, message: Message, chat: Conversation, *, now: datetime
) -> None:
    """The chat that grew out of a private reply. Who wrote the reply goes on writing there."""
    if chat.key == message.conversation_id:
        return
    chat.began_with_id = chat.began_with_id or message.conversation_id
    began = await session.get(Conversation, message.conversation_id)
    if began is not None:
        call(chat, began.name)
    if message.author == "staff" and chat.owner == "bot":
        await hand_to_human(session, chat, by=message.staff_id, now=now)
    session.add(chat)
