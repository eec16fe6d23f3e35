"""The team, and everybody's own profile."""

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.pages import CHOSEN_LOCALE, PAGES, translate
from core.signing import SIGNER
from staff.access import counter_page, member_of, require_owner, shop_of
from staff.browsers import name_browser
from staff.cookies import flash, keep_session, read_session_token
from staff.errors import WrongPassword
from staff.forms import InvitationForm, PasswordForm, PricesForm, ProfileForm, RoleForm, fill
from staff.invitations import make_link
from staff.letters import write_invitation
from staff.members import (
    change_role,
    dismiss,
    get_member,
    hire,
    let_set_prices,
    list_members,
    set_password,
)
from staff.models import Member
from staff.passwords import PASSWORDS
from staff.sessions import digest, list_sessions, open_session

routes = web.RouteTableDef()

TEAM = "/counter/settings/team"
PROFILE = "/counter/profile"


@routes.get(TEAM)
async def show_team(request: web.Request) -> web.Response:
    return await _team_page(request)


@routes.post(TEAM)
async def invite(request: web.Request) -> web.Response:
    """The link is shown as well as sent: not every shop has a mail server yet."""
    require_owner(request)
    sent = await request.post()
    try:
        form = fill(InvitationForm, sent)
        member, link = await _hire(request, form)
    except ShopError as refused:
        fields = refused.fields if isinstance(refused, InvalidForm) else {"email": refused.sentence}
        return await _team_page(request, status=refused.status, errors=fields, values=dict(sent))
    return await _team_page(request, invited=member, link=link)


async def _hire(request: web.Request, form: InvitationForm) -> tuple[Member, str]:
    app, shop, now = request.app, shop_of(request), request.app[CLOCK]()
    async with app[DATABASE].transaction() as session:
        member = await hire(
            session, shop.key, form.name, form.email, form.role, locale=form.locale, now=now
        )
        link = await _link(request, session, member)
        await write_invitation(session, app[PAGES], shop, member, link, now=now)
    return member, link


async def _link(request: web.Request, session: AsyncSession, member: Member) -> str:
    signer, now = request.app[SIGNER], request.app[CLOCK]()
    return await make_link(session, signer, member, request.app[OWN_ORIGIN], now)


@routes.post(TEAM + "/{member_id:\\d{1,9}}/link")
async def renew_link(request: web.Request) -> web.Response:
    """For an invitation that was lost, or a member without their password."""
    require_owner(request)
    app, shop, now = request.app, shop_of(request), request.app[CLOCK]()
    async with app[DATABASE].transaction() as session:
        member = await get_member(session, shop.key, _member_id(request))
        link = await _link(request, session, member)
        await write_invitation(session, app[PAGES], shop, member, link, now=now)
    return await _team_page(request, invited=member, link=link)


@routes.post(TEAM + "/{member_id:\\d{1,9}}/role")
async def set_role(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    form = fill(RoleForm, await request.post())
    async with request.app[DATABASE].transaction() as session:
        await change_role(session, shop_of(request).key, _member_id(request), form.role)
    raise _back(request, TEAM, "The role was changed.")


@routes.post(TEAM + "/{member_id:\\d{1,9}}/prices")
async def set_prices_right(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    form = fill(PricesForm, await request.post())
    async with request.app[DATABASE].transaction() as session:
        await let_set_prices(
            session, shop_of(request).key, _member_id(request), allowed=form.allowed
        )
    raise _back(request, TEAM, "The right was changed.")


@routes.post(TEAM + "/{member_id:\\d{1,9}}/dismiss")
async def remove(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    async with request.app[DATABASE].transaction() as session:
        shop_id, now = shop_of(request).key, request.app[CLOCK]()
        await dismiss(session, shop_id, _member_id(request), now=now)
    raise _back(request, TEAM, "They can no longer sign in. What they wrote stays.")


@routes.get(PROFILE)
async def show_profile(request: web.Request) -> web.Response:
    return await _profile_page(request)


@routes.post(PROFILE)
async def save_profile(request: web.Request) -> web.StreamResponse:
    try:
        form = fill(ProfileForm, await request.post())
    except InvalidForm as refused:
        if "name" not in refused.fields:
            raise
        return await _profile_page(request, status=422, errors=refused.fields)
    async with request.app[DATABASE].transaction() as session:
        member = await get_member(session, shop_of(request).key, member_of(request).key)
        member.name, member.locale = form.name, form.locale
        session.add(member)
    request[CHOSEN_LOCALE] = form.locale
    raise _back(request, PROFILE, "Saved.")


@routes.post(PROFILE + "/password")
async def change_password(request: web.Request) -> web.StreamResponse:
    """All other browsers are signed out; this one stays."""
    form, app = fill(PasswordForm, await request.post()), request.app
    try:
        if not await app[PASSWORDS].fits(form.present, member_of(request).password_hash):
            raise WrongPassword()
        async with app[DATABASE].transaction() as session:
            member = await get_member(session, shop_of(request).key, member_of(request).key)
            await set_password(session, member, form.new, passwords=app[PASSWORDS])
            browser = request.headers.get("User-Agent", "")
            token = await open_session(session, member, browser=browser, now=app[CLOCK]())
    except ShopError as refused:
        field = "present" if isinstance(refused, WrongPassword) else "new"
        return await _profile_page(request, status=422, errors={field: refused.sentence})
    answer = _back(request, PROFILE, "Your password was changed. Other browsers are signed out.")
    keep_session(request, answer, token)
    raise answer


async def _team_page(request: web.Request, *, status: int = 200, **context: object) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        members = await list_members(session, shop_of(request).key)
    shown = {"invited": None, "link": None, "errors": {}, "values": {}} | context
    return counter_page(request, "staff/team.html", status=status, members=members, **shown)


async def _profile_page(
    request: web.Request, *, status: int = 200, errors: dict[str, str] | None = None
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        sessions = await list_sessions(session, member_of(request).key)
    here = digest(read_session_token(request) or "")
    return counter_page(
        request,
        "staff/profile.html",
        status=status,
        sessions=sessions,
        name_browser=name_browser,
        here=here,
        errors=errors or {},
    )


def _member_id(request: web.Request) -> int:
    return int(request.match_info["member_id"])


def _back(request: web.Request, way: str, sentence: str) -> web.HTTPSeeOther:
    redirect = web.HTTPSeeOther(way)
    flash(redirect, "success", translate(request, sentence))
    return redirect
