"""Coming in and going out: sign-in, one-time links, sign-out."""

from urllib.parse import urlsplit

from aiohttp import web

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import ShopError
from core.logs import log
from core.pages import PAGES, page, translate
from core.shops import get_shop
from core.signing import SIGNER
from staff.access import is_signed_in, member_of
from staff.cookies import (
    clear_cookie,
    flash,
    keep_session,
    read_session_token,
    take_flash,
)
from staff.forms import LinkForm, SignInForm, WelcomeForm, fill
from staff.invitations import SIGN_IN_LASTS, look_at_link, make_link, use_link
from staff.letters import write_sign_in_link
from staff.members import find_by_email, set_password
from staff.passwords import PASSWORDS
from staff.sessions import end_all_sessions, end_session, open_session
from staff.signing_in import SIGN_IN_LIMITS, sign_in

routes = web.RouteTableDef()

HOME = "/counter/"


@routes.get("/counter/sign-in")
async def show_sign_in(request: web.Request) -> web.StreamResponse:
    if is_signed_in(request):
        raise web.HTTPSeeOther(_way_on(request.query.get("next", "")))
    return _sign_in_page(request, next=request.query.get("next", ""))


@routes.post("/counter/sign-in")
async def check_sign_in(request: web.Request) -> web.StreamResponse:
    form = fill(SignInForm, await request.post())
    app, limits, address = request.app, request.app[SIGN_IN_LIMITS], request.remote or ""
    try:
        limits.spend(address, form.email, now=app[CLOCK]())
        member, token = await sign_in(
            app[DATABASE],
            app[PASSWORDS],
            form.email,
            form.password,
            browser=_browser(request),
            clock=app[CLOCK],
        )
    except ShopError as refused:
        log(__name__).info("sign_in_refused", why=refused.code)
        return _sign_in_page(
            request, status=refused.status, email=form.email, next=form.next, error=refused
        )
    limits.forgive(address, form.email)
    await _forget_former_session(request)
    log(__name__).info("signed_in", member_id=member.id)
    answer = web.HTTPSeeOther(_way_on(form.next))
    keep_session(request, answer, token)
    raise answer


@routes.post("/counter/sign-in/link")
async def send_link(request: web.Request) -> web.StreamResponse:
    """The same answer for every address, so that nobody learns who works here."""
    form = fill(LinkForm, await request.post())
    app, now = request.app, request.app[CLOCK]()
    app[SIGN_IN_LIMITS].by_address.spend(request.remote or "", now=now)
    app[SIGN_IN_LIMITS].letters.spend(form.email.strip().lower(), now=now)
    async with app[DATABASE].transaction() as session:
        member = await find_by_email(session, form.email)
        if member is not None:
            shop = await get_shop(session, member.shop_id)
            link = await make_link(
                session, app[SIGNER], member, request.app[OWN_ORIGIN], now, lasts=SIGN_IN_LASTS
            )
            await write_sign_in_link(session, app[PAGES], shop, member, link, now=now)
    answer = web.HTTPSeeOther("/counter/sign-in")
    flash(
        answer,
        "info",
        translate(
            request,
            "If somebody works here with this address, a link is on its way to it. It lasts half an hour.",
        ),
    )
    raise answer


@routes.get("/counter/welcome/{token}")
async def show_welcome(request: web.Request) -> web.Response:
    """Looking at the link does not use it up."""
    async with request.app[DATABASE].reading() as session:
        member = await look_at_link(
            session, request.app[SIGNER], request.match_info["token"], now=request.app[CLOCK]()
        )
        shop = await get_shop(session, member.shop_id)
    return page(request, "staff/welcome.html", member=member, shop=shop, error=None)


@routes.post("/counter/welcome/{token}")
async def come_in(request: web.Request) -> web.StreamResponse:
    form = fill(WelcomeForm, await request.post())
    app, now, signed = request.app, request.app[CLOCK](), request.match_info["token"]
    try:
        async with app[DATABASE].transaction() as session:
            member = await use_link(session, app[SIGNER], signed, now=now)
            if member.password_hash is None:
                await set_password(session, member, form.password, passwords=app[PASSWORDS])
            token = await open_session(session, member, browser=_browser(request), now=now)
    except ShopError as refused:
        if refused.status != 422:
            raise
        async with app[DATABASE].reading() as session:
            member = await look_at_link(session, app[SIGNER], signed, now=now)
            shop = await get_shop(session, member.shop_id)
        return page(
            request, "staff/welcome.html", status=422, member=member, shop=shop, error=refused
        )
    await _forget_former_session(request)
    log(__name__).info("signed_in_by_link", member_id=member.id)
    answer = web.HTTPSeeOther(HOME)
    keep_session(request, answer, token)
    raise answer


@routes.post("/counter/sign-out")
async def sign_out(request: web.Request) -> web.StreamResponse:
    await _forget_former_session(request)
    answer = web.HTTPSeeOther("/counter/sign-in")
    clear_cookie(request, answer)
    raise answer


@routes.post("/counter/sign-out-everywhere")
async def sign_out_everywhere(request: web.Request) -> web.StreamResponse:
    async with request.app[DATABASE].transaction() as session:
        await end_all_sessions(session, member_of(request).key)
    answer = web.HTTPSeeOther("/counter/sign-in")
    clear_cookie(request, answer)
    flash(answer, "success", translate(request, "You are signed out everywhere."))
    raise answer


async def _forget_former_session(request: web.Request) -> None:
    token = read_session_token(request)
    if token is not None:
        async with request.app[DATABASE].transaction() as session:
            await end_session(session, token)


def _sign_in_page(
    request: web.Request,
    *,
    status: int = 200,
    email: str = "",
    next: str = "",
    error: ShopError | None = None,
) -> web.Response:
    message = take_flash(request)
    response = page(
        request,
        "staff/sign_in.html",
        status=status,
        email=email,
        next=next,
        error=error,
        flash=message,
    )
    if message is not None:
        response.del_cookie("flash", path="/counter")
    return response


def _way_on(wish: str) -> str:
    """Only to pages of the counter: a link must not lead a signed-in person elsewhere."""
    parts = urlsplit(wish)
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/counter/")
    plain = wish.isprintable() and "\\" not in wish and not parts.path.startswith("/counter/sign")
    return wish if inside and plain else HOME


def _browser(request: web.Request) -> str:
    return request.headers.get("User-Agent", "")[:120]
