"""The list of conversations: filtered, searched, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.models import Channel, Conversation, Message
from inbox.texts import folded
from storefront.models import Order

SHOWS = ("open", "mine", "unassigned", "bot", "closed")
CHANNELS: tuple[str, ...] = get_args(Channel)
_PAGE = 40
_FOUND_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the list is wanted. `before` is (time, id) of the last one seen."""

    show: str = "open"
    channel: str = ""
    text: str = ""
    before: tuple[datetime, int] | None = None


async def list_conversations(
    session: AsyncSession, shop_id: int, wish: Wish, *, staff_id: int, limit: int = _PAGE
) -> Sequence[Conversation]:
    """The latest first."""
    query = select(Conversation).where(
        col(Conversation.shop_id) == shop_id,
        col(Conversation.is_shown),
        *_filter(wish, staff_id),
    )
    if wish.text.strip():
        numbers = await _matching(session, shop_id, wish.text.strip())
        query = query.where(col(Conversation.id).in_(numbers))
    if wish.before is not None:
        at, number = wish.before
        moment, key = col(Conversation.last_message_at), col(Conversation.id)
        query = query.where(or_(moment < at, (moment == at) & (key < number)))
    order = (col(Conversation.last_message_at).desc(), col(Conversation.id).desc())
    return (await session.exec(query.order_by(*order).limit(limit))).all()


async def count_by_show(session: AsyncSession, shop_id: int, *, staff_id: int) -> dict[str, int]:
    """How many there are behind each filter; of the closed ones nobody needs a number."""
    counts = {}
    for show in SHOWS[:-1]:
        query = select(func.count()).where(
            col(Conversation.shop_id) == shop_id,
            col(Conversation.is_shown),
            *_filter(Wish(show=show), staff_id),
        )
        counts[show] = (await session.exec(query)).one()
    return counts


def _filter(wish: Wish, staff_id: int) -> list[ColumnElement[bool]]:
    is_open = col(Conversation.state) == "open"
    found: list[Any] = {
        "open": [is_open],
        "mine": [is_open, col(Conversation.assignee_id) == staff_id],
        "unassigned": [
            is_open,
            col(Conversation.assignee_id).is_(None),
            col(Conversation.owner) != "bot",
        ],
        "bot": [is_open, col(Conversation.owner) == "bot"],
        "closed": [col(Conversation.state) == "closed"],
    }.get(wish.show, [])
    if wish.channel in CHANNELS:
        found.append(col(Conversation.channel) == wish.channel)
    return found


async def _matching(session: AsyncSession, shop_id: int, text: str) -> set[int]:
    """By name, by what was said, by order number: one look each, then put together, because one
    question with an OR across tables would read them all."""
    wanted = f"%{_plain(folded(text))}%"
    names = select(Conversation.id).where(
        col(Conversation.shop_id) == shop_id,
        col(Conversation.folded_name).like(wanted, escape="\\"),
    )
    said = (
        select(Message.conversation_id)
        .where(
            col(Message.shop_id) == shop_id,
            col(Message.folded).like(wanted, escape="\\"),
            col(Message.removed_at).is_(None),
        )
        .order_by(col(Message.at).desc())
    )
    questions: list[Any] = [names, said]
    if text.isascii() and text.isdigit() and len(text) < 10:
        questions.append(
            select(Conversation.id)
            .join(Order, col(Order.customer_id) == col(Conversation.customer_id))
            .where(col(Order.shop_id) == shop_id, col(Order.number) == int(text))
        )
    found: set[int] = set()
    for query in questions:
        found |= set((await session.exec(query.limit(_FOUND_AT_MOST))).all())
    return found


def _plain(text: str) -> str:
    """LIKE's own signs, meant as they are written."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
