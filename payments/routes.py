"""Where Stripe tells shops what changed."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import NotFound
from core.logs import log
from core.vault import VAULT
from payments.accounts import find_account_by_path, find_connected
from payments.clients import STRIPES
from payments.signatures import is_genuine
from payments.webhooks import STRIPE_INTAKE, account_in, arrival_of, arrival_of_nobody

routes = web.RouteTableDef()

LARGEST_BODY = 1024 * 1024
CONNECT_PATH = "/webhooks/stripe/connect"
WEBHOOK_PATH = "/webhooks/stripe/{path_token}"


@routes.post(CONNECT_PATH)
async def receive_for_platform(request: web.Request) -> web.Response:
    """All connected accounts' events, signed with the platform's secret. Live endpoints are told
    about test payments too (Stripe docs: Connect webhooks), so the mode is part of whose it is."""
    app, now = request.app, request.app[CLOCK]()
    secret = app[STRIPES].settings.connect_webhook_secret
    if not secret.get_secret_value():
        raise NotFound()
    raw = await _body(request)
    if not is_genuine(raw, request.headers.get("Stripe-Signature"), [secret], now=now):
        log(__name__).warning("webhook_refused", connect=True)
        return _refused()
    account_id, livemode = account_in(raw)
    async with app[DATABASE].reading() as session:
        account = await find_connected(session, account_id, livemode=livemode)
    told = (
        arrival_of(raw, account, now=now)
        if account is not None
        else arrival_of_nobody(raw, account_id, now=now)
    )
    await app[STRIPE_INTAKE].store([told])
    return web.json_response({"received": True})


@routes.post(WEBHOOK_PATH)
async def receive(request: web.Request) -> web.Response:
    """200 only when the event is durable. Otherwise Stripe delivers again, for up to three days."""
    app, now = request.app, request.app[CLOCK]()
    async with app[DATABASE].reading() as session:
        account = await find_account_by_path(session, request.match_info["path_token"])
    if account is None or not account.sealed_webhook_secrets:
        raise NotFound()
    raw = await _body(request)
    secrets = [app[VAULT].open(sealed) for sealed in account.sealed_webhook_secrets]
    if not is_genuine(raw, request.headers.get("Stripe-Signature"), secrets, now=now):
        log(__name__).warning("webhook_refused", shop_id=account.shop_id)
        return _refused()
    await app[STRIPE_INTAKE].store([arrival_of(raw, account, now=now)])
    return web.json_response({"received": True})


async def _body(request: web.Request) -> bytes:
    if (request.content_length or 0) > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, request.content_length or 0)
    return await request.read()


def _refused() -> web.Response:
    return web.json_response({"error": "the signature does not fit"}, status=400)
