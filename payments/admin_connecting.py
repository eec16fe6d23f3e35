"""Behind the counter: connecting the shop under the platform's account instead of pasting a key."""

from aiohttp import web

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import NotFound, ShopError
from payments.accounts import get_account
from payments.admin import PAGE, done, refused
from payments.clients import STRIPES
from payments.connecting import connect, onboarding_link
from payments.readiness import look_at_account
from staff.access import require_owner, shop_of

routes = web.RouteTableDef()

BACK = PAGE + "/connect/back"
AGAIN = PAGE + "/connect/again"


@routes.post(PAGE + "/connect")
async def begin(request: web.Request) -> web.StreamResponse:
    """Makes the account where there is none yet. From there a link leads to Stripe's form: the
    page's own forms may lead nowhere else (Content-Security-Policy: form-action)."""
    owner = require_owner(request)
    app, shop_id = request.app, shop_of(request).key
    if not app[STRIPES].connects:
        raise NotFound()
    try:
        await connect(app[DATABASE], app[STRIPES], app[CLOCK], shop_id=shop_id, by=owner.name)
    except ShopError as error:
        return await refused(request, error, field="connect")
    raise done(request, "Your account is there. Now tell Stripe about your business.")


@routes.get(AGAIN)
async def go_on(request: web.Request) -> web.StreamResponse:
    """To Stripe's form by a new link; Stripe leads here too when one was used or is too old."""
    require_owner(request)
    try:
        return await _to_form(request)
    except ShopError as error:
        return await refused(request, error, field="connect")


async def _to_form(request: web.Request) -> web.Response:
    app, origin = request.app, request.app[OWN_ORIGIN]
    async with app[DATABASE].reading() as session:
        account = await get_account(session, shop_of(request).key)
    if not account.is_connected or account.account_id is None:
        return web.Response(status=303, headers={"Location": PAGE})
    link = await onboarding_link(app[STRIPES], account, back=origin + BACK, again=origin + AGAIN)
    return web.Response(status=303, headers={"Location": link})


@routes.get(BACK)
async def come_back(request: web.Request) -> web.StreamResponse:
    """Coming back says nothing about what was told there: the account is read."""
    require_owner(request)
    app = request.app
    try:
        account = await look_at_account(
            app[DATABASE], app[STRIPES], app[CLOCK], shop_id=shop_of(request).key
        )
    except ShopError as error:
        return await refused(request, error, field="connect")
    if account is not None and account.charges_enabled:
        raise done(request, "Connected: your shop can take payments.")
    raise done(request, "You are back. What Stripe still needs stands below.")
