"""Behind the counter: letters to customers, what became of them, and once more."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from core.mail import POST
from staff.access import counter_page, member_of, shop_of
from storefront.counter_words import answer, refuse
from storefront.letters.again import send_again
from storefront.letters.finding import get_letter, letters_between, order_id_in
from storefront.letters.states import letter_status

_LETTER = "/counter/letters/{letter_id:\\d{1,9}}"
_PAGE = 50

routes = web.RouteTableDef()


@routes.get("/counter/letters")
async def show_letters(request: web.Request) -> web.Response:
    query = request.query
    only_failed, before = query.get("show") == "failed", query.get("before", "")
    number = before if before.isascii() and before.isdigit() and len(before) < 10 else ""
    async with request.app[DATABASE].reading() as session:
        letters = await letters_between(
            session, shop_of(request).key, only_failed=only_failed, limit=_PAGE + 1,
            before=int(number) if number else None,
        )  # fmt: skip
    return counter_page(
        request, "storefront/letters/list.html", letters=letters[:_PAGE], letter_status=letter_status,
        more=len(letters) > _PAGE, only_failed=only_failed, before=number,
        order_id_in=order_id_in, can_send=request.app[POST].is_configured,
    )  # fmt: skip


@routes.get(_LETTER)
async def show_letter(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        letter = await get_letter(session, shop_of(request).key, _id(request))
    return counter_page(
        request, "storefront/letters/letter.html", letter=letter, letter_state_of=letter_status(letter),
        paragraphs=_paragraphs(letter.text), order_id=order_id_in(letter),
    )  # fmt: skip


def _id(request: web.Request) -> int:
    return int(request.match_info["letter_id"])


def _paragraphs(text: str) -> list[list[str]]:
    return [part.split("\n") for part in text.strip().split("\n\n") if part.strip()]


@routes.post(_LETTER + "/again")
async def write_once_more(request: web.Request) -> web.Response:
    now, by = request.app[CLOCK](), member_of(request).name
    try:
        async with request.app[DATABASE].transaction() as session:
            again = await send_again(session, shop_of(request).key, _id(request), by=by, now=now)
    except ShopError as refused:
        if refused.status == 404:
            raise
        return refuse(request, "/counter/letters", refused)
    order_id = order_id_in(again)
    back = f"/counter/orders/{order_id}" if order_id else "/counter/letters"
    return answer(request, back, "Sent once more, to %(address)s.", address=again.recipient)
