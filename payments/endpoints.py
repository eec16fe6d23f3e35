"""Our webhook endpoint at Stripe, set up through the API: its secret is shown only then."""

from typing import cast

import stripe
from pydantic import SecretStr
from stripe.params import WebhookEndpointCreateParams

from core.clock import Clock
from core.database import Database
from payments.asking import ask
from payments.clients import Stripes
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

    return await ask(db, stripes, clock, shop_id, create)


def _params(url: str) -> WebhookEndpointCreateParams:
    """Events are rendered as the SDK knows them, whatever the account's default version is."""
    params = {
        "url": url,
        "enabled_events": list(WANTED_EVENTS),
        "api_version": stripe.api_version,
        "description": "Tresen",
    }
    return cast("WebhookEndpointCreateParams", params)
