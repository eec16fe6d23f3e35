"""What the Meta app is called, what it signs with, and where the Graph API lives."""

import re
from functools import cached_property
from typing import Annotated

from aiohttp import web
from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class MetaSettings(BaseSettings):
    """Read from the environment and `.env`; see `.env.example` for what each one means."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="META_", extra="ignore", frozen=True
    )

    app_id: str = ""
    app_secret: SecretStr = SecretStr("")
    more_app_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    verify_token: SecretStr = SecretStr("")
    graph_url: str = "https://graph.facebook.com"
    graph_version: str = "v25.0"
    chat_url: str = "https://m.me"

    @field_validator("more_app_secrets", mode="before")
    @classmethod
    def separate(cls, value: object) -> object:
        """`former-secret, instagram-secret`: commas between them."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("graph_version")
    @classmethod
    def names_a_version(cls, value: str) -> str:
        if not re.fullmatch(r"v\d{1,3}\.\d", value):
            raise ValueError("write a Graph API version such as v25.0")
        return value

    @field_validator("graph_url", "chat_url")
    @classmethod
    def has_no_slash_at_the_end(cls, value: str) -> str:
        return value.rstrip("/")

    @cached_property
    def secrets(self) -> tuple[SecretStr, ...]:
        """All that webhooks may be signed with: today's first, then former ones and the
        Instagram app's (apps on Instagram Login sign with a secret of their own)."""
        candidates = (self.app_secret, *self.more_app_secrets)
        return tuple(secret for secret in candidates if secret.get_secret_value())

    @property
    def is_configured(self) -> bool:
        return bool(self.app_id and self.app_secret.get_secret_value())


META: web.AppKey[MetaSettings] = web.AppKey("meta", MetaSettings)
