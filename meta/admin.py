"""The Facebook page behind the counter: connect it, check it, set it up again, let it go."""

from aiohttp import web

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.pages import translate
from meta import tokens
from meta.checks import Check, check_all
from meta.connections import connect, disconnect, set_up
from meta.errors import AppNotConfigured
from meta.forms import ConnectForm
from meta.models import MetaPage
from meta.pages import GRAPHS, find_page, get_page
from meta.profiles import PROFILE_OF, Profile
from meta.subscriptions import PATH as WEBHOOK
from staff.access import counter_page, require_owner, shop_of
from staff.cookies import flash
from staff.forms import fill

routes = web.RouteTableDef()

META_PAGE = "/counter/settings/meta"


@routes.get(META_PAGE)
async def show_page(request: web.Request) -> web.Response:
    """With `?check=1` Meta is asked about every layer."""
    require_owner(request)
    async with request.app[DATABASE].reading() as session:
        page = await find_page(session, shop_of(request).key)
    checks = None
    if page is not None and "check" in request.query:
        checks = await _check(request, page)
        async with request.app[DATABASE].reading() as session:
            page = await find_page(session, shop_of(request).key)
    return _render(request, page, checks=checks)


@routes.post(META_PAGE)
async def connect_page(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    sent = await request.post()
    try:
        form, app = fill(ConnectForm, sent), request.app
        page = await connect(
            app[DATABASE], app[GRAPHS], app[CLOCK],
            shop_id=shop_of(request).key, page_id=form.page_id, token=form.token,
            origin=app[OWN_ORIGIN], profile=_profile(request),
        )  # fmt: skip
    except ShopError as refused:
        return await _refused(request, refused, page_id=str(sent.get("page_id", ""))[:40])
    raise _back(request, "%(name)s is connected.", check=True, name=page.page_name)


@routes.post(META_PAGE + "/again")
async def set_up_again(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    app = request.app
    async with app[DATABASE].reading() as session:
        page = await get_page(session, shop_of(request).key)
    if not app[GRAPHS].settings.is_configured:
        raise AppNotConfigured()
    await set_up(app[GRAPHS], page, origin=app[OWN_ORIGIN], profile=_profile(request))
    raise _back(request, "Set up again. The list below shows how it went.", check=True)


@routes.post(META_PAGE + "/disconnect")
async def let_go(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    app = request.app
    await disconnect(app[DATABASE], app[GRAPHS], shop_id=shop_of(request).key, now=app[CLOCK]())
    raise _back(request, "The page is disconnected. Conversations and orders stay.")


async def _check(request: web.Request, page: MetaPage) -> list[Check]:
    app = request.app
    if not app[GRAPHS].settings.is_configured:
        return []
    return await check_all(app[DATABASE], app[GRAPHS], app[CLOCK], page, origin=app[OWN_ORIGIN])


def _profile(request: web.Request) -> Profile | None:
    profile_of = request.app.get(PROFILE_OF)
    return profile_of(shop_of(request)) if profile_of is not None else None


async def _refused(request: web.Request, refused: ShopError, *, page_id: str) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        page = await find_page(session, shop_of(request).key)
    if isinstance(refused, InvalidForm):
        errors = {name: translate(request, said) for name, said in refused.fields.items()}
    else:
        errors = {"token": translate(request, refused.sentence, **refused.details)}
    return _render(request, page, status=refused.status, errors=errors, page_id=page_id)


def _render(
    request: web.Request,
    page: MetaPage | None,
    *,
    status: int = 200,
    checks: list[Check] | None = None,
    errors: dict[str, str] | None = None,
    page_id: str = "",
) -> web.Response:
    app = request.app
    problem = tokens.SENTENCES.get(page.token_problem or "") if page else None
    return counter_page(
        request,
        "meta/settings.html",
        status=status,
        meta_page=page,
        problem=problem and translate(request, problem, detail=page.token_detail if page else ""),
        checks=checks,
        errors=errors or {},
        page_id=page_id,
        is_configured=app[GRAPHS].settings.is_configured,
        callback_url=app[OWN_ORIGIN] + WEBHOOK,
        is_secure=app[OWN_ORIGIN].startswith("https://"),
        scopes=tokens.PAGE_SCOPES + tokens.INSTAGRAM_SCOPES,
    )


def _back(
    request: web.Request, sentence: str, *, check: bool = False, **details: str
) -> web.HTTPSeeOther:
    redirect = web.HTTPSeeOther(META_PAGE + ("?check=1" if check else ""))
    flash(redirect, "success", translate(request, sentence, **details))
    return redirect
