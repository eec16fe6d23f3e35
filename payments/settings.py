"""Where Stripe answers, and the platform's key where shops are connected instead of pasting one."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class PaymentSettings(BaseSettings):
    """The shops' own keys are rows, pasted at the counter; nothing of theirs stands here.

    `connect_fee_bp`: what the platform keeps of each payment, in hundredths of a percent.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="PAYMENT_", extra="ignore", frozen=True
    )

    stripe_api_url: str = "https://api.stripe.com"
    connect_key: SecretStr = SecretStr("")
    connect_webhook_secret: SecretStr = SecretStr("")
    connect_fee_bp: int = Field(default=0, ge=0, le=5000)
