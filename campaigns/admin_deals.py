"""Behind the counter: deals and the codes that open them."""

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms import CodeForm, DealForm, first_moment, read_amount, read_form
from campaigns.posting import posts_of_deal
from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.pages import translate
from core.pictures import keep_picture, read_picture
from core.shops import Shop
from promotions.deals import create_deal, end_deal, get_deal, list_deals
from promotions.issuing import create_code, list_codes
from promotions.models import Deal
from staff.access import counter_page, member_of, shop_of
from staff.cookies import flash
from storefront.catalogue import cards_by_id, list_products

routes = web.RouteTableDef()


@routes.get("/counter/deals")
async def show_deals(request: web.Request) -> web.Response:
    shop, now = shop_of(request), request.app[CLOCK]()
    async with request.app[DATABASE].reading() as session:
        deals = await list_deals(session, shop.key)
        codes = await list_codes(session, shop.key, [deal.key for deal in deals])
    return counter_page(request, "campaigns/deals.html", deals=deals, codes=codes, now=now)


@routes.get("/counter/deals/new")
async def show_new_deal(request: web.Request) -> web.Response:
    return await _deal_form(request, {"kind": "percent"}, {})


@routes.post("/counter/deals")
async def make_deal(request: web.Request) -> web.Response:
    data = await request.post()
    values: dict[str, Any] = {name: value for name, value in data.items() if isinstance(value, str)}
    values["product_ids"] = data.getall("product_ids", [])
    picture = data.get("picture")
    upload = picture.file.read() if isinstance(picture, web.FileField) else b""
    try:
        deal = await _create(request, read_form(DealForm, values), upload)
    except InvalidForm as error:
        return await _deal_form(request, values, error.fields, status=422)
    except ShopError as error:
        name = "code" if type(error).__module__.startswith("promotions") else "picture"
        sentence = translate(request, error.sentence, **error.details)
        return await _deal_form(request, values, {name: sentence}, status=422)
    done = web.HTTPSeeOther(f"/counter/deals/{deal.key}")
    flash(done, "success", translate(request, "The deal is ready. Now tell your customers."))
    raise done


async def _create(request: web.Request, form: DealForm, upload: bytes) -> Deal:
    shop, now = shop_of(request), request.app[CLOCK]()
    read = await read_picture(upload) if upload else None
    async with request.app[DATABASE].transaction() as session:
        picture = await keep_picture(session, shop.key, read) if read else None
        deal = await create_deal(
            session,
            shop.key,
            title=form.title,
            text=form.text,
            kind=form.kind,
            currency=shop.currency,
            percent=form.percent,
            amount=read_amount(form.amount, "amount", shop),
            minimum=read_amount(form.minimum, "minimum", shop),
            product_ids=await _own_products(session, shop, form.product_ids, now=now),
            needs_code=form.with_code,
            starts_at=first_moment(form.starts_on, shop),
            ends_at=first_moment(form.ends_on, shop),
            picture_digest=picture.digest if picture else None,
            by=member_of(request).name,
            now=now,
        )
        if form.with_code:
            await create_code(
                session, shop.key, deal.key, code=form.code.strip() or None,
                total_limit=form.total_limit, per_customer_limit=form.per_customer_limit, now=now,
            )  # fmt: skip
    return deal


async def _own_products(
    session: AsyncSession, shop: Shop, wanted: list[int], *, now: datetime
) -> list[int]:
    """All of them or a refusal: a deal left with none would be one on everything."""
    ours = await cards_by_id(session, shop.key, wanted, now=now)
    if len(ours) != len(wanted):
        raise InvalidForm({"product_ids": "One of the products is no longer on sale."})
    return [card.product_id for card in ours]


async def _deal_form(
    request: web.Request, values: dict[str, Any], errors: dict[str, str], *, status: int = 200
) -> web.Response:
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        products = await list_products(session, shop.key, now=request.app[CLOCK](), limit=500)
    return counter_page(
        request,
        "campaigns/deal_form.html",
        status=status,
        values=values,
        errors={name: translate(request, sentence) for name, sentence in errors.items()},
        products=products,
    )


@routes.get("/counter/deals/{deal_id:\\d{1,9}}")
async def show_deal(request: web.Request) -> web.Response:
    return await _deal_page(request, {}, {})


async def _deal_page(
    request: web.Request, values: dict[str, str], errors: dict[str, str], *, status: int = 200
) -> web.Response:
    shop, deal_id = shop_of(request), int(request.match_info["deal_id"])
    async with request.app[DATABASE].reading() as session:
        deal = await get_deal(session, shop.key, deal_id)
        codes = await list_codes(session, shop.key, [deal_id])
        posts = await posts_of_deal(session, shop.key, deal_id)
        products = await list_products(session, shop.key, now=request.app[CLOCK](), limit=500)
    return counter_page(
        request, "campaigns/deal.html", status=status, deal=deal, codes=codes, posts=posts,
        products=[one for one in products if one.product_id in deal.product_ids],
        values=values, errors=errors, now=request.app[CLOCK](),
    )  # fmt: skip


@routes.post("/counter/deals/{deal_id:\\d{1,9}}/codes")
async def add_code(request: web.Request) -> web.Response:
    shop, deal_id = shop_of(request), int(request.match_info["deal_id"])
    values = {name: str(value) for name, value in (await request.post()).items()}
    try:
        form = read_form(CodeForm, values)
        async with request.app[DATABASE].transaction() as session:
            made = await create_code(
                session, shop.key, deal_id, code=form.code.strip() or None,
                total_limit=form.total_limit, per_customer_limit=form.per_customer_limit,
                now=request.app[CLOCK](),
            )  # fmt: skip
    except InvalidForm as error:
        errors = {name: translate(request, text) for name, text in error.fields.items()}
        return await _deal_page(request, values, errors, status=422)
    except ShopError as error:
        if error.status == 404:
            raise
        sentence = translate(request, error.sentence, **error.details)
        return await _deal_page(request, values, {"code": sentence}, status=422)
    done = web.HTTPSeeOther(f"/counter/deals/{deal_id}")
    flash(done, "success", translate(request, "The code %(code)s works now.", code=made.code))
    raise done


@routes.post("/counter/deals/{deal_id:\\d{1,9}}/end")
async def stop_deal(request: web.Request) -> web.Response:
    shop, deal_id = shop_of(request), int(request.match_info["deal_id"])
    async with request.app[DATABASE].transaction() as session:
        await end_deal(
            session, shop.key, deal_id, by=member_of(request).name, now=request.app[CLOCK]()
        )
    done = web.HTTPSeeOther(f"/counter/deals/{deal_id}")
    flash(done, "info", translate(request, "The deal has ended. Placed orders keep their price."))
    raise done
