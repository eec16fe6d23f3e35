"""Does everything reach us? Each layer on its own, with what to do where it does not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from core.clock import Clock
from core.database import Database
from meta import subscriptions, tokens
from meta.errors import GraphRefused, GraphUnavailable
from meta.models import MetaPage
from meta.pages import Graphs
from meta.profiles import read_profile

State = Literal["good", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Check:
    """`label` and `sentence` are msgids; the sentence says what to do unless the state is good."""

    label: str
    state: State
    sentence: str = ""
    details: dict[str, str] = field(default_factory=dict)


async def check_all(
    db: Database, graphs: Graphs, clock: Clock, page: MetaPage, *, origin: str
) -> list[Check]:
    """In the order in which one thing needs the other."""
    steps = (
        ("Access token and permissions", lambda: _token(db, graphs, clock, page)),
        ("Webhook of the page", lambda: _app(graphs, "page", subscriptions.PAGE_FIELDS, origin)),
        ("The page's own subscription", lambda: _page(graphs, page)),
        ("Webhook of Instagram", lambda: _instagram(graphs, page, origin)),
        ("Menu and greeting in Messenger", lambda: _profile(graphs, page)),
    )
    return [await _asked(label, step) for label, step in steps]


_MISSING = "These fields are not subscribed: %(fields)s. “Set up again” subscribes them."
_ELSEWHERE = (
    "Meta sends to %(theirs)s, but this shop listens at %(ours)s. “Set up again” tells Meta."
)

Outcome = tuple[State, str, dict[str, str]]
GOOD: Outcome = ("good", "", {})


async def _asked(label: str, step: Callable[[], Awaitable[Outcome]]) -> Check:
    try:
        state, sentence, details = await step()
    except GraphRefused as refused:
        return Check(label, "bad", "Meta says: %(reason)s", {"reason": refused.reason})
    except GraphUnavailable:
        return Check(label, "unknown", "Meta could not be asked just now. Please check again.")
    return Check(label, state, sentence, details)


async def _token(db: Database, graphs: Graphs, clock: Clock, page: MetaPage) -> Outcome:
    found = await tokens.check_token(db, graphs, clock, page)
    if found.sentence is None:
        return GOOD
    return "bad", found.sentence, {"detail": found.detail}


async def _app(graphs: Graphs, name: str, wanted: tuple[str, ...], origin: str) -> Outcome:
    if not graphs.settings.verify_token.get_secret_value():
        return "bad", "META_VERIFY_TOKEN is not set. Choose a word, set it, and start again.", {}
    found = (await subscriptions.objects_of_app(graphs)).get(name)
    if found is None or found.get("active") is False:
        return "bad", "Your app does not hear of this yet. “Set up again” subscribes it.", {}
    ours, theirs = f"{origin}{subscriptions.PATH}", str(found.get("callback_url"))
    if theirs != ours:
        told = {"theirs": theirs, "ours": ours}
        return "bad", _ELSEWHERE, told
    missing = [name for name in wanted if name not in subscriptions.fields_of(found)]
    if missing:
        return "bad", _MISSING, {"fields": ", ".join(missing)}
    return GOOD


async def _page(graphs: Graphs, page: MetaPage) -> Outcome:
    heard = await subscriptions.fields_of_page(graphs.graph_of(page), page, graphs.settings.app_id)
    missing = [name for name in subscriptions.PAGE_FIELDS if name not in heard]
    if not heard:
        return "bad", "The page tells your app nothing yet. “Set up again” subscribes it.", {}
    if missing:
        return "bad", _MISSING, {"fields": ", ".join(missing)}
    return GOOD


async def _instagram(graphs: Graphs, page: MetaPage, origin: str) -> Outcome:
    if page.instagram_id is None:
        return (
            "unknown",
            "No Instagram account is linked to the page. Link a professional account in the "
            "page's settings on Facebook, then connect the page anew. Without it everything "
            "else works.",
            {},
        )
    return await _app(graphs, "instagram", subscriptions.INSTAGRAM_FIELDS, origin)


async def _profile(graphs: Graphs, page: MetaPage) -> Outcome:
    if (await read_profile(graphs.graph_of(page), page)).get("get_started"):
        return GOOD
    return "bad", "New customers see no button to begin with. “Set up again” sets it.", {}
