"""Small things the counter's pages share: answers with a sentence, uploads, translated errors."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from core.errors import ShopError
from core.pages import translate
from staff.access import member_of
from staff.cookies import FlashKind, flash
from storefront.entering import see_other
from storefront.notes import note_of, say


def answer(
    request: web.Request, path: str, sentence: str, *, kind: FlashKind = "success", **details: Any
) -> web.Response:
    """On to a page that begins with `sentence`, in the reader's language."""
    response = see_other(path)
    flash(response, kind, translate(request, sentence, **details))
    return response


def refuse(request: web.Request, path: str, error: ShopError) -> web.Response:
    """Back to a page that begins with why it did not work."""
    locale = member_of(request).locale
    told = note_of(error)
    text = say(told.sentence, told.details, lambda one: translate(request, one), locale)
    response = see_other(path)
    flash(response, "error", text)
    return response


def sentences(request: web.Request, errors: Mapping[str, str]) -> dict[str, str]:
    return {name: translate(request, sentence) for name, sentence in errors.items()}


def uploads(data: MultiMapping[Any], name: str) -> list[bytes]:
    """The files of a field, without those left empty."""
    files = [one for one in data.getall(name, []) if isinstance(one, web.FileField)]
    contents = [one.file.read() for one in files]
    return [content for content in contents if content]
