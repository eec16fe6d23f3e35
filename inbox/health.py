"""Is anything stuck, missed or broken? Read for the page that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.intake import Incoming, troubled
from core.jobs import DeadJob, JobEngine
from core.mail import Mail
from core.shops import is_only_shop
from inbox.models import Conversation, Message
from meta.models import MetaPage
from meta.pages import find_page

LOOKS_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Health:
    """`ignored` are reasons with how often each was met, `found_late` messages we had to look
    for, `waiting` jobs that have not run yet."""

    page: MetaPage | None
    last_event_at: datetime | None
    failed: Sequence[Incoming]
    ignored: Sequence[tuple[str, int]]
    dead_jobs: Sequence[DeadJob]
    waiting: int
    unsent_mails: Sequence[Mail]
    failed_replies: Sequence[Message]
    found_late: int


async def look(session: AsyncSession, engine: JobEngine, shop_id: int, *, now: datetime) -> Health:
    since = now - LOOKS_BACK
    return Health(
        page=await find_page(session, shop_id),
        last_event_at=await _last_event(session, shop_id),
        failed=await troubled(session, shop_id),
        ignored=await _ignored(session, shop_id, since),
        dead_jobs=await dead_jobs(session, engine),
        waiting=await engine.waiting(session),
        unsent_mails=await _unsent(session, shop_id),
        failed_replies=await _failed_replies(session, shop_id, since),
        found_late=await _found_late(session, shop_id, since),
    )


async def dead_jobs(session: AsyncSession, engine: JobEngine) -> Sequence[DeadJob]:
    """Jobs do not say whose they are: with several shops none may look at the others'."""
    return await engine.dead(session, limit=50) if await is_only_shop(session) else []


async def _last_event(session: AsyncSession, shop_id: int) -> datetime | None:
    query = (
        select(Incoming.received_at)
        .where(col(Incoming.shop_id) == shop_id, col(Incoming.source) == "meta")
        .order_by(col(Incoming.id).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def _ignored(
    session: AsyncSession, shop_id: int, since: datetime
) -> Sequence[tuple[str, int]]:
    count = func.count()
    query = (
        select(Incoming.reason, count)
        .where(
            col(Incoming.shop_id) == shop_id,
            col(Incoming.state) == "ignored",
            col(Incoming.received_at) > since,
        )
        .group_by(col(Incoming.reason))
        .order_by(count.desc())
        .limit(10)
    )
    return [(reason or "", number) for reason, number in (await session.exec(query)).all()]


async def _unsent(session: AsyncSession, shop_id: int) -> Sequence[Mail]:
    """Also those that were sent and came back."""
    query = (
        select(Mail)
        .where(
            col(Mail.shop_id) == shop_id,
            or_(col(Mail.sent_at).is_(None), col(Mail.bounced_at).is_not(None)),
        )
        .order_by(col(Mail.id).desc())
        .limit(20)
    )
    return (await session.exec(query)).all()


async def _failed_replies(
    session: AsyncSession, shop_id: int, since: datetime
) -> Sequence[Message]:
    query = (
        select(Message)
        .join(Conversation, col(Conversation.id) == col(Message.conversation_id))
        .where(
            col(Message.shop_id) == shop_id,
            col(Message.state) == "failed",
            col(Message.at) > since,
            col(Conversation.state) == "open",
        )
        .order_by(col(Message.at).desc())
        .limit(20)
    )
    return (await session.exec(query)).all()


async def _found_late(session: AsyncSession, shop_id: int, since: datetime) -> int:
    query = select(func.count()).where(
        col(Message.shop_id) == shop_id,
        col(Message.found_late),
        col(Message.received_at) > since,
    )
    return (await session.exec(query)).one()
