"""The demo's settings: made up, on loopback, and deaf to `.env`."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from app.settings import ROOMS, Settings
from core.settings import CoreSettings, MailSettings
from meta.settings import MetaSettings
from payments.settings import PaymentSettings
from sandbox.mail.settings import MailSandboxSettings
from sandbox.settings import SandboxPage, SandboxSettings
from sandbox.stripe.settings import SandboxAccount, StripeSandboxSettings
from storefront.settings import ShopSettings

SLUG = "blumen"
SHOP_NAME = "Blumen am Markt"
APP_SECRET = "sandbox-app-secret"  # noqa: S105 - made up; it opens nothing
VERIFY_TOKEN = "sandbox-verify-token"  # noqa: S105 - made up; it opens nothing
STRIPE_KEY = "sk_test_tresen_demo_0001"
STRIPE_PATH = "demo-stripe-webhook-path"
STRIPE_WEBHOOK_SECRET = "whsec_tresen_demo_0001"  # noqa: S105 - made up; it opens nothing
BOUNCE_SECRET = "bounces-of-the-demo"  # noqa: S105 - made up; it opens nothing

STRIPE_PLATFORM_KEY = "sk_test_tresen_platform_1"
STRIPE_CONNECT_SECRET = "whsec_tresen_platform_1"  # noqa: S105 - made up; it opens nothing

PAGE = SandboxPage(
    page_id="102030405060708",
    name=SHOP_NAME,
    slug=SLUG,
    page_token="page-token-of-the-demo",  # noqa: S106 - made up; it opens nothing
    instagram_id="17841400000000001",
    instagram_username="blumen.am.markt",
    category="Blumenladen",
    about="Sträuße, Pflanzen und Kränze. Jeden Morgen frisch vom Großmarkt.",
    address="Marktplatz 3",
    opening_hours="Mo–Fr 8–18 Uhr, Sa 8–14 Uhr",
)


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Where everything listens. The two names differ on purpose: for the browser the shop's
    frame then comes from another site than the page around it, as on Facebook."""

    folder: Path
    product_port: int
    sandbox_port: int
    mail_port: int

    @property
    def product_url(self) -> str:
        return f"http://127.0.0.1:{self.product_port}"

    @property
    def sandbox_url(self) -> str:
        return f"http://localhost:{self.sandbox_port}"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'demo.db'}"


def forget_environment() -> None:
    """No setting of a real shop may leak into the demo. (`.env` is not read either.)"""
    for kind in ROOMS.values():
        prefix = kind.model_config.get("env_prefix", "")
        for name in kind.model_fields:
            os.environ.pop(f"{prefix}{name}".upper(), None)


def product_settings(plan: DemoPlan) -> Settings:
    return Settings(
        core=CoreSettings(
            _env_file=None,
            secret_key=SecretStr(secrets.token_urlsafe(48)),
            base_url=plan.product_url,
            port=plan.product_port,
            database_url=plan.database_url,
            log_level="warning",
        ),
        mail=MailSettings(
            _env_file=None, host="127.0.0.1", port=plan.mail_port, encryption="none",
            sender="laden@blumen-am-markt.example",
            return_path="zurueck@blumen-am-markt.example",
            bounce_secret=SecretStr(BOUNCE_SECRET),
        ),
        meta=MetaSettings(
            _env_file=None,
            app_id="1900000000000001",
            app_secret=SecretStr(APP_SECRET),
            verify_token=SecretStr(VERIFY_TOKEN),
            graph_url=f"{plan.sandbox_url}/graph",
            chat_url=f"{plan.sandbox_url}/m",
        ),
        payments=PaymentSettings(
            _env_file=None,
            stripe_api_url=f"{plan.sandbox_url}/stripe",
            connect_key=SecretStr(STRIPE_PLATFORM_KEY),
            connect_webhook_secret=SecretStr(STRIPE_CONNECT_SECRET),
        ),
        shop=ShopSettings(
            _env_file=None,
            frame_ancestors=plan.sandbox_url,
            payment_origins=plan.sandbox_url,
        ),
    )  # fmt: skip


def sandbox_settings(plan: DemoPlan) -> SandboxSettings:
    return SandboxSettings(
        base_url=plan.sandbox_url,
        product_url=plan.product_url,
        counter_url=f"{plan.sandbox_url}/doors/counter",
        app_id="1900000000000001",
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        pages=(PAGE,),
        stripe=StripeSandboxSettings(
            accounts=(
                SandboxAccount(
                    secret_key=STRIPE_KEY,
                    account_id="acct_1TresenDemo",
                    name=SHOP_NAME,
                    webhook_url=f"{plan.product_url}/webhooks/stripe/{STRIPE_PATH}",
                    webhook_secret=STRIPE_WEBHOOK_SECRET,
                ),
                SandboxAccount(
                    secret_key=STRIPE_PLATFORM_KEY,
                    account_id="acct_1TresenPlatform",
                    name="Tresen",
                    connect_webhook_url=f"{plan.product_url}/webhooks/stripe/connect",
                    connect_webhook_secret=STRIPE_CONNECT_SECRET,
                ),
            )
        ),
        mail=MailSandboxSettings(
            port=plan.mail_port,
            hook_url=f"{plan.product_url}/webhooks/mail",
            hook_secret=BOUNCE_SECRET,
        ),
    )
