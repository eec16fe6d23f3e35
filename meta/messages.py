"""Messages out: the Send API of Messenger and Instagram."""

from dataclasses import dataclass
from typing import Any, Literal

from meta.errors import GraphUnclear
from meta.graph import Graph
from meta.models import MetaPage
from meta.shapes import identifier, shape

MessagingType = Literal["RESPONSE", "UPDATE", "MESSAGE_TAG"]
SenderAction = Literal["mark_seen", "typing_on", "typing_off"]


@dataclass(frozen=True, slots=True)
class PersonRecipient:
    """A PSID or IGSID."""

    person_id: str


@dataclass(frozen=True, slots=True)
class CommentRecipient:
    """The author of a comment: one private reply, within 7 days (Messenger Platform docs)."""

    comment_id: str


@dataclass(frozen=True, slots=True)
class PostRecipient:
    """The author of a visitor's post, under the same rules."""

    post_id: str


Recipient = PersonRecipient | CommentRecipient | PostRecipient


@dataclass(frozen=True, slots=True)
class SentMessage:
    """`recipient_id` is the person's PSID or IGSID: news, after a private reply."""

    message_id: str
    recipient_id: str | None


async def send(
    graph: Graph,
    page: MetaPage,
    recipient: Recipient,
    message: dict[str, Any],
    *,
    messaging_type: MessagingType = "RESPONSE",
    tag: str | None = None,
    metadata: str | None = None,
) -> SentMessage:
    """Instagram messages leave through the linked page, too.

    There is no idempotency key: after GraphUnclear look for the echo that carries `metadata`
    (up to 999 characters) before sending again. Raises what Graph raises.
    """
    content = message if metadata is None else {**message, "metadata": metadata}
    more: dict[str, Any] = {}
    if isinstance(recipient, PersonRecipient):
        more = {"messaging_type": messaging_type, "tag": tag}
    answer = await graph.put_object(
        page.page_id, "messages", recipient=_recipient(recipient), message=content, **more
    )
    message_id = identifier(shape(answer).get("message_id"))
    if message_id is None:
        raise GraphUnclear("no message id in the answer")
    return SentMessage(message_id, identifier(shape(answer).get("recipient_id")))


async def act(graph: Graph, page: MetaPage, person_id: str, action: SenderAction) -> None:
    """`typing_on`, `typing_off`, `mark_seen`: goes alone, and changes nothing that matters."""
    recipient = _recipient(PersonRecipient(person_id))
    await graph.put_object(page.page_id, "messages", recipient=recipient, sender_action=action)


def _recipient(recipient: Recipient) -> dict[str, str]:
    match recipient:
        case PersonRecipient(person_id):
            return {"id": person_id}
        case CommentRecipient(comment_id):
            return {"comment_id": comment_id}
        case PostRecipient(post_id):
            return {"post_id": post_id}
