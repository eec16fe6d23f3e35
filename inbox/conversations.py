"""Conversations: finding them, and who looks after them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.live import announce
from inbox.errors import UnknownConversation
from inbox.events import ConversationClosed, ConversationHandedOver
from inbox.models import Conversation, ConversationEvent, Owner
from inbox.rows import insert_new
from inbox.texts import folded, storable

# Asked several times for every message that comes or goes: built once.
_LOCKED = (
    select(Conversation)
    .where(col(Conversation.id) == bindparam("its_id"))
    .where(col(Conversation.shop_id) == bindparam("its_shop"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def call(conversation: Conversation, name: str | None) -> None:
    """Whom it is with. A name that is known stays."""
    if name and not conversation.name:
        conversation.name = storable(name)[:200]
        conversation.folded_name = folded(conversation.name)[:200]


async def get_conversation(
    session: AsyncSession, shop_id: int, conversation_id: int
) -> Conversation:
    """Raises UnknownConversation, for another shop's too."""
    conversation = await session.get(Conversation, conversation_id)
    if conversation is None or conversation.shop_id != shop_id:
        raise UnknownConversation()
    return conversation


async def lock_conversation(
    session: AsyncSession, shop_id: int, conversation_id: int
) -> Conversation:
    """The same, held until the end of the transaction."""
    values = {"its_id": conversation_id, "its_shop": shop_id}
    conversation = (await session.exec(_LOCKED, params=values)).first()
    if conversation is None:
        raise UnknownConversation()
    return conversation


async def find_chat(
    session: AsyncSession, shop_id: int, channel: str, person_id: str
) -> Conversation | None:
    """Somebody's Messenger or Instagram chat, by the platform's name for them."""
    return await find_by_key(session, shop_id, f"{channel}:{person_id}")


async def find_by_key(session: AsyncSession, shop_id: int, thread_key: str) -> Conversation | None:
    query = select(Conversation).where(
        col(Conversation.shop_id) == shop_id, col(Conversation.thread_key) == thread_key
    )
    return (await session.exec(query)).first()


async def open_conversation(
    session: AsyncSession, shop_id: int, thread_key: str, **values: Any
) -> tuple[Conversation, bool]:
    """The conversation of this key, made with `values` if it is new (then the second is True),
    held until the end of the transaction."""
    for _ in range(2):
        query = (
            select(Conversation)
            .where(col(Conversation.shop_id) == shop_id, col(Conversation.thread_key) == thread_key)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        known = (await session.exec(query)).first()
        if known is not None:
            return known, False
        new = await insert_new(
            session, Conversation, shop_id=shop_id, thread_key=thread_key, **values
        )
        if new is not None:
            return new, True
    raise UnknownConversation()


async def conversations_of(
    session: AsyncSession, shop_id: int, customer_id: int
) -> Sequence[Conversation]:
    """A customer's conversations, the latest first."""
    query = (
        select(Conversation)
        .where(col(Conversation.shop_id) == shop_id, col(Conversation.customer_id) == customer_id)
        .order_by(col(Conversation.last_message_at).desc())
    )
    return (await session.exec(query)).all()


async def count_unread(session: AsyncSession, shop_id: int) -> int:
    """How many open conversations hold something a person should read: not what the bot answers."""
    query = select(func.count()).where(
        col(Conversation.shop_id) == shop_id,
        col(Conversation.state) == "open",
        col(Conversation.unread),
        col(Conversation.is_shown),
        col(Conversation.owner) != "bot",
    )
    return (await session.exec(query)).one()


async def hand_to_human(
    session: AsyncSession,
    conversation: Conversation,
    *,
    by: int | None,
    now: datetime,
    because: str = "customer",
) -> None:
    """The bot falls silent. `by` is the member of staff; without one, `because` says who brought
    it about: `customer`, `bot` or `elsewhere`."""
    await _change_owner(session, conversation, "human", by=by, because=because, now=now)


async def hand_back_to_bot(
    session: AsyncSession,
    conversation: Conversation,
    *,
    by: int | None,
    now: datetime,
    because: str = "customer",
) -> None:
    await _change_owner(session, conversation, "bot", by=by, because=because, now=now)
    conversation.assignee_id = None
    session.add(conversation)


async def _change_owner(
    session: AsyncSession,
    conversation: Conversation,
    owner: Owner,
    *,
    by: int | None,
    because: str,
    now: datetime,
) -> None:
    if conversation.owner == owner:
        return
    former, conversation.owner = conversation.owner, owner
    conversation.owner_version += 1
    conversation.owned_since = now
    session.add(conversation)
    note(session, conversation, f"owner:{owner}", by=by, because=because, now=now)
    record(
        session,
        ConversationHandedOver(conversation.shop_id, conversation.key, former, owner, by),
    )


async def assign(
    session: AsyncSession,
    conversation: Conversation,
    assignee_id: int | None,
    *,
    by: int,
    now: datetime,
) -> None:
    """Give it to somebody (whose membership the caller has checked), or to nobody."""
    if conversation.assignee_id == assignee_id:
        return
    conversation.assignee_id = assignee_id
    session.add(conversation)
    detail = str(assignee_id) if assignee_id is not None else None
    note(session, conversation, "assigned", by=by, detail=detail, now=now)


async def close(
    session: AsyncSession, conversation: Conversation, *, by: int | None, now: datetime
) -> None:
    """Done with. A new message opens it again."""
    if conversation.state == "closed":
        return
    conversation.state, conversation.unread = "closed", False
    conversation.closed_at, conversation.closed_by_id = now, by
    session.add(conversation)
    note(session, conversation, "closed", by=by, because="customer", now=now)
    record(session, ConversationClosed(conversation.shop_id, conversation.key, by))


async def reopen(
    session: AsyncSession, conversation: Conversation, *, by: int | None, now: datetime
) -> None:
    if conversation.state == "open":
        return
    conversation.state, conversation.closed_at, conversation.closed_by_id = "open", None, None
    session.add(conversation)
    note(session, conversation, "reopened", by=by, because="customer", now=now)


def mark_read(session: AsyncSession, conversation: Conversation, *, now: datetime) -> None:
    if conversation.unread:
        conversation.unread = False
        session.add(conversation)
        tell(session, conversation, now=now)


def note(
    session: AsyncSession,
    conversation: Conversation,
    what: str,
    *,
    by: int | None,
    because: str = "customer",
    detail: str | None = None,
    now: datetime,
) -> None:
    """Write down what was done, and tell open pages. `because` counts where `by` is empty."""
    because = "staff" if by is not None else because
    session.add(
        ConversationEvent(
            shop_id=conversation.shop_id,
            conversation_id=conversation.key,
            what=what,
            staff_id=by,
            by=because,
            detail=detail,
            at=now,
        )
    )
    tell(session, conversation, now=now)


def tell(session: AsyncSession, conversation: Conversation, *, now: datetime) -> None:
    """Open pages fetch this conversation anew once the transaction has committed."""
    change = {"id": conversation.key, "conversation_id": conversation.key}
    announce(session, conversation.shop_id, "inbox", change, now=now)


async def events_of(
    session: AsyncSession, conversation: Conversation
) -> Sequence[ConversationEvent]:
    query = select(ConversationEvent).where(
        col(ConversationEvent.conversation_id) == conversation.key
    )
    return (await session.exec(query.order_by(col(ConversationEvent.id)))).all()
