"""People who talk with the bot, in the small network's windows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from inbox.models import Conversation
from sandbox import chats
from sandbox.things import Channel, Message, Person, Thread
from tests.opened import House, open_house
from tests.shopping import Goods, settle, stock


@dataclass(frozen=True, slots=True)
class Talk:
    """One person's chat with the shop, as the person sees it."""

    house: House
    person: Person
    channel: Channel = "messenger"

    @property
    def thread(self) -> Thread:
        return self.house.world.talk(self.person, self.house.page, self.channel)

    @property
    def shown(self) -> list[Message]:
        return self.thread.messages

    async def says(self, text: str = "", **more: Any) -> list["Answer"]:
        seen = len(self.shown)
        chats.write(self.house.world, self.thread, text, **more)
        return await self._answers(seen)

    async def taps(self, title: str) -> list["Answer"]:
        """What is offered with this title: under the last message, or a button of an older one."""
        seen = len(self.shown)
        for message in reversed(self.shown):
            answer = Answer(message.content)
            if title in answer.hints and message is self.shown[-1]:
                chats.write(self.house.world, self.thread, title, quick_reply=answer.hints[title])
                return await self._answers(seen)
            if title in answer.buttons:
                chats.press(self.house.world, self.thread, answer.buttons[title], title)
                return await self._answers(seen)
        raise AssertionError(f"nothing offers {title!r}")

    async def presses(self, payload: str, title: str = "", ref: str = "") -> list["Answer"]:
        """A button of any age."""
        seen = len(self.shown)
        chats.press(self.house.world, self.thread, payload, title, ref=ref)
        return await self._answers(seen)

    async def starts(self) -> list["Answer"]:
        seen = len(self.shown)
        assert chats.start(self.house.world, self.thread) is not None
        return await self._answers(seen)

    async def heard(self, seen: int) -> list["Answer"]:
        """What the shop has said since the thread had `seen` messages."""
        return await self._answers(seen)

    async def _answers(self, seen: int) -> list["Answer"]:
        await settle(self.house)
        return [Answer(one.content) for one in self.shown[seen:] if one.is_from_page]

    async def conversation(self) -> Conversation:
        key = f"{self.channel}:{self.thread.user_id}"
        async with self.house.db.reading() as session:
            query = select(Conversation).where(col(Conversation.thread_key) == key)
            return (await session.exec(query)).one()


@dataclass(frozen=True, slots=True)
class Answer:
    """One message from the shop, in the Send API's shape."""

    content: dict[str, Any]

    @property
    def template(self) -> dict[str, Any]:
        return dict((self.content.get("attachment") or {}).get("payload") or {})

    @property
    def kind(self) -> str:
        return str(self.template.get("template_type", "text"))

    @property
    def text(self) -> str:
        text = str(self.content.get("text") or self.template.get("text") or "")
        # Between a number and its currency stands a space that does not break.
        return text.replace("\xa0", " ")

    @property
    def cards(self) -> list[dict[str, Any]]:
        return list(self.template.get("elements", []))

    @property
    def subtitles(self) -> list[str]:
        return [str(card["subtitle"]).replace("\xa0", " ") for card in self.cards]

    @property
    def titles(self) -> list[str]:
        return [str(card["title"]) for card in self.cards]

    @property
    def hints(self) -> dict[str, str]:
        return {one["title"]: one["payload"] for one in self.content.get("quick_replies", [])}

    @property
    def _all_buttons(self) -> list[dict[str, Any]]:
        found = list(self.template.get("buttons", []))
        return found + [button for card in self.cards for button in card.get("buttons", [])]

    @property
    def buttons(self) -> dict[str, str]:
        """The first of each title that sends something back."""
        found = [(one["title"], one["payload"]) for one in self._all_buttons if "payload" in one]
        return _first_of_each(found)

    @property
    def links(self) -> dict[str, str]:
        found = [(one["title"], one["url"]) for one in self._all_buttons if "url" in one]
        return _first_of_each(found)


def _first_of_each(found: list[tuple[str, str]]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for title, value in found:
        kept.setdefault(title, value)
    return kept


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path, works=False) as opened:
        yield opened


@pytest.fixture
async def goods(house: House) -> Goods:
    return await stock(house)


@pytest.fixture
def anna(house: House) -> Talk:
    return Talk(house, house.world.meet("Anna Weber"))


@pytest.fixture
def emma(house: House) -> Talk:
    """Writes English, on Instagram."""
    return Talk(house, house.world.meet("Emma Clarke", "en_GB"), "instagram")
