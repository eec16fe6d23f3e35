"""What came of a deal that was told: comments under it, codes redeemed, money taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.models import DealPost
from core.money import Money
from inbox.models import Conversation, Message
from promotions.models import Redemption
from storefront.orders.models import Order
from storefront.references import order_id_of


@dataclass(frozen=True, slots=True)
class Result:
    """Counts so far. `redeemed`: paid orders with the post's code; `reserved`: not yet paid."""

    comments: int
    waiting: int
    redeemed: int
    reserved: int
    revenue: Money


@dataclass(frozen=True, slots=True)
class CommentLine:
    """A comment under the post, with the conversation it is answered in."""

    conversation_id: int
    name: str | None
    message: Message


async def result_of(session: AsyncSession, post: DealPost, currency: str) -> Result:
    comments = waiting = 0
    if post.wall_post_id is not None:
        comments = await _count_comments(session, post)
        waiting = await _count_unread(session, post)
    references = await _redemptions(session, post)
    kept = [order_id_of(name) for name, state in references if state == "kept"]
    paid = [order_id for order_id in kept if order_id is not None]
    return Result(
        comments=comments,
        waiting=waiting,
        redeemed=len(paid),
        reserved=sum(state == "reserved" for _, state in references),
        revenue=Money(await _sum_of_orders(session, post.shop_id, paid), currency),
    )


async def comments_under(
    session: AsyncSession, post: DealPost, *, limit: int = 100
) -> list[CommentLine]:
    """The newest first, the page's own left out."""
    query = (
        select(Message, Conversation.id, Conversation.name)
        .join(Conversation, col(Conversation.id) == col(Message.conversation_id))
        .where(
            col(Conversation.shop_id) == post.shop_id,
            col(Conversation.post_id) == post.wall_post_id,
            col(Message.direction) == "in",
        )
        .order_by(col(Message.at).desc(), col(Message.id).desc())
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    return [
        CommentLine(conversation_id or 0, name, message) for message, conversation_id, name in rows
    ]


async def _count_comments(session: AsyncSession, post: DealPost) -> int:
    query = (
        select(func.count(col(Message.id)))
        .join(Conversation, col(Conversation.id) == col(Message.conversation_id))
        .where(
            col(Conversation.shop_id) == post.shop_id,
            col(Conversation.post_id) == post.wall_post_id,
            col(Message.direction) == "in",
            col(Message.removed_at).is_(None),
        )
    )
    return (await session.exec(query)).one()


async def _count_unread(session: AsyncSession, post: DealPost) -> int:
    query = select(func.count(col(Conversation.id))).where(
        col(Conversation.shop_id) == post.shop_id,
        col(Conversation.post_id) == post.wall_post_id,
        col(Conversation.state) == "open",
        col(Conversation.unread),
    )
    return (await session.exec(query)).one()


async def _redemptions(session: AsyncSession, post: DealPost) -> Sequence[tuple[str, str]]:
    if post.code_id is None:
        return []
    query = select(Redemption.reference, Redemption.state).where(
        col(Redemption.shop_id) == post.shop_id,
        col(Redemption.code_id) == post.code_id,
        col(Redemption.reserved_at) >= post.created_at,
    )
    return (await session.exec(query)).all()


async def _sum_of_orders(session: AsyncSession, shop_id: int, order_ids: Sequence[int]) -> int:
    if not order_ids:
        return 0
    query = select(func.sum(Order.total_minor)).where(
        col(Order.shop_id) == shop_id, col(Order.id).in_(order_ids)
    )
    return (await session.exec(query)).one() or 0
