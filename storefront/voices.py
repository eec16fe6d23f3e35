"""The languages for reactions, which are handed a session and an event only."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.pages import Pages
from core.translations import Translate


def translator_in(session: AsyncSession, locale: str) -> Translate:
    """From the pages the database was given (`db.provide("pages", ...)`)."""
    pages: Pages = session.info["pages"]
    speak: Translate = pages.translator(locale)
    return speak
