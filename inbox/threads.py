"""Which conversation a comment belongs to: one per post, thread and person.

The answer depends only on what is known of the post, the comment and those above it, never on
the order in which that became known: when something new is learned, what hangs below is placed
again. Who has no name yet is called `?` and the comment's id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.conversations import call, lock_conversation, open_conversation
from inbox.models import Conversation, ConversationEvent, Message, WallPost
from inbox.records import find_message
from inbox.summaries import summarise
from storefront.customers import meet
from storefront.models import Channel as MeetingPlace

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Place:
    """`person_id` is empty while nobody knows who it is."""

    thread_key: str
    channel: str
    root_id: str
    person_id: str | None
    name: str | None


async def place_of(
    session: AsyncSession, shop_id: int, message: Message, post: WallPost | None, platform: str
) -> Place:
    above = await _above(session, shop_id, message)
    root = _root(message, above)
    who, name = _partner(message, above, post)
    known = None if who.startswith("?") else who
    if post is not None and _is_posters_thread(message, who, post):
        return Place(f"post:{post.platform_id}:{who}", "visitor_post", root, known, name)
    channel = "instagram_comment" if platform == "instagram" else "comment"
    return Place(f"{channel}:{root}:{who}", channel, root, known, name)


async def _above(session: AsyncSession, shop_id: int, message: Message) -> list[Message]:
    """The comments over this one as far as they are known, the nearest first."""
    above: list[Message] = []
    parent_id = message.parent_id
    while parent_id and len(above) < _DEEPEST:
        parent = await find_message(session, shop_id, parent_id)
        if parent is None or parent is message or parent in above:
            break
        above.append(parent)
        parent_id = parent.parent_id
    return above


def _root(message: Message, above: Sequence[Message]) -> str:
    top = above[-1] if above else message
    return top.parent_id or top.platform_id or ""


def _partner(
    message: Message, above: Sequence[Message], post: WallPost | None
) -> tuple[str, str | None]:
    """Whom the conversation is with: the author, or for our own comments who is answered."""
    for one in (message, *above):
        if one.direction == "in":
            return one.person_id or f"?{one.platform_id}", one.person_name
    top = above[-1] if above else message
    if top.parent_id is None and post is not None and post.author_is_page is False:
        return post.author_id or f"?{post.platform_id}", post.author_name
    return f"?{top.parent_id or top.platform_id}", None


def _is_posters_thread(message: Message, who: str, post: WallPost) -> bool:
    """On a visitor's own post everything between us and them is one conversation."""
    if message.platform_id == post.platform_id:
        return True
    return post.author_is_page is False and who == (post.author_id or f"?{post.platform_id}")


async def open_thread(
    session: AsyncSession, shop_id: int, place: Place, post: WallPost | None, *, now: datetime
) -> Conversation:
    """The conversation of this place, held until the end of the transaction."""
    conversation, _ = await open_conversation(
        session,
        shop_id,
        place.thread_key,
        channel=place.channel,
        person_id=place.person_id,
        post_id=post.key if post else None,
        owner="nobody",
        started_at=now,
    )
    if place.person_id and (conversation.customer_id is None or conversation.name is None):
        where: MeetingPlace = "instagram" if place.channel == "instagram_comment" else "facebook"
        customer = await meet(session, shop_id, where, place.person_id, name=place.name, now=now)
        await session.flush()
        conversation.customer_id = customer.key
        call(conversation, place.name or customer.name)
    if conversation.post_id is None and post is not None:
        conversation.post_id = post.key
    session.add(conversation)
    return conversation


async def place_again(
    session: AsyncSession,
    shop_id: int,
    messages: Sequence[Message],
    post: WallPost | None,
    platform: str,
    *,
    now: datetime,
) -> None:
    """Put what was received where it belongs by what is known now. Our own replies follow what
    they answer."""
    left: set[int] = set()
    for message in messages:
        if message.author not in ("customer", "elsewhere"):
            continue
        place = await place_of(session, shop_id, message, post, platform)
        message.root_id = place.root_id
        session.add(message)
        target = await open_thread(session, shop_id, place, post, now=now)
        if message.conversation_id != target.key:
            left |= {message.conversation_id, target.key}
            await _move(session, message, target)
    for conversation_id in sorted(left):
        await _settle(session, shop_id, conversation_id, now=now)


async def below(session: AsyncSession, shop_id: int, platform_id: str) -> Sequence[Message]:
    """Comments that hang under this one."""
    query = select(Message).where(
        col(Message.shop_id) == shop_id,
        col(Message.root_id) == platform_id,
        col(Message.platform_id) != platform_id,
    )
    return (await session.exec(query.order_by(col(Message.id)))).all()


async def on_post(session: AsyncSession, shop_id: int, post: WallPost) -> Sequence[Message]:
    query = select(Message).where(
        col(Message.shop_id) == shop_id, col(Message.post_platform_id) == post.platform_id
    )
    return (await session.exec(query.order_by(col(Message.id)))).all()


async def _move(session: AsyncSession, message: Message, target: Conversation) -> None:
    message.conversation_id = target.key
    session.add(message)
    await session.flush()
    await session.exec(
        update(Message)
        .where(col(Message.answers_id) == message.key)
        .values(conversation_id=target.key)
        .execution_options(synchronize_session="fetch")
    )


async def _settle(
    session: AsyncSession, shop_id: int, conversation_id: int, *, now: datetime
) -> None:
    """What the list shows, anew; a conversation nothing is left in goes."""
    await session.flush()
    conversation = await lock_conversation(session, shop_id, conversation_id)
    query = select(Message).where(col(Message.conversation_id) == conversation_id).limit(1)
    if (await session.exec(query)).first() is not None:
        await summarise(session, conversation, now=now)
        return
    for event in await _events(session, conversation_id):
        await session.delete(event)
    await session.flush()
    await session.delete(conversation)
    await session.flush()


async def _events(session: AsyncSession, conversation_id: int) -> Sequence[ConversationEvent]:
    query = select(ConversationEvent).where(
        col(ConversationEvent.conversation_id) == conversation_id
    )
    return (await session.exec(query)).all()
