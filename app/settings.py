"""All settings of all rooms, read together so that every mistake is told at once."""

from dataclasses import dataclass

from aiohttp import web
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from core.errors import BadSetting
from core.settings import CoreSettings, MailSettings
from meta.settings import MetaSettings
from payments.settings import PaymentSettings
from storefront.settings import ShopSettings


@dataclass(frozen=True, slots=True)
class Settings:
    core: CoreSettings
    mail: MailSettings
    meta: MetaSettings
    payments: PaymentSettings
    shop: ShopSettings


ROOMS: dict[str, type[BaseSettings]] = {
    "core": CoreSettings,
    "mail": MailSettings,
    "meta": MetaSettings,
    "payments": PaymentSettings,
    "shop": ShopSettings,
}


def read_settings() -> Settings:
    """From the environment and `.env`. Raises BadSetting naming every variable that is wrong."""
    read: dict[str, BaseSettings] = {}
    mistakes: list[str] = []
    for room, kind in ROOMS.items():
        try:
            read[room] = kind()
        except ValidationError as error:
            mistakes += _sentences(kind, error)
    if mistakes:
        raise BadSetting("These settings need your attention:\n" + "\n".join(mistakes))
    return Settings(**read)  # type: ignore[arg-type]  # each name has settings of its own class


def _sentences(kind: type[BaseSettings], error: ValidationError) -> list[str]:
    prefix = kind.model_config.get("env_prefix", "")
    return [
        f"  {prefix}{'.'.join(map(str, problem['loc']))}".upper() + f": {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    ]


SETTINGS: web.AppKey[Settings] = web.AppKey("settings", Settings)
