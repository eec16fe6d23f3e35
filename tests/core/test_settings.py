"""Settings of the installation itself."""

import pytest
from pydantic import ValidationError

from core.settings import CoreSettings

GOOD = {"secret_key": "s" * 40, "base_url": "https://shop.example/"}


def read(**values: str) -> CoreSettings:
    return CoreSettings(_env_file=None, **{**GOOD, **values})


def test_the_origin_is_what_browsers_send() -> None:
    assert read().origin == "https://shop.example"
    assert read(base_url="http://127.0.0.1:8000").origin == "http://127.0.0.1:8000"


def test_a_short_key_is_refused_with_the_way_to_make_a_good_one() -> None:
    with pytest.raises(ValidationError, match="token_urlsafe"):
        read(secret_key="short")


def test_the_key_is_not_shown_and_settings_do_not_change() -> None:
    settings = read()
    assert "ssss" not in repr(settings)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]
