"""What can happen in chats, as values: `meta.incoming.read` makes them out of Meta's JSON.

What happens on walls stands in `meta.wall_happenings`. Ids are text, times are UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ChatPlatform = Literal["messenger", "instagram"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatHappening:
    """Common to all of a chat. `account_id` is the page's or the Instagram account's id,
    `person_id` the PSID or IGSID (empty where the platform names nobody: policy notices)."""

    platform: ChatPlatform
    account_id: str
    person_id: str
    at: datetime
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """How somebody came: an m.me or ig.me link (`ref`), an ad, a product's page."""

    ref: str | None = None
    source: str | None = None
    ad_id: str | None = None
    product_id: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """`kind` as Meta names it (image, audio, video, file, sticker, location, reel, share,
    story_mention, ephemeral, template, fallback, …; new ones will come), or `unsupported` when
    the platform does not give the content. Addresses expire: show them, do not keep them."""

    kind: str
    url: str | None = None
    title: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage(ChatHappening):
    text: str
    reply_to: str | None = None
    story_url: str | None = None
    came_by: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentMessage(ChatHappening):
    """With or without text. Also what the platform could not pass on (kind `unsupported`)."""

    attachments: tuple[Attachment, ...]
    text: str = ""
    reply_to: str | None = None
    story_url: str | None = None
    came_by: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickReplyTap(ChatHappening):
    """`text` is the title that was tapped."""

    payload: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostbackTap(ChatHappening):
    """A button, a menu item, an ice breaker, Get Started. In standby there is no payload."""

    payload: str | None
    title: str
    came_by: Ref | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(ChatHappening):
    """Came again over a link or an ad, into a thread that was there already."""

    came_by: Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo(ChatHappening):
    """What the account sent comes back. `app_id` says who sent it: ours, another app, Meta's own
    inbox (None where it is not said); `metadata` is what we gave along when we sent it."""

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    app_id: str | None = None
    metadata: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(ChatHappening):
    """At most five times; `number` counts them from 1."""

    text: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageUnsent(ChatHappening):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reacted(ChatHappening):
    """To `message_id`. Without a reaction it was taken back."""

    reaction: str | None
    emoji: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesDelivered(ChatHappening):
    """Everything we sent up to `until` (and what `message_ids` names) has arrived."""

    until: datetime | None
    message_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesRead(ChatHappening):
    """Everything up to `until` was seen; on Instagram up to `message_id` instead."""

    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptedIn(ChatHappening):
    """A plugin's opt-in (`ref`), or one to notification messages (`token`, `status`)."""

    kind: str
    ref: str | None = None
    payload: str | None = None
    title: str | None = None
    token: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponRevealed(ChatHappening):
    code: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPassed(ChatHappening):
    """Another app got or wants the conversation. `how`: passed, taken, requested, roles."""

    how: Literal["passed", "taken", "requested", "roles"]
    former_app_id: str | None = None
    new_app_id: str | None = None
    metadata: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEnforced(ChatHappening):
    """Meta warned, blocked or unblocked the page."""

    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class CartLine:
    name: str
    retailer_id: str | None
    quantity: int
    unit_price: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CartSent(ChatHappening):
    lines: tuple[CartLine, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAnswered(ChatHappening):
    """A feedback form or a customer information form; `answers` are pairs of field and value."""

    form: Literal["feedback", "information"]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLinked(ChatHappening):
    is_linked: bool
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandbyMessage(ChatHappening):
    """Said while another app (or Meta's own inbox) owns the thread: show it, never answer it."""

    inner: "TextMessage | AttachmentMessage | QuickReplyTap | PostbackTap | Echo | MessageEdited | MessageUnsent"


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Nothing we know or use; `reason` is kept with the event."""

    reason: str


Chat = (
    TextMessage
    | AttachmentMessage
    | QuickReplyTap
    | PostbackTap
    | Referral
    | Echo
    | MessageEdited
    | MessageUnsent
    | Reacted
    | MessagesDelivered
    | MessagesRead
    | OptedIn
    | CouponRevealed
    | ThreadPassed
    | PolicyEnforced
    | CartSent
    | FormAnswered
    | AccountLinked
    | StandbyMessage
)
