"""Where Stripe answers."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class PaymentSettings(BaseSettings):
    """The shops' own keys are rows, pasted at the counter; nothing of theirs stands here."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="PAYMENT_", extra="ignore", frozen=True
    )

    stripe_api_url: str = "https://api.stripe.com"
