"""The job behind the door out: sends what is written, in its order, and notes what became of it.

The platforms know no idempotency key. A call without an answer is therefore never repeated
blindly: a message waits for its echo, a comment is looked for where it should stand.
"""

from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import TryLater
from core.jobs import NewJob, enqueue, enqueue_all
from core.logs import log
from inbox import outcomes
from inbox.conversations import lock_conversation
from inbox.failures import STILL_SENDS, STOPS_THE_PAGE, stands_still
from inbox.models import Conversation, Message
from inbox.parcels import Parcel, post_parcel, prepare
from inbox.settling import settle_interrupted
from meta.errors import GraphRefused, GraphUnavailable, GraphUnclear
from meta.models import MetaPage
from meta.pages import Graphs, find_page

MOST_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(minutes=30)


async def start_sending(
    session: AsyncSession, conversation: Conversation, *, asked_at: datetime | None = None
) -> None:
    """After this transaction, what waits in the conversation leaves.

    With `asked_at` it takes the customer's place in the queue of jobs: when many write at once,
    who came first has the whole answer first.
    """
    key = f"send:{conversation.key}"
    arguments = {"conversation_id": conversation.key}
    await enqueue(session, send_reply, arguments, key=key, lock=key, run_at=asked_at)


async def send_reply(db: Database, graphs: Graphs, clock: Clock, *, conversation_id: int) -> None:
    """Job. Sends everything that waits in one conversation, the oldest first."""
    await settle_interrupted(db, clock, conversation_id=conversation_id)
    while (parcel := await _take_next(db, conversation_id, clock())) is not None:
        if not await _deliver(db, graphs, clock, parcel):
            return


async def _take_next(db: Database, conversation_id: int, now: datetime) -> Parcel | None:
    """The next message, marked as being sent before it is: after a crash that mark says that it
    may have arrived."""
    while True:
        async with db.transaction() as session:
            # Looked for twice, because most looks find nothing and need no lock.
            message = await _oldest_waiting(session, conversation_id)
            if message is None:
                return None
            shop_id = message.shop_id
            conversation = await lock_conversation(session, shop_id, conversation_id)
            message = await _oldest_waiting(session, conversation_id)
            if message is None:
                return None
            page = await find_page(session, shop_id)
            if page is not None and stands_still(page.token_problem):
                await outcomes.hold(session, conversation, message, "token_dead", now=now)
                return None
            parcel = await prepare(session, conversation, message, page, now=now)
            if isinstance(parcel, Parcel):
                message.state, message.sending_at = "sending", now
                message.attempts += 1
                session.add(message)
                return parcel
            await outcomes.fail(session, conversation, message, parcel, now=now)


async def _oldest_waiting(session: AsyncSession, conversation_id: int) -> Message | None:
    query = (
        select(Message)
        .where(col(Message.conversation_id) == conversation_id, col(Message.state) == "queued")
        .order_by(col(Message.at), col(Message.id))
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return (await session.exec(query)).first()


async def _deliver(db: Database, graphs: Graphs, clock: Clock, parcel: Parcel) -> bool:
    """False when nothing more is to be sent now. Raises TryLater."""
    try:
        sent = await post_parcel(graphs, parcel)
    except GraphRefused as refusal:
        async with db.transaction() as session:
            await outcomes.refused(session, parcel, refusal, now=clock())
        return refusal.family not in STOPS_THE_PAGE
    except GraphUnavailable as problem:
        await _wait(db, parcel, problem, now=clock())
        return True
    except GraphUnclear as problem:
        async with db.transaction() as session:
            await outcomes.unclear(session, parcel, problem.reason, now=clock())
        return True
    async with db.transaction() as session:
        await outcomes.sent(session, parcel, sent, now=clock())
    log(__name__).info("reply_sent", message_id=parcel.message_id, kind=parcel.kind)
    return True


async def _wait(db: Database, parcel: Parcel, problem: GraphUnavailable, *, now: datetime) -> None:
    """Nothing was done; the same again later. Raises TryLater until it was tried often enough."""
    gives_up = parcel.attempts >= MOST_ATTEMPTS
    async with db.transaction() as session:
        await outcomes.unavailable(session, parcel, problem, gives_up=gives_up, now=now)
    if not gives_up:
        raise TryLater(problem.reason, after=_pause(parcel.attempts, problem))


def _pause(attempts: int, problem: GraphUnavailable) -> timedelta:
    if problem.retry_after is not None:
        return timedelta(seconds=max(1.0, problem.retry_after))
    return min(LONGEST_PAUSE, timedelta(seconds=2.0**attempts))


async def send_waiting(db: Database, clock: Clock) -> None:
    """Periodic: what waits without a job (its page was reconnected, say) gets one."""
    query = (
        select(Message.conversation_id)
        .join(Conversation, col(Conversation.id) == col(Message.conversation_id))
        .join(MetaPage, col(MetaPage.shop_id) == col(Conversation.shop_id))
        .where(
            col(Message.state).in_(("queued", "sending")),
            col(Message.received_at) < clock() - timedelta(minutes=1),
            col(MetaPage.token_problem).is_(None) | col(MetaPage.token_problem).in_(STILL_SENDS),
        )
        .distinct()
        .limit(500)
    )
    async with db.transaction() as session:
        keys = [(number, f"send:{number}") for number in (await session.exec(query)).all()]
        await enqueue_all(
            session,
            [
                NewJob("inbox.delivering.send_reply", {"conversation_id": number}, key, key)
                for number, key in keys
            ],
        )
