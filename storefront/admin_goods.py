"""Behind the counter: the forms on a product's page for variants, stock and pictures."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.pictures import read_picture
from staff.access import member_of, shop_of
from storefront.admin_products import product_id_of, product_page
from storefront.counter_forms import StockForm, VariantForm, read_content, read_price
from storefront.counter_words import answer, refuse, uploads
from storefront.errors import ProductUnknown
from storefront.product_pictures import add_picture, describe_picture, remove_picture, show_first
from storefront.products import get_product
from storefront.stocktaking import adjust
from storefront.variants import (
    add_variant,
    edit_variant,
    find_variant,
    offer_again,
    retire_variant,
)

_PRODUCT = "/counter/products/{product_id:\\d{1,9}}"
VARIANT = _PRODUCT + "/variants/{variant_id:\\d{1,9}}"
_PICTURE = _PRODUCT + "/pictures/{picture_id:\\d{1,9}}"
_LONGEST_ALT = 300

routes = web.RouteTableDef()


def back_to(request: web.Request) -> str:
    return f"/counter/products/{product_id_of(request)}"


def variant_id_of(request: web.Request) -> int:
    return int(request.match_info["variant_id"])


@routes.post(_PRODUCT + "/variants")
async def make_variant(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    try:
        form = VariantForm.read(data)
        price, content = read_price(form.price, shop.currency), read_content(form.content)
        async with request.app[DATABASE].transaction() as session:
            product = await get_product(session, shop.key, product_id_of(request))
            await add_variant(
                session, shop, product, price=price, name=form.name, sku=form.sku,
                pieces=form.pieces, content_thousandths=content, by=member_of(request).name,
                now=now,
            )  # fmt: skip
    except InvalidForm as wrong:
        return await product_page(
            request, values=data, errors=wrong.fields, place="variant-new", status=wrong.status
        )
    return answer(request, back_to(request), "The variant is there.")


@routes.post(VARIANT)
async def save_variant(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    variant_id = variant_id_of(request)
    try:
        form = VariantForm.read(data)
        price, content = read_price(form.price, shop.currency), read_content(form.content)
        async with request.app[DATABASE].transaction() as session:
            await check_variant(session, request)
            await edit_variant(
                session, shop, variant_id, price=price, name=form.name, sku=form.sku,
                content_thousandths=content, now=now,
            )  # fmt: skip
    except InvalidForm as wrong:
        return await again(request, data, wrong, f"variant-{variant_id}")
    return answer(request, back_to(request), "Saved.")


async def again(
    request: web.Request, data: Mapping[str, Any], wrong: InvalidForm, place: str
) -> web.Response:
    """The product's page with what is wrong beside the variant, if it is one of this product."""
    async with request.app[DATABASE].reading() as session:
        await check_variant(session, request)
    return await product_page(
        request, values=data, errors=wrong.fields, place=place, status=wrong.status
    )


async def check_variant(session: object, request: web.Request) -> None:
    """The variant in the address must be one of the product in the address."""
    variant = await find_variant(session, shop_of(request).key, variant_id_of(request))  # type: ignore[arg-type]
    if variant.product_id != product_id_of(request):
        raise ProductUnknown()


@routes.post(VARIANT + "/offer")
async def change_offer(request: web.Request) -> web.Response:
    """`on`: offered again; without it, no longer offered."""
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    verb = offer_again if data.get("on") else retire_variant
    async with request.app[DATABASE].transaction() as session:
        await check_variant(session, request)
        await verb(session, shop.key, variant_id_of(request), now=now)
    return answer(request, back_to(request), "Saved.")


@routes.post(VARIANT + "/stock")
async def change_stock(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    try:
        form = StockForm.read(data)
        async with request.app[DATABASE].transaction() as session:
            await check_variant(session, request)
            await adjust(
                session, shop.key, variant_id_of(request), form.change, reason=form.reason,
                by=member_of(request).name, now=now,
            )  # fmt: skip
    except InvalidForm as wrong:
        return await again(request, data, wrong, f"stock-{variant_id_of(request)}")
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, back_to(request), refused)
    return answer(request, back_to(request), "The stock is up to date.")


@routes.post(_PRODUCT + "/pictures")
async def upload_pictures(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    alt = " ".join(str(data.get("alt", "")).split())[:_LONGEST_ALT]
    try:
        pictures = [await read_picture(one) for one in uploads(data, "pictures")]
        async with request.app[DATABASE].transaction() as session:
            product = await get_product(session, shop.key, product_id_of(request))
            for picture in pictures:
                await add_picture(session, product, picture, alt=alt, now=now)
    except ShopError as wrong:
        if wrong.status == 404:
            raise
        fields = wrong.fields if isinstance(wrong, InvalidForm) else {"pictures": wrong.sentence}
        return await product_page(
            request, values={"alt": alt}, errors=fields, place="pictures", status=wrong.status
        )
    return answer(request, back_to(request), "The pictures are there.")


@routes.post(_PICTURE + "/{what:alt|first|remove}")
async def change_picture(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    what, picture_id = request.match_info["what"], int(request.match_info["picture_id"])
    alt = " ".join(str(data.get("alt", "")).split())[:_LONGEST_ALT]
    try:
        async with request.app[DATABASE].transaction() as session:
            product = await get_product(session, shop.key, product_id_of(request))
            if what == "alt":
                await describe_picture(session, product, picture_id, alt, now=now)
            elif what == "first":
                await show_first(session, product, picture_id, now=now)
            else:
                await remove_picture(session, product, picture_id, now=now)
    except InvalidForm as wrong:
        return await product_page(
            request, errors=wrong.fields, place=f"picture-{picture_id}", status=wrong.status
        )
    return answer(request, back_to(request), "Saved.")
