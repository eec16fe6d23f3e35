"""The small social network as one object: what demos and tests seed and drive from Python."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox import chats, gallery, walls
from sandbox.state import State
from sandbox.things import (
    Channel,
    Comment,
    LinkCard,
    Media,
    Message,
    Page,
    Person,
    Picture,
    Post,
    Thread,
)


class World(State):
    """Each verb is told to the product by webhook unless it stands inside `quietly()`.

    `page` is a page id, a slug or an Instagram name; `at` lays a thing into the past.
    """

    def meet(self, name: str, locale: str = "de_DE", *, key: str = "") -> Person:
        """A person with this name, the same one when met again."""
        key = key or slug(name)
        if key not in self.people:
            self.people[key] = Person(key, name, locale, key.replace("-", "."))
        return self.people[key]

    def shop(self, name: str) -> Page:
        if (page := self.page(name)) is None:
            raise KeyError(f"the sandbox has no page {name!r}")
        return page

    def paint(self, content: bytes, content_type: str, alt: str = "") -> Picture:
        return self.picture(content, content_type, alt)

    def post(
        self,
        page: str,
        text: str,
        *,
        by: Person | None = None,
        link: LinkCard | None = None,
        pictures: Sequence[Picture] = (),
        at: datetime | None = None,
    ) -> Post:
        """On the wall; a visitor's post when `by` is a person."""
        return walls.publish(
            self, self.shop(page), text, author=by, link=link, pictures=pictures, at=at
        )

    def comment(
        self, target: Post | Comment, by: Person | None, text: str, *, at: datetime | None = None
    ) -> Comment:
        """Under a post or a comment on the wall; `by` None is the page itself."""
        return walls.comment(self, target, text, author=by, at=at)

    def like(self, thing: Post | Comment, by: Person) -> None:
        walls.like(self, thing, by)

    def show(
        self, page: str, picture: Picture, caption: str, *, at: datetime | None = None
    ) -> Media:
        """A picture on the Instagram profile."""
        container = gallery.contain(self, self.shop(page), picture, caption, at=at)
        return gallery.publish(self, container, at=at)

    def comment_on_instagram(
        self, target: Media | Comment, by: Person | None, text: str, *, at: datetime | None = None
    ) -> Comment:
        return gallery.comment(self, target, text, author=by, at=at)

    def talk(self, person: Person, page: str, channel: Channel = "messenger") -> Thread:
        return self.thread(person, self.shop(page), channel)

    def write(
        self,
        person: Person,
        page: str,
        text: str = "",
        *,
        channel: Channel = "messenger",
        at: datetime | None = None,
        **more: Any,
    ) -> Message:
        """The person writes; see `chats.write` for quick replies and attachments."""
        return chats.write(self, self.talk(person, page, channel), text, at=at, **more)

    def answer(
        self,
        person: Person,
        page: str,
        text: str,
        *,
        channel: Channel = "messenger",
        at: datetime | None = None,
    ) -> Message:
        """The page answers by its own app, as if through the Send API (for past conversations)."""
        thread = self.talk(person, page, channel)
        return chats.send(self, thread, {"text": text}, app_id=self.settings.app_id, at=at)


WORLD: web.AppKey[World] = web.AppKey("world", World)


UNDECOMPOSED = str.maketrans({"ß": "ss", "ı": "i", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe"})


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(UNDECOMPOSED))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or "someone"
