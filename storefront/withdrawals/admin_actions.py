"""Behind the counter: what staff does with a case."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from staff.access import member_of, shop_of
from storefront.counter_words import answer, refuse, uploads
from storefront.orders.finding import get_order
from storefront.withdrawals.coming_back import note_proof, receive_goods
from storefront.withdrawals.deciding import SendingBack, accept, reject
from storefront.withdrawals.finding import get_case
from storefront.withdrawals.forms import (
    AcceptForm,
    AssignForm,
    OpenForm,
    ProofForm,
    RejectForm,
    read_arrived,
    read_pieces,
)
from storefront.withdrawals.goods import goods_of
from storefront.withdrawals.matching import assign
from storefront.withdrawals.opening import open_case
from storefront.withdrawals.settling import close_case, is_settled_at_once, pay_back

LIST = "/counter/withdrawals"
CASE = LIST + "/{withdrawal_id:\\d{1,9}}"
OPENING = "/counter/orders/{order_id:\\d{1,9}}/return"

Sent = MultiDictProxy[str | bytes | bytearray | web.FileField]
Verb = Callable[[AsyncSession, Sent], Awaitable[object]]

routes = web.RouteTableDef()


@routes.post(OPENING)
async def open_return(request: web.Request) -> web.Response:
    data, shop, now = await request.post(), shop_of(request), request.app[CLOCK]()
    order_id = int(request.match_info["order_id"])
    try:
        async with request.app[DATABASE].transaction() as session:
            await get_order(session, shop.key, order_id)
            form = OpenForm.read(data)
            case = await open_case(
                session, shop.key, order_id, form.kind, read_pieces(data), words=form.words,
                came_at=form.came_at(shop.timezone, now), **_who(request),
            )  # fmt: skip
    except ShopError as refused:
        return _refuse(request, f"/counter/orders/{order_id}/return", refused)
    return answer(request, f"{LIST}/{case.key}", "Opened. Decide now how it goes on.")


@routes.post(CASE + "/assign")
async def assign_order(request: web.Request) -> web.Response:
    async def do(session: AsyncSession, data: Sent) -> None:
        form = AssignForm.read(data)
        await assign(session, shop_of(request).key, case_id_of(request), form.order_id,
                     now=request.app[CLOCK]())  # fmt: skip

    return await _do(request, do, "Filed with its order.")


@routes.post(CASE + "/accept")
async def accept_case(request: web.Request) -> web.Response:
    """What was never sent is paid back at once."""

    async def do(session: AsyncSession, data: Sent) -> None:
        form = AcceptForm.read(data)
        back = SendingBack(form.way, form.link, next(iter(uploads(data, "label")), None))
        await accept(session, *_named(request), read_pieces(data), back, **_who(request))

    done = await _do(request, do, "Accepted. The customer is told how it goes on.")
    if await _is_settled_at_once(request):
        return await _pay_back(request)
    return done


async def _is_settled_at_once(request: web.Request) -> bool:
    async with request.app[DATABASE].reading() as session:
        case = await get_case(session, *_named(request))
        return is_settled_at_once(case, await goods_of(session, case))


@routes.post(CASE + "/reject")
async def reject_case(request: web.Request) -> web.Response:
    async def do(session: AsyncSession, data: Sent) -> None:
        reason = RejectForm.read(data).reason
        await reject(session, *_named(request), reason=reason, **_who(request))

    return await _do(request, do, "Rejected. The customer is told why.")


@routes.post(CASE + "/proof")
async def save_proof(request: web.Request) -> web.Response:
    async def do(session: AsyncSession, data: Sent) -> None:
        proof = ProofForm.read(data).proof
        await note_proof(session, *_named(request), proof=proof, **_who(request))

    return await _do(request, do, "Noted. The money must not wait for the goods any longer.")


@routes.post(CASE + "/arrived")
async def save_arrived(request: web.Request) -> web.Response:
    async def do(session: AsyncSession, data: Sent) -> None:
        case = await get_case(session, *_named(request))
        ids = [one.line.key for one in await goods_of(session, case)]
        arrived = read_arrived(data, ids, shop_of(request).currency)
        await receive_goods(session, *_named(request), arrived, **_who(request))

    return await _do(request, do, "Noted. The customer is told that the goods are here.")


@routes.post(CASE + "/refund")
async def give_money_back(request: web.Request) -> web.Response:
    return await _pay_back(request)


async def _pay_back(request: web.Request) -> web.Response:
    async def do(session: AsyncSession, data: Sent) -> None:
        await pay_back(session, shop_of(request), case_id_of(request), **_who(request))

    said = "The refund is on its way. The customer is told when it has gone through."
    return await _do(request, do, said)


@routes.post(CASE + "/close")
async def close_open_case(request: web.Request) -> web.Response:
    async def do(session: AsyncSession, data: Sent) -> None:
        await close_case(session, *_named(request), **_who(request))

    return await _do(request, do, "Closed.")


async def _do(request: web.Request, verb: Verb, said: str) -> web.Response:
    """Back to the case, with what was done or why it was not."""
    data, back = await request.post(), f"{LIST}/{case_id_of(request)}"
    try:
        async with request.app[DATABASE].transaction() as session:
            await get_case(session, *_named(request))
            await verb(session, data)
    except ShopError as refused:
        return _refuse(request, back, refused)
    return answer(request, back, said)


def _named(request: web.Request) -> tuple[int, int]:
    """The shop, and the case its address names."""
    return shop_of(request).key, case_id_of(request)


def _who(request: web.Request) -> dict[str, Any]:
    return {"by": member_of(request).name, "now": request.app[CLOCK]()}


def _refuse(request: web.Request, back: str, refused: ShopError) -> web.Response:
    if refused.status == 404:
        raise refused
    if isinstance(refused, InvalidForm):
        return answer(request, back, next(iter(refused.fields.values())), kind="error")
    return refuse(request, back, refused)


def case_id_of(request: web.Request) -> int:
    return int(request.match_info["withdrawal_id"])
