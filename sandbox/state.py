"""Everything the small social network remembers, in memory, and how its things are found."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from sandbox.graph_faults import GraphWeather
from sandbox.live import Live
from sandbox.settings import SandboxSettings
from sandbox.things import (
    Channel,
    Page,
    Person,
    Picture,
    Reader,
    Subscription,
    Thread,
    Token,
)
from sandbox.webhooks import WebhookSender

SCOPES = [
    "pages_show_list",
    "business_management",
    "pages_messaging",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_posts",
    "pages_manage_engagement",
    "pages_manage_metadata",
    "instagram_basic",
    "instagram_content_publish",
    "instagram_manage_comments",
    "instagram_manage_messages",
]


@dataclass
class State:
    """The settings, the clock and the things; `nodes` is the graph: every id with its thing."""

    settings: SandboxSettings
    sender: WebhookSender
    live: Live
    now: Callable[[], datetime]
    people: dict[str, Person] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    nodes: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    graph_weather: GraphWeather = field(default_factory=GraphWeather)
    is_quiet: bool = False

    def __post_init__(self) -> None:
        # Ids start at the present millisecond: a product that keeps its database while the
        # sandbox starts anew must not meet an old id again and take it for a duplicate.
        self._numbers = count(time.time_ns() // 1_000_000 * 1000)
        app = self.settings.app_id
        self._grant(Token(f"{app}|{self.settings.app_secret}", "APP"))
        self._grant(Token(self.settings.user_token, "USER", scopes=tuple(SCOPES)))
        for page_settings in self.settings.pages:
            page = Page(page_settings)
            self.pages[page.id] = page
            self.nodes[page.id] = page
            if page_settings.instagram_id:
                self.nodes[page_settings.instagram_id] = page
            self._grant(Token(page_settings.page_token, "PAGE", page, tuple(SCOPES)))

    def _grant(self, token: Token) -> None:
        self.tokens[token.text] = token

    def number(self) -> str:
        return str(next(self._numbers))

    def mid(self, channel: Channel) -> str:
        return ("m_" if channel == "messenger" else "aWdfZAG1") + secrets.token_urlsafe(48)

    def keep(self, thing: Any, *, key: str = "") -> Any:
        self.nodes[key or thing.id] = thing
        return thing

    def picture(self, content: bytes, content_type: str, alt: str = "") -> Picture:
        picture = Picture(self.number(), content, content_type, alt)
        self.nodes[picture.id] = picture
        return picture

    def picture_url(self, picture: Picture) -> str:
        return f"{self.settings.base_url}/pictures/{picture.id}"

    def page(self, name: str) -> Page | None:
        """By page id, slug or Instagram name."""
        for page in self.pages.values():
            if name in (page.id, page.settings.slug) or (
                name and name in (page.settings.instagram_username, page.settings.instagram_id)
            ):
                return page
        return None

    def user_id(self, person: Person, page: Page, channel: Channel = "messenger") -> str:
        """The PSID or IGSID: the same for the same person and page in every run."""
        account = page.id if channel == "messenger" else page.settings.instagram_id
        raw = hashlib.sha256(f"{account}:{person.key}".encode()).digest()
        user_id = str(10**15 * 7 + int.from_bytes(raw[:6], "big") % 10**15)
        if user_id not in self.nodes:
            self.nodes[user_id] = Reader(user_id, page, person, channel)
        return user_id

    def thread(self, person: Person, page: Page, channel: Channel = "messenger") -> Thread:
        """The thread of these two, opened when it is not there yet."""
        if (channel, person.key) not in page.threads:
            user_id = self.user_id(person, page, channel)
            thread = Thread(f"t_{self.number()}", page, person, channel, user_id)
            page.threads[channel, person.key] = self.keep(thread)
        return page.threads[channel, person.key]

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Things that happen inside are not told to the product: for what lies in the past."""
        before, self.is_quiet = self.is_quiet, True
        try:
            yield
        finally:
            self.is_quiet = before
