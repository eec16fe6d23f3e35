"""Where Stripe tells shops what changed."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import NotFound
from core.logs import log
from core.vault import VAULT
from payments.accounts import find_account_by_path
from payments.signatures import is_genuine
from payments.webhooks import STRIPE_INTAKE, arrival_of

routes = web.RouteTableDef()

LARGEST_BODY = 1024 * 1024
WEBHOOK_PATH = "/webhooks/stripe/{path_token}"


@routes.post(WEBHOOK_PATH)
async def receive(request: web.Request) -> web.Response:
    """200 only when the event is durable. Otherwise Stripe delivers again, for up to three days."""
    app, now = request.app, request.app[CLOCK]()
    async with app[DATABASE].reading() as session:
        account = await find_account_by_path(session, request.match_info["path_token"])
    if account is None or not account.sealed_webhook_secrets:
        raise NotFound()
    if (request.content_length or 0) > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, request.content_length or 0)
    raw = await request.read()
    secrets = [app[VAULT].open(sealed) for sealed in account.sealed_webhook_secrets]
    if not is_genuine(raw, request.headers.get("Stripe-Signature"), secrets, now=now):
        log(__name__).warning("webhook_refused", shop_id=account.shop_id)
        return web.json_response({"error": "the signature does not fit"}, status=400)
    await app[STRIPE_INTAKE].store([arrival_of(raw, account, now=now)])
    return web.json_response({"received": True})
