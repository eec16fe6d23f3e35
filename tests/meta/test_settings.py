"""Settings as they come from the environment."""

import pytest
from pydantic import SecretStr, ValidationError

from meta.settings import MetaSettings


def test_secrets_are_todays_then_the_further_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("META_APP_SECRET", "today")
    monkeypatch.setenv("META_MORE_APP_SECRETS", "yesterday, instagram ,")
    settings = MetaSettings(_env_file=None)  # type: ignore[call-arg]
    assert [one.get_secret_value() for one in settings.secrets] == [
        "today",
        "yesterday",
        "instagram",
    ]
    assert "today" not in repr(settings)


def test_without_secrets_none_is_accepted() -> None:
    settings = MetaSettings(_env_file=None, app_id="1", app_secret=SecretStr(""))  # type: ignore[call-arg]
    assert settings.secrets == ()
    assert not settings.is_configured


@pytest.mark.parametrize("version", ["25.0", "v25", "latest", "", "v25.0/../x"])
def test_a_version_that_is_none_is_refused(version: str) -> None:
    with pytest.raises(ValidationError):
        MetaSettings(_env_file=None, graph_version=version)  # type: ignore[call-arg]


def test_a_slash_at_the_end_of_the_address_does_no_harm() -> None:
    settings = MetaSettings(_env_file=None, graph_url="http://127.0.0.1:1/graph/")  # type: ignore[call-arg]
    assert settings.graph_url == "http://127.0.0.1:1/graph"
