"""Conversations, what was said in them, and the posts they stand under."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime

Channel = Literal["messenger", "instagram", "comment", "instagram_comment", "visitor_post"]
Owner = Literal["bot", "human", "nobody"]
Direction = Literal["in", "out", "note", "?"]
Writer = Literal["customer", "staff", "bot", "elsewhere"]
ReplyKind = Literal["message", "public", "private", "note"]
State = Literal["received", "queued", "sending", "sent", "failed", "unclear"]

CHATS: frozenset[str] = frozenset({"messenger", "instagram"})


class WallPost(SQLModel, table=True):
    """A post on the page's wall or the Instagram profile: what comments are about."""

    __tablename__ = "wall_post"
    __table_args__ = (UniqueConstraint("shop_id", "platform_id"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    platform: str = Field(max_length=10)
    platform_id: str = Field(max_length=120)
    text: str | None = None
    link: str | None = None
    permalink: str | None = None
    picture_url: str | None = None
    # Unknown until the post itself was seen: a comment does not say whose post it stands under.
    author_is_page: bool | None = None
    author_id: str | None = Field(default=None, max_length=120)
    author_name: str | None = None
    posted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class Conversation(SQLModel, table=True):
    """One person in one place: a chat, or a comment thread under one post.

    `owner_version` rises with every change of owner; a reply of the bot carries the version it
    saw and is refused at sending when another one stands there.
    """

    __table_args__ = (
        UniqueConstraint("shop_id", "thread_key"),
        Index("ix_conversation_list", "shop_id", "state", "last_message_at"),
        CheckConstraint("owner in ('bot', 'human', 'nobody')", name="ck_conversation_owner"),
        CheckConstraint("state in ('open', 'closed')", name="ck_conversation_state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    channel: str = Field(max_length=20)
    thread_key: str = Field(max_length=300)
    # Who it is with, as the platform names them; empty while a comment's author is not known.
    person_id: str | None = Field(default=None, max_length=120)
    name: str | None = Field(default=None, max_length=200)
    folded_name: str = Field(default="", max_length=200)
    post_id: int | None = Field(default=None, foreign_key="wall_post.id", index=True)
    # The comment thread a chat grew out of, by a private reply.
    began_with_id: int | None = Field(default=None, foreign_key="conversation.id", index=True)
    state: str = Field(default="open", max_length=10)
    owner: str = Field(default="nobody", max_length=10)
    owner_version: int = 0
    owned_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    assignee_id: int | None = Field(default=None, foreign_key="member.id")
    unread: bool = False
    # False while nothing of the customer's own words is known (a removal or an echo came first).
    is_shown: bool = False
    started_at: datetime = Field(sa_type=UtcDateTime)
    # The customer's last action: from here the platform's windows count.
    last_customer_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    customer_read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_message_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # What the list shows of the newest message.
    preview: str = Field(default="", max_length=200)
    first_answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by_id: int | None = Field(default=None, foreign_key="member.id")

    @property
    def key(self) -> int:
        """The id of a stored conversation."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def is_chat(self) -> bool:
        return self.channel in CHATS

    @property
    def platform(self) -> str:
        """`facebook` or `instagram`, whichever of its doors this came through."""
        return "instagram" if self.channel.startswith("instagram") else "facebook"


class Message(SQLModel, table=True):
    """Something said: received, sent or noted.

    `platform_id` is unique, so webhooks, echoes, retries and the gap hunter all meet on one row.
    `correlation` goes out with a message and comes back in its echo. `private_answer_to` is
    unique: the platform allows one private reply per comment.
    """

    __table_args__ = (
        UniqueConstraint("shop_id", "platform_id"),
        UniqueConstraint("shop_id", "private_answer_to"),
        Index("ix_message_thread", "conversation_id", "at", "id"),
        Index("ix_message_root", "shop_id", "root_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    conversation_id: int = Field(foreign_key="conversation.id")
    direction: str = Field(max_length=5)
    author: str = Field(max_length=10)
    staff_id: int | None = Field(default=None, foreign_key="member.id")
    platform_id: str | None = Field(default=None, max_length=300)
    # Comments only: the post, what was answered (a comment, or the post itself), the top-level
    # comment of the thread, and who wrote it as the platform names them.
    post_platform_id: str | None = Field(default=None, max_length=120)
    parent_id: str | None = Field(default=None, max_length=300)
    root_id: str | None = Field(default=None, max_length=300)
    person_id: str | None = Field(default=None, max_length=120)
    person_name: str | None = Field(default=None, max_length=200)
    reply_kind: str = Field(default="message", max_length=10)
    # The message this one answers.
    answers_id: int | None = Field(default=None, foreign_key="message.id")
    private_answer_to: str | None = Field(default=None, max_length=300)
    correlation: str | None = Field(default=None, unique=True, max_length=40)
    # Received: what came with the text (attachments, a tapped button). Sent: the typed reply.
    content: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    text: str = ""
    # Which of several texts is the newest: edits by their number, then by their time.
    revision: int = 0
    text_at: datetime = Field(sa_type=UtcDateTime)
    folded: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    edited_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    hidden_noted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # What a member of staff wants done with a comment and the platform has not yet: hide, show
    # or delete; and why it could not be done.
    wanted: str | None = Field(default=None, max_length=10)
    wanted_by_id: int | None = Field(default=None, foreign_key="member.id")
    wanted_failure: str | None = Field(default=None, max_length=40)
    removed_by_id: int | None = Field(default=None, foreign_key="member.id")
    # Found by looking on the platform, because nobody had told us.
    found_late: bool = False
    reaction: str | None = Field(default=None, max_length=40)
    reaction_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # False while the message itself has not arrived: only an edit, a removal, a reaction to it.
    is_complete: bool = True
    state: str = Field(default="received", max_length=10)
    failure: str | None = Field(default=None, max_length=40)
    failure_detail: str | None = None
    attempts: int = 0
    sending_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The version of ownership the bot saw; empty where ownership does not matter.
    owner_version: int | None = None

    @property
    def key(self) -> int:
        """The id of a stored message."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class MessageVersion(SQLModel, table=True):
    """A text a message had before."""

    __tablename__ = "message_version"

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    revision: int
    text: str
    at: datetime = Field(sa_type=UtcDateTime)


class ConversationEvent(SQLModel, table=True):
    """What was done with a conversation: handed over, taken, assigned, closed, and by whom."""

    __tablename__ = "conversation_event"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    conversation_id: int = Field(foreign_key="conversation.id", index=True)
    what: str = Field(max_length=20)
    staff_id: int | None = Field(default=None, foreign_key="member.id")
    # Who did it when it was nobody of the staff: bot, customer, elsewhere.
    by: str = Field(default="staff", max_length=10)
    detail: str | None = Field(default=None, max_length=200)
    at: datetime = Field(sa_type=UtcDateTime)


class GapLook(SQLModel, table=True):
    """When a shop's page was last compared with what we know, and what that brought."""

    __tablename__ = "gap_look"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", unique=True)
    looked_at: datetime = Field(sa_type=UtcDateTime)
    found: int = 0
    problem: str | None = None
