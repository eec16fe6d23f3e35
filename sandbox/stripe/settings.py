"""Which accounts the small Stripe holds, and how quickly money moves in it."""

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

KEY_PREFIXES = ("sk_test_", "rk_test_")


class SandboxAccount(BaseModel):
    """One key of a Stripe account; two keys of one account are two of these.

    `connect_webhook_url` is told about the accounts connected to this one. `platform` is the Connect platform that may act for the account, if any. `lacks` are the
    rights a restricted key (rk_test_…) has not, like "POST /v1/refunds" or "GET /v1".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret_key: str
    account_id: str
    name: str
    webhook_url: str | None = None
    webhook_secret: str = ""
    webhook_events: tuple[str, ...] = ("*",)
    connect_webhook_url: str | None = None
    connect_webhook_secret: str = ""
    country: str = "DE"
    currency: str = "eur"
    platform: str = ""
    lacks: tuple[str, ...] = ()

    @field_validator("secret_key")
    @classmethod
    def is_a_test_key(cls, value: str) -> str:
        if not value.startswith(KEY_PREFIXES) or len(value) < 16:
            raise ValueError(
                "the sandbox takes made-up test keys only: sk_test_… or rk_test_…, "
                "16 characters or more; never put a live key here"
            )
        return value

    @field_validator("account_id", "platform")
    @classmethod
    def is_an_account_id(cls, value: str) -> str:
        if value and not value.startswith("acct_"):
            raise ValueError("an account id starts with acct_")
        return value

    @model_validator(mode="after")
    def holds_together(self) -> "SandboxAccount":
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("webhook_url needs a webhook_secret, or nothing could be verified")
        if self.connect_webhook_url and not self.connect_webhook_secret:
            raise ValueError("connect_webhook_url needs a connect_webhook_secret")
        if self.lacks and not self.secret_key.startswith("rk_"):
            raise ValueError("only a restricted key (rk_test_…) can lack rights")
        return self


class StripeSandboxSettings(BaseModel):
    """`settle_after_s` is how long a bank debit is under way; with real banks it is days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: tuple[SandboxAccount, ...] = ()
    settle_after_s: float = 20
    refund_after_s: float = 10
    hold_s: float = 30
    opening_balance_minor: int = 1_000_000
