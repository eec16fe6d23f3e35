"""What there is in the small social network: people, pages, posts, comments, threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from sandbox.settings import SandboxPage

Channel = Literal["messenger", "instagram"]

WINDOW = timedelta(hours=24)
HUMAN_WINDOW = timedelta(days=7)


@dataclass(eq=False)
class Person:
    """`key` is what faces and the control API call them by; Meta's ids differ per page."""

    key: str
    name: str
    locale: str
    username: str
    is_reachable: bool = True

    @property
    def first_name(self) -> str:
        return self.name.split(" ", 1)[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]


@dataclass(eq=False)
class Picture:
    id: str
    content: bytes
    content_type: str
    alt: str = ""
    page_id: str = ""


@dataclass(eq=False)
class LinkCard:
    """What a post shows of a link: the target's Open Graph tags."""

    url: str
    title: str = ""
    description: str = ""
    image_url: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc


@dataclass(eq=False)
class Post:
    """On a page's wall. `author` None is the page itself; `app_id` the app that made it."""

    id: str
    page: Page
    author: Person | None
    message: str
    created_at: datetime
    updated_at: datetime
    link: LinkCard | None = None
    pictures: list[Picture] = field(default_factory=list)
    app_id: str = ""
    is_hidden: bool = False
    is_published: bool = True
    publish_at: datetime | None = None
    is_removed: bool = False
    likes: set[str] = field(default_factory=set)
    comments: list[Comment] = field(default_factory=list)
    privately_replied_at: datetime | None = None


@dataclass(eq=False)
class Media:
    """A picture on the Instagram profile, published (`published_at`) or still a container."""

    id: str
    page: Page
    caption: str
    picture: Picture | None
    created_at: datetime
    published_at: datetime | None = None
    children: list[Media] = field(default_factory=list)
    is_carousel_item: bool = False
    shortcode: str = ""
    alt_text: str = ""
    likes: set[str] = field(default_factory=set)
    comments: list[Comment] = field(default_factory=list)


@dataclass(eq=False)
class Comment:
    """Under a post or an Instagram medium. `author` None is the page itself."""

    id: str
    place: Post | Media
    parent: Comment | None
    author: Person | None
    message: str
    created_at: datetime
    picture: Picture | None = None
    edited_at: datetime | None = None
    is_hidden: bool = False
    is_removed: bool = False
    likes: set[str] = field(default_factory=set)
    privately_replied_at: datetime | None = None

    @property
    def page(self) -> Page:
        return self.place.page

    @property
    def post(self) -> Post:
        if isinstance(self.place, Media):
            raise TypeError(f"comment {self.id} stands under a picture, not on the wall")
        return self.place

    @property
    def media(self) -> Media:
        if isinstance(self.place, Post):
            raise TypeError(f"comment {self.id} stands on the wall, not under a picture")
        return self.place


@dataclass(eq=False)
class Message:
    """`content` is the Send API's message object, or what a person sent in the same shape."""

    mid: str
    thread: Thread
    is_from_page: bool
    content: dict[str, Any]
    at: datetime
    app_id: str = ""
    edits: int = 0
    is_unsent: bool = False
    is_read: bool = False
    reaction: str = ""
    page_reaction: str = ""
    about_comment: str = ""
    revealed: bool = False
    postback_title: str = ""

    @property
    def text(self) -> str:
        return str(self.content.get("text", ""))


@dataclass(eq=False)
class Thread:
    """Between one person and one page on one channel. `user_id` is the PSID or IGSID."""

    id: str
    page: Page
    person: Person
    channel: Channel
    user_id: str
    messages: list[Message] = field(default_factory=list)
    last_action_at: datetime | None = None
    is_started: bool = False
    ref: str = ""
    is_page_typing: bool = False
    seen_by_page_at: datetime | None = None
    other_owner_app_id: str = ""

    def is_open(self, now: datetime, window: timedelta = WINDOW) -> bool:
        return self.last_action_at is not None and now - self.last_action_at <= window

    @property
    def account_id(self) -> str:
        is_messenger = self.channel == "messenger"
        return self.page.settings.page_id if is_messenger else self.page.settings.instagram_id


@dataclass(eq=False)
class Page:
    settings: SandboxPage
    subscribed_fields: set[str] = field(default_factory=set)
    posts: list[Post] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    threads: dict[tuple[Channel, str], Thread] = field(default_factory=dict)
    profile: dict[Channel, dict[str, Any]] = field(
        default_factory=lambda: {"messenger": {}, "instagram": {}}
    )
    published_at: list[datetime] = field(default_factory=list)
    profile_calls_at: list[datetime] = field(default_factory=list)
    sends_at: list[datetime] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.settings.page_id

    @property
    def name(self) -> str:
        return self.settings.name


@dataclass(eq=False)
class Reader:
    """A person as one page's PSID or one Instagram account's IGSID."""

    id: str
    page: Page
    person: Person
    channel: Channel


@dataclass(eq=False)
class Subscription:
    """The app's subscription to one object ("page", "instagram")."""

    callback_url: str
    fields: set[str]
    has_values: bool = True


@dataclass(eq=False)
class Token:
    """`kind` as debug_token names it: APP, USER or PAGE. `subcode` says why it is dead."""

    text: str
    kind: Literal["APP", "USER", "PAGE"]
    page: Page | None = None
    scopes: tuple[str, ...] = ()
    subcode: int = 0
    is_live: bool = True
