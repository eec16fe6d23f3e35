"""How often one person may try."""

from datetime import UTC, datetime, timedelta

import pytest

from core import limits
from core.errors import TooManyRequests
from core.limits import Limit

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_tries_run_out_and_come_back_evenly() -> None:
    limit = Limit(3, 60)
    for _ in range(3):
        limit.spend("anna", now=NOW)
    with pytest.raises(TooManyRequests) as caught:
        limit.spend("anna", now=NOW)
    assert (caught.value.status, caught.value.details) == (429, {"seconds": 20})
    limit.spend("anna", now=NOW + timedelta(seconds=20))
    with pytest.raises(TooManyRequests):
        limit.spend("anna", now=NOW + timedelta(seconds=21))


def test_a_refused_try_costs_nothing() -> None:
    limit = Limit(1, 10)
    limit.spend("anna", now=NOW)
    for second in range(1, 10):
        with pytest.raises(TooManyRequests):
            limit.spend("anna", now=NOW + timedelta(seconds=second))
    limit.spend("anna", now=NOW + timedelta(seconds=10))


def test_people_do_not_share_their_tries_and_success_is_forgiven() -> None:
    limit = Limit(1, 60)
    limit.spend("anna", now=NOW)
    limit.spend("bert", now=NOW)
    limit.forgive("anna")
    limit.forgive("nobody")
    limit.spend("anna", now=NOW)


def test_never_more_than_the_limit_is_saved_up() -> None:
    limit = Limit(2, 10)
    limit.spend("anna", now=NOW)
    later = NOW + timedelta(days=1)
    limit.spend("anna", now=later)
    limit.spend("anna", now=later)
    with pytest.raises(TooManyRequests):
        limit.spend("anna", now=later)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_PEOPLE", 3)
    limit = Limit(1, 60)
    for name in "abcd":
        limit.spend(name, now=NOW)
    limit.spend("a", now=NOW)
    with pytest.raises(TooManyRequests):
        limit.spend("d", now=NOW)
