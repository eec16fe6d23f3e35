"""The Messenger profile: what a chat with the page shows before anybody has written; and names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from core.shops import Shop
from meta.errors import GraphRefused
from meta.graph import Graph
from meta.models import MetaPage
from meta.shapes import items, shape, text

# Messenger Platform docs: Messenger Profile API. The greeting's limit is the long known one.
GREETING = 160
MENU_TITLE = 30
QUESTION = 80
QUESTIONS = 4
_LOCALES = {"de": ("de_DE",), "en": ("en_US", "en_GB")}


@dataclass(frozen=True, slots=True)
class MenuItem:
    """With a payload it comes back as a postback, with an address it opens that."""

    title: str
    payload: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """An ice breaker: tapping it sends the payload."""

    question: str
    payload: str


@dataclass(frozen=True, slots=True)
class ProfileTexts:
    greeting: str
    menu: Sequence[MenuItem]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Profile:
    """`texts` by language (`de`, `en`); `language` is the one for everybody else."""

    start_payload: str
    language: str
    texts: Mapping[str, ProfileTexts]
    domains: Sequence[str] = ()


ProfileOf = Callable[[Shop], Profile]
PROFILE_OF: web.AppKey[ProfileOf] = web.AppKey("profile_of")
"""Whoever talks in the chats says what stands there at first. Without it nothing is set."""


async def set_profile(graph: Graph, page: MetaPage, profile: Profile) -> None:
    """Two calls of the ten that are allowed in ten minutes. A changed menu may take a day to
    show (Messenger Platform docs).

    Questions go to Instagram only: on Messenger they would take the place of Get Started, and it
    is Get Started that brings along by which m.me link somebody came.
    """
    menu = [{"locale": locale, "call_to_actions": [_item(item) for item in texts.menu]}
            for locale, texts in _by_locale(profile)]  # fmt: skip
    questions = [
        {
            "locale": locale,
            "call_to_actions": [_question(one) for one in texts.questions[:QUESTIONS]],
        }
        for locale, texts in _by_locale(profile)
    ]
    greeting = [
        {"locale": locale, "text": texts.greeting[:GREETING]}
        for locale, texts in _by_locale(profile)
    ]
    # Webviews with extensions need the domain listed, and only https can be.
    domains = [domain for domain in profile.domains if domain.startswith("https://")]
    await graph.put_object(
        page.page_id,
        "messenger_profile",
        get_started={"payload": profile.start_payload},
        greeting=greeting,
        persistent_menu=menu,
        whitelisted_domains=domains or None,
    )
    if page.instagram_id is not None:
        await graph.put_object(
            page.page_id,
            "messenger_profile",
            platform="instagram",
            persistent_menu=menu,
            ice_breakers=questions,
        )


async def read_profile(graph: Graph, page: MetaPage) -> dict[str, Any]:
    """What is set on Messenger now, by field."""
    fields = "get_started,persistent_menu,ice_breakers,greeting"
    answer = await graph.get_connections(page.page_id, "messenger_profile", fields=fields)
    return shape(next(iter(items(shape(answer).get("data"))), None))


async def name_of_person(graph: Graph, person_id: str, platform: str) -> str | None:
    """None when the platform does not tell. Costs a call each: ask once and keep the answer."""
    fields = "name,username" if platform == "instagram" else "first_name,last_name"
    try:
        found = shape(await graph.get_object(person_id, fields=fields))
    except GraphRefused as refused:
        if refused.family in ("missing", "unreachable", "permission"):
            return None
        raise
    full = " ".join(filter(None, (text(found.get("first_name")), text(found.get("last_name")))))
    return full or text(found.get("name")) or text(found.get("username")) or None


def _by_locale(profile: Profile) -> list[tuple[str, ProfileTexts]]:
    """Every list needs an entry for the locale `default`."""
    default = profile.texts.get(profile.language) or next(iter(profile.texts.values()))
    named = [
        (locale, texts)
        for language, texts in profile.texts.items()
        for locale in _LOCALES.get(language, ())
    ]
    return [("default", default), *named]


def _item(item: MenuItem) -> dict[str, str]:
    title = item.title[:MENU_TITLE]
    if item.url is not None:
        return {"type": "web_url", "title": title, "url": item.url}
    return {"type": "postback", "title": title, "payload": item.payload or ""}


def _question(one: Question) -> dict[str, str]:
    return {"question": one.question[:QUESTION], "payload": one.payload}
