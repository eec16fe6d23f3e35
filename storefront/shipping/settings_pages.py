"""Behind the counter: days that can be wished for, the packing slip's line, asking for reviews."""

from typing import ClassVar

from aiohttp import web
from pydantic import Field

from core.database import DATABASE
from core.errors import InvalidForm
from staff.access import counter_page, shop_of
from storefront import settings_forms
from storefront.counter_words import answer
from storefront.forms import Form, Line
from storefront.settings_forms import Data, Typed
from storefront.shipping.reviews import review_link
from storefront.storefronts import edit_storefront, find_storefront

_SETTINGS = "/counter/settings/shipping"

routes = web.RouteTableDef()


class ShippingForm(Form):
    """Closed weekdays are read beside it: there may be several."""

    lead_days: int = Field(default=0, ge=0, le=60)
    latest_hour: int | None = Field(default=None, ge=1, le=23)
    slip_line_de: Line = Field(default="", max_length=300)
    slip_line_en: Line = Field(default="", max_length=300)
    review_link: Line = Field(
        default="",
        max_length=500,
        pattern=r"^$|^https://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(/[^\s\"'<>\\]*)?$",
    )
    review_days: int = Field(default=7, ge=0, le=60)

    SENTENCES: ClassVar[dict[str, str]] = {
        "lead_days": "Please enter 0 to 60 days.",
        "latest_hour": "Please enter an hour from 1 to 23, or leave this empty.",
        "review_link": "Please enter an address that begins with https://.",
        "review_days": "Please enter 0 to 60 days; 0 means never.",
    }


@routes.get(_SETTINGS)
async def show_settings(request: web.Request) -> web.Response:
    return await settings_forms.show(request, _page)


async def _page(request: web.Request, typed: Typed) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        window = await find_storefront(session, shop_of(request).key)
        link = await review_link(session, window)
    return counter_page(
        request, "storefront/shipping/settings.html", status=typed.status,
        values=typed.over(window.model_dump()), errors=typed.errors, review_link=link,
        closed=window.closed_weekdays if typed.values is None else _closed(typed.values),
    )  # fmt: skip


def _closed(data: Data) -> list[int]:
    told = {str(one) for one in data.getall("closed_weekdays", [])}
    return [day for day in range(7) if str(day) in told]


@routes.post(_SETTINGS)
async def save_settings(request: web.Request) -> web.Response:
    return await settings_forms.take(request, _page, _save)


async def _save(request: web.Request, data: Data) -> web.Response:
    form, closed = ShippingForm.read(data), _closed(data)
    if len(closed) == 7:
        raise InvalidForm({"closed_weekdays": "Please leave at least one weekday open."})
    async with request.app[DATABASE].transaction() as session:
        await edit_storefront(
            session, shop_of(request).key, closed_weekdays=closed, **form.model_dump()
        )
    return answer(request, _SETTINGS, "Saved. Your shop shows it at once.")
