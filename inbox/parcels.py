"""A reply ready to leave: everything needed to send it, read in one transaction, sent outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from inbox.models import Conversation, Message
from inbox.reach import Unreachable
from inbox.replies import from_json
from inbox.targets import reach_of
from inbox.wire import to_graph
from meta.messages import CommentRecipient, PersonRecipient, PostRecipient, Recipient, send
from meta.models import MetaPage
from meta.pages import Graphs
from meta.wall_happenings import WallPlatform
from meta.walls import answer_comment, comment_on_post


@dataclass(frozen=True, slots=True)
class Parcel:
    """`target_id` is the comment or post that is answered, `top_id` the comment it stands under."""

    message_id: int
    conversation_id: int
    shop_id: int
    kind: str
    platform: WallPlatform
    page: MetaPage
    correlation: str
    content: dict[str, Any]
    text: str
    attempts: int
    began_at: datetime
    tag: str | None = None
    person_id: str = ""
    target_id: str = ""
    target_is_post: bool = False
    top_id: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """The platform's id for what was sent, and (after a private reply) for whom it reached."""

    platform_id: str
    person_id: str | None = None


async def prepare(
    session: AsyncSession,
    conversation: Conversation,
    message: Message,
    page: MetaPage | None,
    *,
    now: datetime,
) -> Parcel | str:
    """The parcel, or the name of the reason why it may not leave now."""
    platform: WallPlatform = "instagram" if conversation.platform == "instagram" else "facebook"
    if page is None:
        return "not_connected"
    if page.account_of(platform) is None:
        return "no_instagram"
    if message.owner_version not in (None, conversation.owner_version):
        return "taken_over"
    # In a chat nothing depends on which message is answered.
    answers = None if message.reply_kind == "message" else message.answers_id
    target = await session.get(Message, answers) if answers else None
    way = reach_of(
        conversation, message.reply_kind, target, by_person=message.author == "staff", now=now
    )
    if isinstance(way, Unreachable):
        return way.reason
    return Parcel(
        message_id=message.key,
        conversation_id=conversation.key,
        shop_id=conversation.shop_id,
        kind=message.reply_kind,
        platform=platform,
        page=page,
        correlation=message.correlation or "",
        content=message.content,
        text=message.text,
        attempts=message.attempts + 1,
        began_at=now,
        tag=way.tag,
        person_id=conversation.person_id or "",
        **(_under(target) if target is not None and message.reply_kind != "message" else {}),
    )


def _under(target: Message) -> dict[str, Any]:
    return {
        "target_id": target.platform_id or "",
        "target_is_post": target.platform_id == target.post_platform_id,
        "top_id": target.root_id if target.parent_id else None,
    }


async def post_parcel(graphs: Graphs, parcel: Parcel) -> Posted:
    """Raises what the Graph client raises."""
    graph = graphs.graph_of(parcel.page)
    if parcel.kind == "public":
        if parcel.target_is_post:
            made = await comment_on_post(graph, parcel.platform, parcel.target_id, parcel.text)
        else:
            made = await answer_comment(
                graph, parcel.platform, parcel.target_id, parcel.text, parent_id=parcel.top_id
            )
        return Posted(made)
    sent = await send(
        graph,
        parcel.page,
        _recipient(parcel),
        to_graph(from_json(parcel.content)),
        messaging_type="MESSAGE_TAG" if parcel.tag else "RESPONSE",
        tag=parcel.tag,
        metadata=parcel.correlation,
    )
    return Posted(sent.message_id, sent.recipient_id)


def _recipient(parcel: Parcel) -> Recipient:
    if parcel.kind == "message":
        return PersonRecipient(parcel.person_id)
    if parcel.target_is_post:
        return PostRecipient(parcel.target_id)
    return CommentRecipient(parcel.target_id)
