"""One Stripe client for each shop, all over one connection pool."""

import aiohttp
import stripe
from aiohttp import web
from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from core.vault import Vault
from payments.accounts import get_account
from payments.errors import PaymentsNotSetUp
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
        self._clients: dict[tuple[str, str | None], stripe.StripeClient] = {}

    @property
    def settings(self) -> PaymentSettings:
        return self._settings

    @property
    def connects(self) -> bool:
        """Whether this installation is a Connect platform."""
        return bool(self._settings.connect_key.get_secret_value())

    async def client_for(self, session: AsyncSession, shop_id: int) -> stripe.StripeClient:
        """Raises PaymentsNotSetUp."""
        return self.client_of(await get_account(session, shop_id))

    def client_of(self, account: StripeAccount) -> stripe.StripeClient:
        """With the shop's own key, or in its name under the platform's. Raises PaymentsNotSetUp."""
        if not account.is_connected:
            return self.client_with(self._vault.open(account.sealed_key))
        if account.account_id is None:
            raise PaymentsNotSetUp()
        return self.client_with(self._platform_key(), account.account_id)

    def platform(self) -> stripe.StripeClient:
        """Raises PaymentsNotSetUp where this installation is no Connect platform."""
        return self.client_with(self._platform_key())

    def _platform_key(self) -> SecretStr:
        if not self.connects:
            raise PaymentsNotSetUp()
        return self._settings.connect_key

    def client_with(self, key: SecretStr, account_id: str | None = None) -> stripe.StripeClient:
        which = (key.get_secret_value(), account_id)
        if which not in self._clients:
            if len(self._clients) >= _KEPT:
                self._clients.clear()
            self._clients[which] = self._make(*which)
        return self._clients[which]

    def _make(self, key: str, account_id: str | None) -> stripe.StripeClient:
        return stripe.StripeClient(
            key,
            stripe_account=account_id,
            http_client=stripe.AIOHTTPClient(timeout=self._timeout, session=self._http),
            base_addresses={"api": self._settings.stripe_api_url.rstrip("/")},
            max_network_retries=self._retries,
        )


STRIPES: web.AppKey[Stripes] = web.AppKey("stripes", Stripes)
