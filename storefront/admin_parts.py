"""Behind the counter: what a bundle is made of, on its product's page."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from staff.access import shop_of
from storefront.admin_goods import VARIANT, again, back_to, check_variant, variant_id_of
from storefront.counter_forms import PartForm
from storefront.counter_words import answer, refuse
from storefront.packing import put_part, take_part

routes = web.RouteTableDef()


@routes.post(VARIANT + "/parts")
async def change_part(request: web.Request) -> web.Response:
    """Put in, or in another number; `remove` takes it out."""
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    variant_id = variant_id_of(request)
    try:
        form = PartForm.read({**data, "pieces": "1"} if "remove" in data else data)
        async with request.app[DATABASE].transaction() as session:
            await check_variant(session, request)
            if "remove" in data:
                await take_part(session, shop.key, variant_id, form.part, now=now)
            else:
                await put_part(session, shop.key, variant_id, form.part, form.pieces, now=now)
    except InvalidForm as wrong:
        return await again(request, data, wrong, f"parts-{variant_id}")
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, back_to(request), refused)
    return answer(request, back_to(request), "Saved.")
