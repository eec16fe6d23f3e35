"""Behind the counter: parcels made, followed, mended and undone."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from staff.access import member_of, shop_of
from storefront.counter_words import answer, refuse
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.orders.sending import write_personal_line
from storefront.shipping import packing
from storefront.shipping.arriving import mark_delivered, take_back_delivered
from storefront.shipping.carriers import CARRIERS
from storefront.shipping.finding import last_carrier, parcels_of, to_pack
from storefront.shipping.following import set_tracking
from storefront.shipping.forms import ParcelForm, PersonalLineForm, read_pieces
from storefront.shipping.undoing import undo

_ORDER = "/counter/orders/{order_id:\\d{1,9}}"
_PARCEL = _ORDER + "/parcels/{shipment_id:\\d{1,9}}"

_TRACKED = (
    "Saved. It stands on the customer's order page. "
    "Who can follow the parcel only now gets an e-mail with the link."
)

Verb = Callable[..., Awaitable[object]]

routes = web.RouteTableDef()


async def parcels_page(session: AsyncSession, order: Order) -> dict[str, Any]:
    """What an order's page shows of its parcels."""
    lines, parcels = await lines_of(session, order), await parcels_of(session, order)
    left = to_pack(lines, parcels)
    return {
        "parcels": parcels,
        "left": left,
        "lines_by_id": {line.key: line for line in lines},
        "carriers": [("", "–"), *((key, one.name) for key, one in CARRIERS.items())],
        "carrier": await last_carrier(session, order.shop_id),
        "seen_parcels": await packing.count_parcels(session, order),
        "can_pack": order.state == "confirmed" and bool(left),
    }


@routes.post(_ORDER + "/parcels")
async def make_parcel(request: web.Request) -> web.Response:
    """Some of it is on its way."""
    data = await request.post()

    async def verb(session: AsyncSession, shop_id: int, order_id: int, **more: Any) -> None:
        form = ParcelForm.read(data)
        await packing.send(
            session, shop_id, order_id, read_pieces(data), carrier=form.carrier,
            tracking=form.tracking, seen=form.seen, **more,
        )  # fmt: skip

    return await _do(request, verb, "Marked as sent. The customer is told what is in this parcel.")


@routes.post(_ORDER + "/parcels/ready")
async def make_ready(request: web.Request) -> web.Response:
    """Some of it lies ready."""
    data = await request.post()

    async def verb(session: AsyncSession, shop_id: int, order_id: int, **more: Any) -> None:
        seen = ParcelForm.read(data).seen
        pieces = read_pieces(data)
        await packing.make_ready(session, shop_id, order_id, pieces, seen=seen, **more)

    return await _do(request, verb, "The customer can come and get it.")


@routes.post(_PARCEL + "/tracking")
async def save_tracking(request: web.Request) -> web.Response:
    data = await request.post()

    async def verb(session: AsyncSession, shop_id: int, order_id: int, **more: Any) -> None:
        form = ParcelForm.read(data)
        await set_tracking(
            session, shop_id, order_id, _shipment(request), carrier=form.carrier,
            tracking=form.tracking, **more,
        )  # fmt: skip

    return await _do(request, verb, _TRACKED)


@routes.post(_PARCEL + "/{what:delivered|on-its-way|picked-up|undo}")
async def move_parcel(request: web.Request) -> web.Response:
    verbs: dict[str, tuple[Verb, str]] = {
        "delivered": (mark_delivered, "Marked as arrived."),
        "on-its-way": (take_back_delivered, "It counts as on its way again."),
        "picked-up": (packing.hand_over, "Marked as handed over."),
        "undo": (undo, "Undone. Its goods are kept for this order; whoever was told, is told so."),
    }
    step, said = verbs[request.match_info["what"]]

    async def verb(session: AsyncSession, shop_id: int, order_id: int, **more: Any) -> None:
        await step(session, shop_id, order_id, _shipment(request), **more)

    return await _do(request, verb, said)


@routes.post(_ORDER + "/personal-line")
async def save_personal_line(request: web.Request) -> web.Response:
    data = await request.post()

    async def verb(session: AsyncSession, shop_id: int, order_id: int, **more: Any) -> None:
        form = PersonalLineForm.read(data)
        await write_personal_line(session, shop_id, order_id, form.personal_line, **more)

    return await _do(request, verb, "Saved.")


def _shipment(request: web.Request) -> int:
    return int(request.match_info["shipment_id"])


async def _do(request: web.Request, verb: Verb, said: str) -> web.Response:
    order_id = int(request.match_info["order_id"])
    back = f"/counter/orders/{order_id}"
    try:
        async with request.app[DATABASE].transaction() as session:
            await verb(
                session, shop_of(request).key, order_id, by=member_of(request).name,
                now=request.app[CLOCK](),
            )  # fmt: skip
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, back, refused)
    return answer(request, back, said)
