"""Payment settings behind the counter: whose Stripe account, and does it work?"""

from aiohttp import web
from pydantic import SecretStr

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.pages import translate
from core.vault import VAULT
from payments.accounts import find_account, get_account, keep_account, keep_webhook_secret
from payments.checking import check_with_stripe
from payments.clients import STRIPES
from payments.endpoints import create_endpoint
from payments.errors import KeyLacksRights, KeyMissesRights, NotAWebhookSecret, PaymentsRefused
from payments.forms import KeyForm, WebhookForm
from payments.routes import WEBHOOK_PATH
from payments.webhooks import WANTED_EVENTS, last_webhook_at
from staff.access import counter_page, require_owner, shop_of
from staff.cookies import flash
from staff.forms import fill

routes = web.RouteTableDef()

PAGE = "/counter/settings/payments"


@routes.get(PAGE)
async def show(request: web.Request) -> web.Response:
    require_owner(request)
    return await _page(request)


@routes.post(PAGE)
async def save_key(request: web.Request) -> web.StreamResponse:
    """Kept only when Stripe accepts it and it may do all the shop needs."""
    owner = require_owner(request)
    try:
        form = fill(KeyForm, await request.post())
        checked = await check_with_stripe(request.app[STRIPES], form.key)
        if checked.missing:
            raise KeyMissesRights(rights=", ".join(checked.missing))
        async with request.app[DATABASE].transaction() as session:
            account = await keep_account(
                session, request.app[VAULT], shop_of(request).key, key=form.key,
                account_id=checked.account_id, account_name=checked.account_name,
                by=owner.name, now=request.app[CLOCK](),
            )  # fmt: skip
            if form.webhook_secret.get_secret_value().strip():
                keep_webhook_secret(account, request.app[VAULT], form.webhook_secret)
    except ShopError as refused:
        return await _refused(request, refused, field="key")
    raise _done(request, "The key works and was saved.")


@routes.post(PAGE + "/webhook")
async def save_webhook_secret(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    try:
        await _keep_secret(request, fill(WebhookForm, await request.post()).webhook_secret)
    except ShopError as refused:
        return await _refused(request, refused, field="webhook_secret")
    raise _done(request, "The webhook secret was saved.")


@routes.post(PAGE + "/webhook/create")
async def set_up_webhook(request: web.Request) -> web.StreamResponse:
    """Stripe is told the address; the secret it answers with is never shown to anybody."""
    require_owner(request)
    app, shop_id = request.app, shop_of(request).key
    try:
        async with app[DATABASE].reading() as session:
            account = await get_account(session, shop_id)
        url = endpoint_url(request, account.path_token)
        secret = await create_endpoint(app[DATABASE], app[STRIPES], app[CLOCK], shop_id, url)
        await _keep_secret(request, secret)
    except ShopError as refused:
        return await _refused(request, refused, field="webhook")
    raise _done(request, "Stripe now tells the shop about payments.")


async def _keep_secret(request: web.Request, secret: SecretStr) -> None:
    async with request.app[DATABASE].transaction() as session:
        account = await get_account(session, shop_of(request).key)
        keep_webhook_secret(account, request.app[VAULT], secret)
        session.add(account)


def endpoint_url(request: web.Request, path_token: str) -> str:
    return request.app[OWN_ORIGIN] + WEBHOOK_PATH.format(path_token=path_token)


async def _refused(request: web.Request, refused: ShopError, *, field: str) -> web.Response:
    """The form again, with the reason beside the field it belongs to."""
    if isinstance(refused, InvalidForm):
        errors = {name: translate(request, text) for name, text in refused.fields.items()}
    elif isinstance(refused, KeyLacksRights) and field == "webhook":
        errors = {field: translate(request, "The key may not create webhook endpoints. Please copy the address and paste the secret yourself.")}  # fmt: skip
    elif isinstance(refused, PaymentsRefused):
        errors = {field: translate(request, "Stripe said: %(reason)s", reason=refused.reason)}
    else:
        name = "webhook_secret" if isinstance(refused, NotAWebhookSecret) else field
        errors = {name: translate(request, refused.sentence, **refused.details)}
    return await _page(request, status=422, errors=errors)


async def _page(
    request: web.Request, *, status: int = 200, errors: dict[str, str] | None = None
) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        account = await find_account(session, shop_of(request).key)
        heard_at = await last_webhook_at(session, shop_of(request).key)
    return counter_page(
        request,
        "payments/settings.html",
        status=status,
        account=account,
        heard_at=heard_at,
        endpoint=endpoint_url(request, account.path_token) if account else None,
        wanted_events=WANTED_EVENTS,
        errors=errors or {},
    )


def _done(request: web.Request, sentence: str) -> web.HTTPSeeOther:
    redirect = web.HTTPSeeOther(PAGE)
    flash(redirect, "success", translate(request, sentence))
    return redirect
