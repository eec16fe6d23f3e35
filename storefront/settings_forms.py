"""A form of the owners' settings: shown as it is stored, or again as it was typed, with what is wrong."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from core.errors import InvalidForm, ShopError
from staff.access import require_owner
from storefront.counter_words import sentences

Data = MultiDictProxy[Any]


@dataclass(frozen=True, slots=True)
class Typed:
    """What did not fit. Without `values` nobody has typed anything yet."""

    values: Data | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    def over(self, stored: Mapping[str, Any]) -> Mapping[str, Any]:
        return stored if self.values is None else self.values


Page = Callable[[web.Request, Typed], Awaitable[web.Response]]
Save = Callable[[web.Request, Data], Awaitable[web.Response]]


async def show(request: web.Request, page: Page) -> web.Response:
    """Raises OwnersOnly."""
    require_owner(request)
    return await page(request, Typed())


async def take(request: web.Request, page: Page, save: Save) -> web.Response:
    """`save` raises InvalidForm with a sentence for each field, or another ShopError for all.

    Raises OwnersOnly.
    """
    require_owner(request)
    data = await request.post()
    try:
        return await save(request, data)
    except ShopError as wrong:
        fields = wrong.fields if isinstance(wrong, InvalidForm) else {"": wrong.sentence}
        return await page(request, Typed(data, sentences(request, fields), wrong.status))
