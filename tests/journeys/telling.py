"""Posts webhooks to the running product, and says in short lines what became of them."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from sqlalchemy import func
from sqlmodel import SQLModel, col, select

from app.demo.settings import APP_SECRET
from core.incoming import Incoming
from inbox.models import Conversation, Message, WallPost
from sandbox.webhooks import SENDER
from tests.journeys.shapes import as_meta_writes, signed
from tests.opened import House

URL = "/webhooks/meta"
SHOWN = 60


async def post(house: House, raw: bytes, secret: str = APP_SECRET) -> int:
    """The status it was answered with."""
    headers = signed(raw, secret)
    async with house.http.post(house.at(URL), data=raw, headers=headers) as answer:
        await answer.read()
        return answer.status


async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, raw: bytes) -> int:
    """The same as `post` on an open connection, in plain HTTP: a whole client would cost more
    than the server. Raises OSError or EOFError when the other side dies."""
    lines = [f"POST {URL} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(raw)}"]
    lines += [f"{name}: {value}" for name, value in signed(raw, APP_SECRET).items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + raw)
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    await reader.readexactly(int(length[1]) if length else 0)
    return int(head[9:12])


async def tell(house: House, body: Any) -> None:
    assert await post(house, as_meta_writes(body)) == 200


async def settle(house: House) -> None:
    """Until neither side has anything left to say: answers come back as echoes."""
    told = -1
    while told != (told := await last(house, Incoming)):
        await house.settle()
        await house.sandbox[SENDER].settled()


async def last(house: House, table: type[SQLModel]) -> int:
    """The highest number in the table; 0 while it is empty."""
    numbers: Any = table.__table__.c.id  # type: ignore[attr-defined]
    async with house.db.reading() as session:
        return (await session.exec(select(func.max(numbers)))).one() or 0


async def rows(house: House, table: type[SQLModel], *, after: int = 0) -> Sequence[Any]:
    numbers: Any = table.__table__.c.id  # type: ignore[attr-defined]
    async with house.db.reading() as session:
        return (await session.exec(select(table).where(numbers > after).order_by(numbers))).all()


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the tables went at one moment."""

    incoming: int
    conversation: int
    post: int


async def mark(house: House) -> Mark:
    return Mark(*[await last(house, table) for table in (Incoming, Conversation, WallPost)])


def stored_line(row: Incoming) -> str:
    """`messenger.messaging ignored: why`."""
    return f"{row.kind} {row.state}" + (f": {row.reason}" if row.reason else "")


async def inbox_lines(house: House, *, after: int) -> list[list[str]]:
    """Each new conversation: how it stands, then what was said in it."""
    lines = []
    for conversation in await rows(house, Conversation, after=after):
        async with house.db.reading() as session:
            query = select(Message).where(col(Message.conversation_id) == conversation.id)
            said = (await session.exec(query.order_by(col(Message.at), col(Message.id)))).all()
        lines.append([_standing(conversation), *(_said(one) for one in said)])
    return sorted(lines)


def _standing(conversation: Conversation) -> str:
    parts = [conversation.channel, conversation.state, conversation.owner]
    parts += ["unread"] if conversation.unread else []
    parts += ["read by them"] if conversation.customer_read_at else []
    parts += [] if conversation.is_shown else ["not shown"]
    parts += [] if conversation.customer_id else ["nobody known"]
    return " ".join(parts)


def _said(message: Message) -> str:
    kind = message.content.get("kind", "")
    line = shorten(f"{message.author} {kind}: {message.text}", SHOWN, placeholder=" …")
    for one in message.content.get("attachments", []):
        line += f" [{one['kind']}]"
    if by := message.content.get("came_by"):
        line += f" (came by {' '.join(str(by[name]) for name in sorted(by))})"
    line += f" ({message.state})" if message.direction == "out" else ""
    line += f" ({message.reaction})" if message.reaction else ""
    marks = {"edited": message.edited_at, "removed": message.removed_at, "hidden": message.hidden_at,
             "incomplete": not message.is_complete}  # fmt: skip
    return line + "".join(f" ({name})" for name, holds in marks.items() if holds)


async def post_lines(house: House, *, after: int) -> list[str]:
    return [_post(one) for one in await rows(house, WallPost, after=after)]


def _post(one: WallPost) -> str:
    whose = {True: "ours", False: "theirs", None: "whose?"}[one.author_is_page]
    line = f"{one.platform} {whose}: {one.text or ''}".strip()
    line += f" <{one.link}>" if one.link else ""
    line += " [picture]" if one.picture_url else ""
    return line + (" (removed)" if one.removed_at else "")
