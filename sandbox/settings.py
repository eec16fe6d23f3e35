"""What the sandbox is told: its own address, the product's, and the pages it holds."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.mail.settings import MailSandboxSettings
from sandbox.stripe.settings import StripeSandboxSettings

LIVE_PREFIXES = ("sk_live_", "rk_live_", "pk_live_", "EAA")


class LiveKeyRefused(ValueError):
    """A key or an address that looks like the real world was handed to the sandbox."""


class SandboxPage(BaseModel):
    """One Facebook page, with its linked Instagram account where `instagram_id` is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page_id: str
    name: str
    slug: str
    page_token: str
    instagram_id: str = ""
    instagram_username: str = ""
    picture: str = ""
    cover: str = ""
    category: str = "Shop"
    about: str = ""
    address: str = ""
    opening_hours: str = ""
    phone: str = ""


class SandboxPerson(BaseModel):
    """Somebody to be: the first one is who a new visitor is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    locale: str = "de_DE"


PEOPLE = (
    SandboxPerson(name="Anna Weber"),
    SandboxPerson(name="Ben Yıldız"),
    SandboxPerson(name="Chloé Martin", locale="fr_FR"),
    SandboxPerson(name="David O’Neill", locale="en_GB"),
)


class SandboxSettings(BaseModel):
    """Everything is handed in; the sandbox reads no environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    product_url: str
    counter_url: str = ""
    meta_webhook_path: str = "/webhooks/meta"
    tab_path: str = "/s/{slug}/tab"
    app_id: str = "1900000000000001"
    app_secret: str = "sandbox-app-secret"  # noqa: S105 - made up, for this machine only
    verify_token: str = "sandbox-verify-token"  # noqa: S105 - made up, for this machine only
    user_token: str = "sandbox-user-token"  # noqa: S105 - made up, for this machine only
    user_name: str = "Mia Krüger"
    pages: tuple[SandboxPage, ...] = ()
    people: tuple[SandboxPerson, ...] = Field(PEOPLE, min_length=1)
    graph_versions: tuple[str, ...] = ("v21.0", "v22.0", "v23.0", "v24.0", "v25.0", "v26.0")
    proof_required: bool = True
    human_agent_allowed: bool = True
    sends_per_second: int = 300
    publishing_quota: int = 50
    retry_delays_s: tuple[float, ...] = (0.1, 0.5, 2, 5, 15, 60, 300, 900, 3600)
    stripe: StripeSandboxSettings = StripeSandboxSettings()
    mail: MailSandboxSettings = MailSandboxSettings()

    @model_validator(mode="after")
    def touches_nothing_real(self) -> "SandboxSettings":
        for name, value in _texts(self.model_dump(), ""):
            if value.startswith(LIVE_PREFIXES):
                raise LiveKeyRefused(
                    f"{name} looks like a live key: the sandbox runs with made-up keys only. "
                    "Take the live key out of the settings, or start the product without it."
                )
            if value.startswith(("http://", "https://")) and not is_loopback(value):
                raise LiveKeyRefused(
                    f"{name} points to {value}, which is not this machine: the sandbox "
                    "speaks over loopback only (http://127.0.0.1:…)."
                )
        return self


def is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _texts(value: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _texts(part, f"{name}[{place}]")
