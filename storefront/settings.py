"""Settings of the shop window."""

from aiohttp import web
from pydantic_settings import BaseSettings, SettingsConfigDict


class ShopSettings(BaseSettings):
    """Read from the environment and `.env`; see `.env.example` for what each one means."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="SHOP_", extra="ignore", frozen=True
    )

    frame_ancestors: str = ""
    payment_origins: str = "https://checkout.stripe.com"
    orders_per_ten_minutes: int = 120

    @property
    def frames(self) -> str:
        """Who may frame the shop (CSP source list): Meta's sites, and what is configured.

        Messenger Platform docs, "Webviews": messenger.com and facebook.com must be allowed.
        """
        meta = "'self' https://*.facebook.com https://*.messenger.com https://*.instagram.com"
        return f"{meta} {self.frame_ancestors}".strip()


SHOP: web.AppKey[ShopSettings] = web.AppKey("shop_settings", ShopSettings)
