"""Behind the counter: products, their variants, pictures and stock."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.pictures import read_picture
from staff.access import counter_page, member_of, shop_of
from storefront.bundles import possible_parts, shelf_of
from storefront.cards import first_pictures
from storefront.catalogue import pictures_of
from storefront.counter_forms import (
    TAX_RATES,
    ProductForm,
    VariantForm,
    read_content,
    read_price,
)
from storefront.counter_words import answer, sentences, uploads
from storefront.entering import see_other
from storefront.models import Variant
from storefront.notes import percent
from storefront.product_pictures import add_picture
from storefront.products import (
    advice_for,
    create_product,
    delete_product,
    edit_product,
    get_product,
    list_for_counter,
    missing_for_sale,
    set_state,
    variants_of,
)
from storefront.variants import add_variant, variants_by_product

STATES = ("live", "draft", "hidden")

routes = web.RouteTableDef()


def product_id_of(request: web.Request) -> int:
    return int(request.match_info["product_id"])


@routes.get("/counter/products")
async def show_products(request: web.Request) -> web.Response:
    shop = shop_of(request)
    state = request.query.get("state", "")
    state, text = state if state in STATES else "", request.query.get("q", "")[:100]
    async with request.app[DATABASE].reading() as session:
        products = await list_for_counter(session, shop.key, state=state, text=text)
        ids = [product.key for product in products]
        variants = await variants_by_product(session, ids)
        pictures = await first_pictures(session, ids)
    return counter_page(
        request, "storefront/counter/products.html", products=products, variants=variants,
        pictures=pictures, state=state, text=text,
    )  # fmt: skip


@routes.get("/counter/products/new")
async def show_new_product(request: web.Request) -> web.Response:
    return _new_form(request, {"tax_bp": "1900"}, {})


def _new_form(
    request: web.Request, values: Mapping[str, Any], errors: Mapping[str, str], status: int = 200
) -> web.Response:
    return counter_page(
        request, "storefront/counter/product_new.html", status=status, values=values,
        errors=sentences(request, errors), tax_rates=tax_choices(request, values),
    )  # fmt: skip


def tax_choices(request: web.Request, values: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Germany's rates, and whatever this product has."""
    present = str(values.get("tax_bp", ""))
    is_rate = present.isascii() and present.isdigit() and len(present) <= len("1900")
    rates = sorted({*TAX_RATES, *([int(present)] if is_rate else [])}, reverse=True)
    return [(rate, percent(rate, member_of(request).locale)) for rate in rates]


@routes.post("/counter/products")
async def make_product(request: web.Request) -> web.Response:
    """Name, price, stock and pictures in one go; it is a draft until it is put on sale."""
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    try:
        form, offer = ProductForm.read(data), VariantForm.read({**data, "name": ""})
        price = read_price(offer.price, shop.currency)
        pictures = [await read_picture(one) for one in uploads(data, "pictures")]
        async with request.app[DATABASE].transaction() as session:
            product = await create_product(
                session, shop.key, now=now, **form.model_dump(exclude={"position"})
            )
            await add_variant(
                session, shop, product, price=price, sku=offer.sku, pieces=offer.pieces,
                content_thousandths=read_content(offer.content), by=member_of(request).name,
                now=now,
            )  # fmt: skip
            for picture in pictures:
                await add_picture(session, product, picture, alt=str(data.get("alt", "")), now=now)
    except ShopError as wrong:
        fields = wrong.fields if isinstance(wrong, InvalidForm) else {"pictures": wrong.sentence}
        return _new_form(request, data, fields, 422)
    return answer(
        request, f"/counter/products/{product.key}",
        "Saved as a draft. Look it over and put it on sale.",
    )  # fmt: skip


@routes.get("/counter/products/{product_id:\\d{1,9}}")
async def show_product(request: web.Request) -> web.Response:
    return await product_page(request)


async def product_page(
    request: web.Request,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
    place: str = "product",
    status: int = 200,
) -> web.Response:
    """`place` says which of the page's forms `values` and `errors` belong to."""
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        product = await get_product(session, shop.key, product_id_of(request))
        variants = await variants_of(session, product)
        pictures = await pictures_of(session, product)
        missing = await missing_for_sale(session, product)
        shelf = await shelf_of(session, variants)
        candidates = await possible_parts(session, shop.key)
    return counter_page(
        request,
        "storefront/counter/product.html",
        status=status,
        product=product,
        variants=variants,
        pictures=pictures,
        shelf=shelf,
        candidates=candidates,
        missing=sentences(request, missing),
        advice=advice_for(product),
        place=place,
        values=values or {},
        errors=sentences(request, errors or {}),
        tax_rates=tax_choices(request, product.model_dump()),
        amount_text=amount_text,
        content_text=content_text,
    )


def amount_text(variant: Variant, locale: str) -> str:
    """The price as it is typed into a field: `12,90`."""
    text = str(variant.price.amount)
    return text.replace(".", ",") if locale.startswith("de") else text


def content_text(variant: Variant, locale: str) -> str:
    if variant.content_thousandths is None:
        return ""
    text = f"{variant.content_thousandths / 1000:.3f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if locale.startswith("de") else text


@routes.post("/counter/products/{product_id:\\d{1,9}}")
async def save_product(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    try:
        form = ProductForm.read(data)
    except InvalidForm as wrong:
        return await product_page(request, values=data, errors=wrong.fields, status=wrong.status)
    async with request.app[DATABASE].transaction() as session:
        await edit_product(
            session, shop.key, product_id_of(request), form.model_dump(), now=now
        )  # fmt: skip
    return answer(request, request.path, "Saved.")


@routes.post("/counter/products/{product_id:\\d{1,9}}/state")
async def change_state(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    state, back = str(data.get("state", "")), f"/counter/products/{product_id_of(request)}"
    if state not in STATES:
        return see_other(back)
    try:
        async with request.app[DATABASE].transaction() as session:
            await set_state(session, shop.key, product_id_of(request), state, now=now)  # type: ignore[arg-type]
    except InvalidForm as wrong:
        return await product_page(request, errors=wrong.fields, place="state", status=wrong.status)
    said = {
        "live": "On sale. Everybody can see it now.",
        "hidden": "Taken off sale.",
        "draft": "A draft again.",
    }
    return answer(request, back, said[state])


@routes.post("/counter/products/{product_id:\\d{1,9}}/delete")
async def drop_product(request: web.Request) -> web.Response:
    try:
        async with request.app[DATABASE].transaction() as session:
            await delete_product(session, shop_of(request).key, product_id_of(request))
    except ShopError as refused:
        if refused.status == 404:
            raise
        back = f"/counter/products/{product_id_of(request)}"
        return answer(request, back, refused.sentence, kind="error")
    return answer(request, "/counter/products", "Deleted.")
