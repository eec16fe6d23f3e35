"""The counter is closed by default: every `/counter/` page wants somebody who is signed in."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.live import latest_change
from core.pages import CHOSEN_LOCALE, page
from core.shops import Shop
from staff.cookies import clear_cookie, keep_flash, read_session_token, take_flash
from staff.errors import OwnersOnly
from staff.models import Member, StaffSession
from staff.sessions import TOUCH_EVERY, find_session, touch_session

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CountUnread = Callable[[AsyncSession, int], Awaitable[int]]
UNREAD: web.AppKey[CountUnread] = web.AppKey("unread")
"""How many conversations of a shop wait unread: the number in the counter's navigation."""

OPEN_PAGES = frozenset({"/counter/sign-in", "/counter/sign-in/link", "/counter/welcome/{token}"})

_MEMBER: web.RequestKey[Member] = web.RequestKey("member", Member)
_SHOP: web.RequestKey[Shop] = web.RequestKey("shop", Shop)
_UNREAD: web.RequestKey[int] = web.RequestKey("unread", int)
_LIVE_LAST: web.RequestKey[int] = web.RequestKey("live_last", int)


@web.middleware
async def keep_counter_closed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Pages answer with the way to the sign-in, everything a script fetches with 401."""
    if not _behind_the_counter(request):
        return await handler(request)
    if not await _let_in(request) and not _is_open(request):
        return _turn_away(request)
    try:
        response = await handler(request)
    except web.HTTPException as redirect:
        keep_flash(request, redirect)
        raise
    keep_flash(request, response)
    return response


def _behind_the_counter(request: web.Request) -> bool:
    # By the route that will answer, not by the text of the address, so that no spelling of the
    # path gets around it; by the text too, so that strangers cannot probe which pages exist.
    resource = request.match_info.route.resource
    return _is_behind(request.path) or (resource is not None and _is_behind(resource.canonical))


def _is_behind(path: str) -> bool:
    return path == "/counter" or path.startswith("/counter/")


def _is_open(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical in OPEN_PAGES


async def _let_in(request: web.Request) -> bool:
    token = read_session_token(request)
    if token is None:
        return False
    now = request.app[CLOCK]()
    async with request.app[DATABASE].reading() as session:
        found = await find_session(session, token, now=now)
        if found is None:
            return False
        row, request[_MEMBER], request[_SHOP] = found
        # Before the page reads anything: what happens meanwhile is then told once too often,
        # never once too seldom.
        request[_LIVE_LAST] = await latest_change(session, request[_SHOP].key)
        count = request.app.get(UNREAD)
        request[_UNREAD] = await count(session, request[_SHOP].key) if count else 0
    request[CHOSEN_LOCALE] = request[_MEMBER].locale
    await _note_use(request, row, now=now)
    return True


async def _note_use(request: web.Request, row: StaffSession, *, now: datetime) -> None:
    if row.id is not None and now - row.seen_at > TOUCH_EVERY:
        async with request.app[DATABASE].transaction() as session:
            await touch_session(session, row.id, now=now)


def _turn_away(request: web.Request) -> web.StreamResponse:
    wants_page = "text/html" in request.headers.get("Accept", "text/html")
    if not wants_page or request.headers.get("X-Requested-With") == "fetch":
        refusal: web.StreamResponse = web.json_response(
            {"error": "SignedOut", "message": "Please sign in again."}, status=401
        )
    else:
        way = "/counter/sign-in"
        if request.method == "GET" and request.path_qs not in ("/counter", "/counter/"):
            way += "?next=" + quote(request.path_qs, safe="")
        refusal = web.Response(status=303, headers={"Location": way, "Cache-Control": "no-store"})
    if read_session_token(request) is not None:
        clear_cookie(request, refusal)
    return refusal


def member_of(request: web.Request) -> Member:
    """Who asks. Only behind the counter."""
    return request[_MEMBER]


def shop_of(request: web.Request) -> Shop:
    """The shop whose counter this is. Only behind the counter."""
    return request[_SHOP]


def is_signed_in(request: web.Request) -> bool:
    return _MEMBER in request


def require_owner(request: web.Request) -> Member:
    """Raises OwnersOnly."""
    if not member_of(request).is_owner:
        raise OwnersOnly()
    return member_of(request)


def counter_page(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """A page of the counter: with who is signed in, their shop, what waits, and the flash."""
    message = take_flash(request)
    response = page(
        request,
        template,
        status=status,
        staff=member_of(request),
        shop=shop_of(request),
        unread=request[_UNREAD],
        live_last=request[_LIVE_LAST],
        flash=message,
        **context,
    )
    if message is not None:
        response.del_cookie("flash", path="/counter")
    return response
