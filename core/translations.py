"""German and English: English sentences are the keys, German stands in one .po per package."""

from collections.abc import Callable
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from aiohttp import web
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("de", "en")

Translate = Callable[[str], str]


class Translations:
    """Reads `templates/locale/<locale>/*.po` once; there is no compile step to forget."""

    def __init__(self, folder: Path) -> None:
        self._catalogues: dict[str, NullTranslations] = {
            locale: _read(folder / locale) for locale in LOCALES
        }

    def catalogue(self, locale: str) -> NullTranslations:
        return self._catalogues.get(locale[:2], self._catalogues["en"])

    def translator(self, locale: str) -> Translate:
        """`_ = translations.translator("de")`; then `_("Basket")` is "Warenkorb"."""
        return self.catalogue(locale).gettext


def _read(folder: Path) -> NullTranslations:
    merged = Catalog(locale=folder.name)
    files = sorted(folder.glob("*.po"))
    for path in files:
        with path.open("rb") as stream:
            for message in read_po(stream, locale=folder.name):
                if message.id:
                    merged[message.id] = message
    if not files:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return GNUTranslations(compiled)


def choose_locale(accept_language: str, *, default: str) -> str:
    """The reader's first language we speak, by the q-values of RFC 9110, else `default`."""
    wishes: list[tuple[float, str]] = []
    for part in accept_language[:500].split(","):
        language, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if quality > 0:
            wishes.append((-quality, language[:2].lower()))
    return next((language for _, language in sorted(wishes) if language in LOCALES), default[:2])


TRANSLATIONS: web.AppKey[Translations] = web.AppKey("translations", Translations)
