"""Our webhook endpoint at Stripe, set up through the API: its secret is shown only then."""

from typing import cast

import stripe
from pydantic import SecretStr
from stripe.params import WebhookEndpointCreateParams

from core.clock import Clock
from core.database import Database
from payments.accounts import get_account
from payments.asking import ask
from payments.clients import Stripes
from payments.errors import KeyLacksRights
from payments.routes import WEBHOOK_PATH
from payments.webhooks import WANTED_EVENTS


async def create_endpoint(
    db: Database, stripes: Stripes, clock: Clock, shop_id: int, url: str
) -> SecretStr:
    """Replaces a former endpoint at the same address. Raises PaymentsRefused (an address Stripe
    cannot reach), KeyLacksRights, PaymentsUnavailable."""

    async def create(client: stripe.StripeClient) -> SecretStr:
        endpoints = client.v1.webhook_endpoints
        former = await endpoints.list_async({"limit": 100})
        made = await endpoints.create_async(_params(url))
        for one in former.data:
            if one.url == url:
                await endpoints.delete_async(one.id)
        return SecretStr(made.secret or "")

    secret = await ask(db, stripes, clock, shop_id, create, is_needed=False)
    await _note(db, clock, shop_id, "enabled", stripe.api_version)
    return secret


async def look_at_endpoint(db: Database, stripes: Stripes, clock: Clock, *, shop_id: int) -> None:
    """How Stripe has the endpoint now: it switches off what never answers. A key that may not
    look leaves that unknown."""
    async with db.reading() as session:
        path = WEBHOOK_PATH.format(path_token=(await get_account(session, shop_id)).path_token)

    async def find(client: stripe.StripeClient) -> stripe.WebhookEndpoint | None:
        listed = await client.v1.webhook_endpoints.list_async({"limit": 100})
        async for one in listed.auto_paging_iter():
            if one.url.endswith(path):
                return one
        return None

    try:
        found = await ask(db, stripes, clock, shop_id, find, is_needed=False)
    except KeyLacksRights:
        await _note(db, clock, shop_id, "unreadable", None)
        return
    if found is None:
        await _note(db, clock, shop_id, "missing", None)
    else:
        await _note(db, clock, shop_id, found.status, found.api_version)


async def _note(db: Database, clock: Clock, shop_id: int, status: str, version: str | None) -> None:
    async with db.transaction() as session:
        account = await get_account(session, shop_id)
        account.endpoint_status, account.endpoint_version = status[:20], version
        account.endpoint_seen_at = clock()
        session.add(account)


def _params(url: str) -> WebhookEndpointCreateParams:
    """Events are rendered as the SDK knows them, whatever the account's default version is."""
    params = {
        "url": url,
        "enabled_events": list(WANTED_EVENTS),
        "api_version": stripe.api_version,
        "description": "Tresen",
    }
    return cast("WebhookEndpointCreateParams", params)
