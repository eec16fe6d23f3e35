"""German and English for the sandbox's own pages, straight from the .po files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web
from babel.messages.pofile import read_po

LANGUAGES = ("de", "en")
COOKIE = "sandbox_lang"


@dataclass(frozen=True)
class Words:
    """The texts of one language; a msgid without a translation stays as it is."""

    language: str
    texts: dict[str, str]

    def gettext(self, message: str) -> str:
        return self.texts.get(message, message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


@cache
def words(language: str) -> Words:
    """All `sandbox/**/locale/<language>/*.po` in one table; plurals are two plain msgids."""
    texts: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.glob(f"**/locale/{language}/*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if isinstance(message.id, str) and message.id and message.string:
                    texts[message.id] = str(message.string)
    return Words(language, texts)


def language_of(request: web.Request) -> str:
    """What was asked for by ?lang=, else kept in the cookie, else spoken by the browser."""
    for wish in (request.query.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return wish
    accepted = request.headers.get("Accept-Language", "de").lower()
    spoken = [part.split(";")[0].strip()[:2] for part in accepted.split(",")]
    return next((language for language in spoken if language in LANGUAGES), "de")


def translator(request: web.Request) -> Callable[[str], str]:
    return words(language_of(request)).gettext
