"""What a page is told, in short, and the inbox it makes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop, open_shop
from inbox.models import Conversation, Message, MessageVersion
from inbox.receiving import Happening, Received, receive
from meta.happenings import (
    Echo,
    MessageEdited,
    MessageUnsent,
    PostbackTap,
    Reacted,
    TextMessage,
)
from meta.wall_happenings import (
    CommentEdited,
    CommentHidden,
    CommentRemoved,
    CommentWritten,
    VisitorPosted,
    VisitorPostEdited,
    VisitorPostRemoved,
)
from tests.conftest import SetClock, WatchedDatabase

PAGE, INSTAGRAM = "100100", "178414"
POST = f"{PAGE}_700"
EPOCH = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    return EPOCH + timedelta(minutes=minute)


class Told:
    """Happenings as Meta tells them, with the dull parts filled in."""

    def text(self, mid: str, text: str, minute: float, person: str = "p1", **more: Any) -> Any:
        return TextMessage(**self._chat(mid, minute, person, more), text=text, **more)

    def edited(self, mid: str, text: str, minute: float, number: int = 1, **more: Any) -> Any:
        return MessageEdited(
            **self._chat(mid, minute, more.pop("person", "p1"), more), text=text, number=number
        )

    def unsent(self, mid: str, minute: float, person: str = "p1", **more: Any) -> Any:
        return MessageUnsent(**self._chat(mid, minute, person, more))

    def reacted(self, mid: str, reaction: str | None, minute: float, person: str = "p1") -> Any:
        return Reacted(**self._chat(mid, minute, person, {}), reaction=reaction)

    def tapped(self, payload: str, title: str, minute: float, person: str = "p1") -> Any:
        return PostbackTap(**self._chat(None, minute, person, {}), payload=payload, title=title)

    def echo(self, mid: str, text: str, minute: float, person: str = "p1", **more: Any) -> Any:
        return Echo(**self._chat(mid, minute, person, more), text=text, **more)

    def _chat(
        self, mid: str | None, minute: float, person: str, more: dict[str, Any]
    ) -> dict[str, Any]:
        platform = more.pop("platform", "messenger")
        account = INSTAGRAM if platform == "instagram" else PAGE
        return {
            "platform": platform, "account_id": account, "person_id": person,
            "at": at(minute), "message_id": mid,
        }  # fmt: skip

    def comment(
        self, comment_id: str, text: str, minute: float, author: str | None = "a1", **more: Any
    ) -> Any:
        return CommentWritten(**self._wall(comment_id, minute, author, more), text=text)

    def comment_edited(
        self, comment_id: str, text: str, minute: float, author: str | None = "a1", **more: Any
    ) -> Any:
        return CommentEdited(**self._wall(comment_id, minute, author, more), text=text)

    def comment_removed(
        self, comment_id: str, minute: float, author: str | None = "a1", **more: Any
    ) -> Any:
        return CommentRemoved(**self._wall(comment_id, minute, author, more))

    def comment_hidden(
        self, comment_id: str, minute: float, author: str | None = "a1", *, hidden: bool = True,
        **more: Any,
    ) -> Any:  # fmt: skip
        return CommentHidden(**self._wall(comment_id, minute, author, more), is_hidden=hidden)

    def _wall(
        self, comment_id: str, minute: float, author: str | None, more: dict[str, Any]
    ) -> dict[str, Any]:
        platform = more.get("platform", "facebook")
        return {
            "platform": platform,
            "account_id": INSTAGRAM if platform == "instagram" else PAGE,
            "comment_id": comment_id,
            "post_id": more.get("post", POST),
            "parent_id": more.get("parent"),
            "author_id": author,
            "author_name": more.get("name", author and f"Name {author}"),
            "at": at(minute),
        }

    def visitor_post(self, post: str, text: str, minute: float, author: str = "a1") -> Any:
        return VisitorPosted(**self._post(post, minute, author), text=text)

    def visitor_post_edited(self, post: str, text: str, minute: float, author: str = "a1") -> Any:
        return VisitorPostEdited(**self._post(post, minute, author), text=text)

    def visitor_post_removed(self, post: str, minute: float, author: str = "a1") -> Any:
        return VisitorPostRemoved(**self._post(post, minute, author))

    def _post(self, post: str, minute: float, author: str) -> dict[str, Any]:
        return {
            "platform": "facebook", "account_id": PAGE, "post_id": post, "author_id": author,
            "author_name": f"Name {author}", "at": at(minute),
        }  # fmt: skip


@dataclass
class Inbox:
    """Tells one shop's inbox things, one transaction each, and looks at what came of it."""

    db: WatchedDatabase
    shop: Shop
    clock: SetClock

    async def hears(self, *happenings: Happening) -> Received | None:
        received = None
        for happening in happenings:
            async with self.db.transaction() as session:
                received = await receive(session, self.shop, happening, now=self.clock())
        return received

    async def conversations(self) -> list[Conversation]:
        async with self.db.reading() as session:
            query = select(Conversation).where(col(Conversation.shop_id) == self.shop.key)
            return list((await session.exec(query.order_by(col(Conversation.thread_key)))).all())

    async def only(self) -> Conversation:
        (conversation,) = await self.conversations()
        return conversation

    async def messages(self, conversation: Conversation | None = None) -> list[Message]:
        query = select(Message).where(col(Message.shop_id) == self.shop.key)
        if conversation is not None:
            query = query.where(col(Message.conversation_id) == conversation.key)
        async with self.db.reading() as session:
            return list(
                (await session.exec(query.order_by(col(Message.at), col(Message.id)))).all()
            )

    async def snapshot(self) -> Any:
        """Everything that is stored, without the numbers rows happen to have."""
        async with self.db.reading() as session:
            return await _snapshot(session, self.shop.key)


async def _snapshot(session: AsyncSession, shop_id: int) -> Any:
    threads = (
        await session.exec(select(Conversation).where(col(Conversation.shop_id) == shop_id))
    ).all()
    messages = (await session.exec(select(Message).where(col(Message.shop_id) == shop_id))).all()
    versions = (await session.exec(select(MessageVersion))).all()
    key_of = {one.key: one.thread_key for one in threads}
    left_out = {"id", "shop_id", "customer_id", "post_id", "started_at", "closed_at",
                "owner_version", "owned_since", "began_with_id"}  # fmt: skip
    shown = {
        one.thread_key: one.model_dump(exclude=left_out)
        | {"is_known": one.customer_id is not None, "has_post": one.post_id is not None}
        for one in threads
    }
    said = {
        one.platform_id: one.model_dump(
            exclude={"id", "shop_id", "conversation_id", "received_at", "answers_id"}
        )
        | {"in": key_of[one.conversation_id]}
        | {
            "versions": sorted(
                (version.revision, version.at, version.text)
                for version in versions
                if version.message_id == one.id
            )
        }
        for one in messages
    }
    return shown, said


async def another_inbox(db: WatchedDatabase, clock: SetClock, slug: str) -> Inbox:
    async with db.transaction() as session:
        other = await open_shop(session, slug, slug, now=clock())
    return Inbox(db, other, clock)
