"""Behind the counter: the shop's own settings, its legal texts, and what is still to be done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm
from core.mail import POST
from core.money import Money
from core.pages import PAGES
from core.pictures import ReadPicture, keep_picture, read_picture
from core.shops import Shop
from meta.models import MetaPage
from payments.accounts import find_account
from staff.access import counter_page, member_of, shop_of
from storefront import settings_forms
from storefront.counter_forms import TAX_RATES, TextsForm, WindowForm, read_price
from storefront.counter_words import answer, uploads
from storefront.countries import OFFERED, named
from storefront.legal import TEXTS, TITLES, incomplete, names_the_button, starting_text
from storefront.models import Storefront
from storefront.notes import percent
from storefront.orders.apologies import apology_deals
from storefront.settings_forms import Data, Typed
from storefront.storefronts import edit_storefront, find_storefront

SETTINGS = "/counter/settings"
_PICTURES = {"logo": "logo_digest", "cover": "cover_digest", "guarantee": "guarantee_digest"}

routes = web.RouteTableDef()


@routes.get(SETTINGS)
async def show_settings(request: web.Request) -> web.Response:
    """Where everything is set, and what still keeps the shop from selling lawfully."""
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        window = await find_storefront(session, shop.key)
        account = await find_account(session, shop.key)
        page = select(MetaPage).where(col(MetaPage.shop_id) == shop.key)
        connected = (await session.exec(page)).first()
    return counter_page(
        request, "storefront/counter/settings.html", account=account, connected=connected,
        missing=[TITLES[name] for name in incomplete(window)], storefront=window,
        has_mail=request.app[POST].is_configured,
    )  # fmt: skip


@routes.get(SETTINGS + "/shop")
async def show_shop_settings(request: web.Request) -> web.Response:
    return await settings_forms.show(request, _shop)


async def _shop(request: web.Request, typed: Typed) -> web.Response:
    shop, locale = shop_of(request), member_of(request).locale
    async with request.app[DATABASE].reading() as session:
        window = await find_storefront(session, shop.key)
        deals = await apology_deals(session, shop.key, now=request.app[CLOCK]())
    return counter_page(
        request,
        "storefront/counter/shop.html",
        status=typed.status,
        storefront=window,
        deals=deals,
        values=typed.over(_values(shop, window, locale)),
        errors=typed.errors,
        countries=named(OFFERED, locale),
        chosen=window.delivery_countries if typed.values is None else _countries(typed.values),
        tax_rates=[(rate, percent(rate, locale)) for rate in TAX_RATES],
        missing=[TITLES[name] for name in incomplete(window)],
    )


def _countries(data: Data) -> list[str]:
    return [str(one) for one in data.getall("countries", []) if one in OFFERED]


def _values(shop: Shop, window: Storefront, locale: str) -> dict[str, Any]:
    def amount(minor: int | None) -> str:
        if minor is None:
            return ""
        text = str(Money(minor, shop.currency).amount)
        return text.replace(".", ",") if locale.startswith("de") else text

    return window.model_dump() | {
        "shipping_fee": amount(window.shipping_fee_minor),
        "apology_deal": window.apology_deal_id or "",
        "free_from": amount(window.free_shipping_from_minor),
    }


@routes.post(SETTINGS + "/shop")
async def save_shop_settings(request: web.Request) -> web.Response:
    return await settings_forms.take(request, _shop, _save_shop)


async def _save_shop(request: web.Request, data: Data) -> web.Response:
    shop = shop_of(request)
    columns = _columns(WindowForm.read(data), shop, _countries(data))
    pictures = {
        name: [await read_picture(one) for one in uploads(data, name)] for name in _PICTURES
    }
    async with request.app[DATABASE].transaction() as session:
        columns |= await _pictures(session, shop, data, pictures)
        columns["apology_deal_id"] = await _apology_deal(
            session, shop, str(data.get("apology_deal", "")), now=request.app[CLOCK]()
        )
        await edit_storefront(session, shop.key, **columns)
    return answer(request, SETTINGS + "/shop", "Saved. Your shop shows it at once.")


def _columns(form: WindowForm, shop: Shop, countries: list[str]) -> dict[str, Any]:
    fee = read_price(form.shipping_fee, shop.currency, "shipping_fee")
    free = read_price(form.free_from, shop.currency, "free_from") if form.free_from else None
    if not countries and not form.pickup_offered:
        raise InvalidForm({"countries": "Choose at least one country, or offer picking up."})
    return form.model_dump(exclude={"shipping_fee", "free_from", "apology_deal"}) | {
        "shipping_fee_minor": fee.minor,
        "free_shipping_from_minor": free.minor if free else None,
        "delivery_countries": countries,
    }


async def _apology_deal(
    session: AsyncSession, shop: Shop, chosen: str, *, now: datetime
) -> int | None:
    """What does not run any more, or never was the shop's, is none."""
    deals = await apology_deals(session, shop.key, now=now)
    return next((deal.key for deal in deals if str(deal.key) == chosen), None)


async def _pictures(
    session: AsyncSession, shop: Shop, data: Any, pictures: Mapping[str, list[ReadPicture]]
) -> dict[str, str | None]:
    """New ones replace, "take away" removes, nothing leaves as it is."""
    changed: dict[str, str | None] = {}
    for name, column in _PICTURES.items():
        for picture in pictures[name]:
            changed[column] = (await keep_picture(session, shop.key, picture)).digest
        if data.get(f"{name}_remove"):
            changed[column] = None
    return changed


@routes.get(SETTINGS + "/texts")
async def show_texts(request: web.Request) -> web.Response:
    return await settings_forms.show(request, _texts)


async def _texts(request: web.Request, typed: Typed) -> web.Response:
    """A text that is not completed comes filled with the one to start from."""
    shop, pages = shop_of(request), request.app[PAGES]
    async with request.app[DATABASE].reading() as session:
        window = await find_storefront(session, shop.key)
    suggested = {
        name: getattr(window, name) or starting_text(pages, name, shop, window, shop.locale)
        for name in TEXTS
    }
    return counter_page(
        request, "storefront/counter/texts.html", status=typed.status, titles=TITLES, names=TEXTS,
        values=typed.over(suggested), errors=typed.errors, missing=incomplete(window),
        names_the_button=names_the_button(window),
    )  # fmt: skip


@routes.post(SETTINGS + "/texts")
async def save_texts(request: web.Request) -> web.Response:
    return await settings_forms.take(request, _texts, _save_text)


async def _save_text(request: web.Request, data: Data) -> web.Response:
    """Only the text whose button was pressed: each is completed on its own."""
    form, name = TextsForm.read(data), str(data.get("save", ""))
    if name not in TEXTS:
        raise InvalidForm({"": "Please check the form."})
    async with request.app[DATABASE].transaction() as session:
        await edit_storefront(session, shop_of(request).key, **{name: getattr(form, name)})
    return answer(request, f"{SETTINGS}/texts#{name}", "Saved. Your shop shows it at once.")
