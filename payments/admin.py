"""Payment settings behind the counter: whose Stripe account, and does it work?"""

from decimal import Decimal

from aiohttp import web
from babel.numbers import format_decimal
from pydantic import SecretStr

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import InvalidForm, ShopError
from core.logs import log
from core.pages import translate
from core.vault import VAULT
from payments.accounts import find_account, get_account, keep_account, keep_webhook_secret
from payments.checking import Checked, check_again, check_with_stripe
from payments.clients import STRIPES
from payments.endpoints import create_endpoint
from payments.errors import KeyLacksRights, KeyMissesRights, NotAWebhookSecret, PaymentsRefused
from payments.forms import KeyForm, WebhookForm
from payments.readiness import apply_account
from payments.rights import RIGHTS
from payments.routes import WEBHOOK_PATH
from payments.setup import is_public, is_ready, readiness
from payments.webhooks import WANTED_EVENTS, last_webhook_at
from payments.words import explain_requirements
from staff.access import counter_page, member_of, require_owner, shop_of
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
    require_owner(request)
    try:
        form = fill(KeyForm, await request.post())
        checked = await check_with_stripe(request.app[STRIPES], form.key)
        if checked.missing:
            missing = KeyMissesRights(rights=", ".join(checked.missing))
            return await refused(request, missing, field="key", rights=checked.rights)
        await _keep(request, form, checked)
    except ShopError as error:
        return await refused(request, error, field="key")
    await _set_up_if_possible(request)
    raise done(request, "The key works and was saved.")


async def _keep(request: web.Request, form: KeyForm, checked: Checked) -> None:
    now, seen = request.app[CLOCK](), checked.account
    async with request.app[DATABASE].transaction() as session:
        account = await keep_account(
            session, request.app[VAULT], shop_of(request).key, key=form.key,
            account_id=seen.account_id if seen else None,
            account_name=seen.name if seen else None,
            by=member_of(request).name, now=now,
        )  # fmt: skip
        account.rights, account.checked_at = checked.rights, now
        if seen is not None:
            await apply_account(session, account, seen, now)
        if form.webhook_secret.get_secret_value().strip():
            keep_webhook_secret(account, request.app[VAULT], form.webhook_secret)


async def _set_up_if_possible(request: web.Request) -> None:
    """The second step goes by itself where the key may do it and Stripe can reach the address."""
    async with request.app[DATABASE].reading() as session:
        account = await get_account(session, shop_of(request).key)
    may = account.rights.get("Webhook Endpoints: Write")
    if account.sealed_webhook_secrets or not may or not is_public(request.app[OWN_ORIGIN]):
        return
    try:
        await _create_endpoint(request)
    except ShopError as error:
        # The key is good all the same; the page offers this step again.
        log(__name__).warning("endpoint_not_created", trouble=str(error))


@routes.post(PAGE + "/check")
async def check(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    app, shop_id = request.app, shop_of(request).key
    try:
        await check_again(app[DATABASE], app[STRIPES], app[CLOCK], shop_id=shop_id)
    except ShopError as error:
        return await refused(request, error, field="key")
    raise done(request, "Checked. What was found stands below.")


@routes.post(PAGE + "/webhook")
async def save_webhook_secret(request: web.Request) -> web.StreamResponse:
    require_owner(request)
    try:
        await _keep_secret(request, fill(WebhookForm, await request.post()).webhook_secret)
    except ShopError as error:
        return await refused(request, error, field="webhook_secret")
    raise done(request, "The webhook secret was saved.")


@routes.post(PAGE + "/webhook/create")
async def set_up_webhook(request: web.Request) -> web.StreamResponse:
    """Stripe is told the address; the secret it answers with is never shown to anybody."""
    require_owner(request)
    try:
        await _create_endpoint(request)
    except ShopError as error:
        return await refused(request, error, field="webhook")
    raise done(request, "Stripe now tells the shop about payments.")


async def _create_endpoint(request: web.Request) -> None:
    app, shop_id = request.app, shop_of(request).key
    async with app[DATABASE].reading() as session:
        account = await get_account(session, shop_id)
    url = endpoint_url(request, account.path_token)
    secret = await create_endpoint(app[DATABASE], app[STRIPES], app[CLOCK], shop_id, url)
    await _keep_secret(request, secret)


async def _keep_secret(request: web.Request, secret: SecretStr) -> None:
    async with request.app[DATABASE].transaction() as session:
        account = await get_account(session, shop_of(request).key)
        keep_webhook_secret(account, request.app[VAULT], secret)
        session.add(account)


def endpoint_url(request: web.Request, path_token: str) -> str:
    return request.app[OWN_ORIGIN] + WEBHOOK_PATH.format(path_token=path_token)


async def refused(
    request: web.Request, error: ShopError, *, field: str, rights: dict[str, bool] | None = None
) -> web.Response:
    """The form again, with the reason beside the field it belongs to."""
    if isinstance(error, InvalidForm):
        errors = {name: translate(request, text) for name, text in error.fields.items()}
    elif isinstance(error, KeyLacksRights) and field == "webhook":
        errors = {field: translate(request, "The key may not create webhook endpoints. Please copy the address and paste the secret yourself.")}  # fmt: skip
    elif isinstance(error, PaymentsRefused):
        errors = {field: translate(request, "Stripe said: %(reason)s", reason=error.reason)}
    else:
        name = "webhook_secret" if isinstance(error, NotAWebhookSecret) else field
        errors = {name: translate(request, error.sentence, **error.details)}
    return await _page(request, status=422, errors=errors, rights=rights)


async def _page(
    request: web.Request,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    rights: dict[str, bool] | None = None,
) -> web.Response:
    shop, origin = shop_of(request), request.app[OWN_ORIGIN]
    async with request.app[DATABASE].reading() as session:
        account = await find_account(session, shop.key)
        heard_at = await last_webhook_at(session, shop.key)
    return counter_page(
        request,
        "payments/settings.html",
        status=status,
        account=account,
        heard_at=heard_at,
        endpoint=endpoint_url(request, account.path_token) if account else None,
        wanted_events=WANTED_EVENTS,
        errors=errors or {},
        all_rights=RIGHTS,
        rights=rights if rights is not None else (account.rights if account else {}),
        checks=readiness(account, shop.currency, origin) if account else [],
        is_ready=account is not None and is_ready(account),
        requirements=explain_requirements(account.requirements) if account else [],
        connects=request.app[STRIPES].connects,
        fee=_percent(request),
    )


def _percent(request: web.Request) -> str:
    """What the platform keeps, as the reader writes numbers; empty where it keeps nothing."""
    share = Decimal(request.app[STRIPES].settings.connect_fee_bp) / 100
    return format_decimal(share, locale=member_of(request).locale) if share else ""


def done(request: web.Request, sentence: str) -> web.HTTPSeeOther:
    redirect = web.HTTPSeeOther(PAGE)
    flash(redirect, "success", translate(request, sentence))
    return redirect
