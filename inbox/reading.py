"""Everything one conversation's page shows, read together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.translations import Translate
from inbox.bubbles import Bubble, Reader, bubbles
from inbox.models import Conversation, Message, MessageVersion, WallPost
from inbox.reach import Reach
from inbox.targets import newest_target, reach_of
from staff.models import Member
from storefront.models import Customer
from storefront.orders.finding import lines_by_order, orders_by_name, orders_of
from storefront.orders.models import Order, OrderLine

LATEST = 100
ALL = 2000


@dataclass(frozen=True, slots=True)
class Thread:
    """`seen` is the highest message number: what the composer says it has seen."""

    bubbles: Sequence[Bubble]
    seen: int
    has_earlier: bool


@dataclass(frozen=True, slots=True)
class Ways:
    """How it can be answered now. `target` is what a public or private answer goes to."""

    message: Reach | None = None
    public: Reach | None = None
    private: Reach | None = None
    target: Message | None = None
    answered_privately: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside: the post, the customer and their orders, other talks with them.

    `is_guess`: the orders are only of the same name. Whoever writes under a post is known by
    another id than in a chat or in the shop.
    """

    post: WallPost | None
    customer: Customer | None
    orders: Sequence[Order]
    is_guess: bool
    lines: Mapping[int, Sequence[OrderLine]]
    others: Sequence[Conversation]


async def read_thread(
    session: AsyncSession,
    conversation: Conversation,
    *,
    translate: Translate,
    timezone: str,
    everything: bool = False,
) -> Thread:
    messages = await _messages(session, conversation, ALL if everything else LATEST + 1)
    has_earlier = not everything and len(messages) > LATEST
    shown = messages[-LATEST:] if has_earlier else messages
    reader = Reader(
        translate=translate,
        timezone=timezone,
        members=await names_of_members(session, conversation.shop_id),
        versions=await _versions(session, shown),
    )
    seen = max((one.key for one in messages), default=0)
    return Thread(bubbles(conversation, shown, reader), seen, has_earlier)


async def _messages(session: AsyncSession, conversation: Conversation, limit: int) -> list[Message]:
    """In the order things were said. A chat begins with the private reply it grew out of."""
    here = col(Message.conversation_id) == conversation.key
    if conversation.began_with_id is not None:
        before = col(Message.conversation_id) == conversation.began_with_id
        here = here | (before & (col(Message.reply_kind) == "private"))
    query = (
        select(Message)
        .where(
            here,
            # Only heard of: nothing to show until it arrives itself or was edited.
            col(Message.is_complete)
            | col(Message.edited_at).is_not(None)
            | (col(Message.removed_at).is_not(None) & (col(Message.direction) == "in")),
        )
        .order_by(col(Message.at).desc(), col(Message.id).desc())
        .limit(limit)
    )
    return list(reversed((await session.exec(query)).all()))


async def _versions(
    session: AsyncSession, messages: Sequence[Message]
) -> dict[int, list[MessageVersion]]:
    edited = [one.key for one in messages if one.edited_at is not None]
    found: dict[int, list[MessageVersion]] = {}
    if edited:
        query = select(MessageVersion).where(col(MessageVersion.message_id).in_(edited))
        for version in (await session.exec(query)).all():
            found.setdefault(version.message_id, []).append(version)
    for versions in found.values():
        versions.sort(key=lambda version: (version.revision, version.at, version.text))
    return found


async def names_of_members(session: AsyncSession, shop_id: int) -> dict[int, str]:
    """Also of those who have left: what they wrote keeps their name."""
    query = select(Member.id, Member.name).where(col(Member.shop_id) == shop_id)
    return {number or 0: name for number, name in (await session.exec(query)).all()}


async def read_ways(
    session: AsyncSession,
    conversation: Conversation,
    *,
    answers: int | None = None,
    now: datetime,
) -> Ways:
    if conversation.is_chat:
        return Ways(message=reach_of(conversation, "message", None, by_person=True, now=now))
    target = await _asked_for(session, conversation, answers)
    used = target is not None and await _is_used(session, conversation.shop_id, target)
    return Ways(
        public=reach_of(conversation, "public", target, by_person=True, now=now),
        private=reach_of(conversation, "private", target, by_person=True, now=now),
        target=target,
        answered_privately=used,
    )


async def _asked_for(
    session: AsyncSession, conversation: Conversation, answers: int | None
) -> Message | None:
    if answers is not None:
        message = await session.get(Message, answers)
        if message is not None and message.conversation_id == conversation.key:
            return message
    return await newest_target(session, conversation)


async def _is_used(session: AsyncSession, shop_id: int, target: Message) -> bool:
    query = select(Message.id).where(
        col(Message.shop_id) == shop_id, col(Message.private_answer_to) == target.platform_id
    )
    return (await session.exec(query)).first() is not None


async def read_around(session: AsyncSession, conversation: Conversation) -> Around:
    shop_id, customer_id = conversation.shop_id, conversation.customer_id
    post = await session.get(WallPost, conversation.post_id) if conversation.post_id else None
    if customer_id is None:
        return Around(post, None, [], False, {}, [])
    orders = await orders_of(session, shop_id, customer_id, limit=5)
    is_guess = not orders
    if is_guess:
        orders = await orders_by_name(session, shop_id, conversation.name or "")
    query = (
        select(Conversation)
        .where(
            col(Conversation.shop_id) == shop_id,
            col(Conversation.customer_id) == customer_id,
            col(Conversation.id) != conversation.key,
            col(Conversation.last_message_at).is_not(None),
        )
        .order_by(col(Conversation.last_message_at).desc())
        .limit(5)
    )
    return Around(
        post=post,
        customer=await session.get(Customer, customer_id),
        orders=orders,
        is_guess=is_guess,
        lines=await lines_by_order(session, orders) if orders else {},
        others=(await session.exec(query)).all(),
    )
