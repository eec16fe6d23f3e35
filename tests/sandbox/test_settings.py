"""The sandbox refuses to run with anything real."""

from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.settings import SandboxPage, SandboxSettings, is_loopback

GOOD: dict[str, Any] = {"base_url": "http://127.0.0.1:8001", "product_url": "http://localhost:8000"}


def test_made_up_settings_are_taken() -> None:
    settings = SandboxSettings(**GOOD)
    assert settings.proof_required is True
    assert "v25.0" in settings.graph_versions


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"app_secret": "sk_live_abc"}, "live key"),
        ({"user_token": "EAAGm0PX4ZCpsBA"}, "live key"),
        ({"base_url": "https://graph.facebook.com"}, "not this machine"),
        ({"product_url": "https://shop.example.com"}, "not this machine"),
        ({"counter_url": "http://10.0.0.7/"}, "not this machine"),
    ],
)
def test_live_keys_and_outside_addresses_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SandboxSettings(**{**GOOD, **change})


def test_a_pages_token_is_looked_at_too() -> None:
    page = SandboxPage(page_id="1", name="x", slug="x", page_token="EAAGm0PX4ZCpsBA")
    with pytest.raises(ValidationError, match=r"pages\[0\].page_token"):
        SandboxSettings(**GOOD, pages=(page,))


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]/", True),
        ("http://localhost", True),
        ("http://shop.localhost:8000", True),
        ("http://127.0.0.1.example.com", False),
        ("http://localhost@example.com", False),
        ("http://0.0.0.0", False),
        ("http://[", False),
        ("", False),
        ("https://example.com", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_else(url: str, is_own: bool) -> None:
    assert is_loopback(url) is is_own
