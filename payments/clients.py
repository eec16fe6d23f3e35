"""One Stripe client for each shop's key, all over one connection pool."""

import aiohttp
import stripe
from aiohttp import web
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from core.vault import Vault
from payments.accounts import get_account
from payments.models import StripeAccount
from payments.settings import PaymentSettings

_KEPT = 200


class Stripes:
    """Made inside the running loop, with a ClientSession that somebody else closes."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: PaymentSettings,
        vault: Vault,
        *,
        timeout_seconds: float = 20,
        retries: int = 2,
    ) -> None:
        # A switch of the whole SDK: otherwise it writes an id into the home directory and
        # reports how long calls took.
        stripe.enable_telemetry = False
        self._http = http
        self._settings = settings
        self._vault = vault
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._retries = retries
        self._clients: dict[str, stripe.StripeClient] = {}

    async def client_for(self, session: AsyncSession, shop_id: int) -> stripe.StripeClient:
        """Raises PaymentsNotSetUp."""
        return self.client_of(await get_account(session, shop_id))

    def client_of(self, account: StripeAccount) -> stripe.StripeClient:
        return self.client_with(self._vault.open(account.sealed_key))

    def client_with(self, key: SecretStr) -> stripe.StripeClient:
        text = key.get_secret_value()
        if text not in self._clients:
            if len(self._clients) >= _KEPT:
                self._clients.clear()
            self._clients[text] = self._make(text)
        return self._clients[text]

    def _make(self, key: str) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            http_client=stripe.AIOHTTPClient(timeout=self._timeout, session=self._http),
            base_addresses={"api": self._settings.stripe_api_url.rstrip("/")},
            max_network_retries=self._retries,
        )


STRIPES: web.AppKey[Stripes] = web.AppKey("stripes", Stripes)
