"""Settings of the installation itself."""

from typing import Literal

from pydantic import AnyHttpUrl, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class CoreSettings(BaseSettings):
    """Read from the environment and `.env`; see `.env.example` for what each one means."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    secret_key: SecretStr
    base_url: AnyHttpUrl
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = "sqlite:///tresen.db"
    cache_url: str = "memory://"
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    trusted_proxies: int = Field(default=0, ge=0, le=5)

    @field_validator("secret_key")
    @classmethod
    def is_long_enough(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError(
                "needs at least 32 characters; make one with: "
                'python -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
        return value

    @property
    def origin(self) -> str:
        """`https://shop.example` without a trailing slash: what browsers send as Origin."""
        return str(self.base_url).rstrip("/")


class MailSettings(BaseSettings):
    """Where e-mails leave. Without a host, e-mails wait in the outbox and the counter says so."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="MAIL_", extra="ignore", frozen=True
    )

    host: str = ""
    port: int = 587
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    return_path: str = ""
    bounce_secret: SecretStr = SecretStr("")
