"""Quotas: a full bucket stops calling until it has room again, and only that bucket."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta.errors import GraphUnavailable
from meta.usage import PAUSE, SHORT_PAUSE, Usage

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def business(**entries: dict[str, Any]) -> dict[str, str]:
    listed = [{"type": kind, **entry} for kind, entry in entries.items()]
    return {"X-Business-Use-Case-Usage": json.dumps({"100": listed})}


def wait(usage: Usage, bucket: str, *, now: datetime = NOW) -> float:
    try:
        usage.check(bucket, now=now)
    except GraphUnavailable as full:
        return full.retry_after or -1
    return 0


def test_without_headers_nothing_waits() -> None:
    usage = Usage()
    usage.note({}, now=NOW)
    assert wait(usage, "messenger") == 0


def test_a_bucket_waits_as_many_minutes_as_meta_says_and_the_others_do_not() -> None:
    usage = Usage()
    usage.note(business(
        messenger={"call_count": 100, "estimated_time_to_regain_access": 10},
        pages={"call_count": 80, "estimated_time_to_regain_access": 0},
    ), now=NOW)  # fmt: skip
    assert wait(usage, "messenger") == 600
    assert wait(usage, "pages") == wait(usage, "instagram") == 0
    assert wait(usage, "messenger", now=NOW + timedelta(minutes=9, seconds=59)) == 1
    assert wait(usage, "messenger", now=NOW + timedelta(minutes=10)) == 0


@pytest.mark.parametrize("name", ["call_count", "total_time", "total_cputime"])
def test_a_full_count_waits_a_while_where_no_minutes_are_given(name: str) -> None:
    usage = Usage()
    usage.note(business(pages={name: 100}), now=NOW)
    assert wait(usage, "pages") == PAUSE.total_seconds()
    usage.note(business(instagram={name: 99}), now=NOW)
    assert wait(usage, "instagram") == 0


def test_a_full_app_stops_every_bucket() -> None:
    usage = Usage()
    usage.note({"X-App-Usage": '{"call_count":100,"total_time":3,"total_cputime":1}'}, now=NOW)
    assert wait(usage, "pages") == wait(usage, "messenger") == PAUSE.total_seconds()


def test_the_old_page_header_counts_for_pages() -> None:
    usage = Usage()
    usage.note({"X-Page-Usage": '{"call_count":120}'}, now=NOW)
    assert wait(usage, "pages") > 0
    assert wait(usage, "messenger") == 0


def test_a_refusal_stops_the_bucket_it_names() -> None:
    for code, stopped, free in (
        (80006, "messenger", "pages"), (80001, "pages", "messenger"),
        (80002, "instagram", "pages"), (32, "pages", "instagram"),
    ):  # fmt: skip
        usage = Usage()
        assert usage.refused(code, "pages", now=NOW) == PAUSE.total_seconds()
        assert wait(usage, stopped) == PAUSE.total_seconds()
        assert wait(usage, free) == 0


def test_too_many_in_one_second_waits_seconds_only() -> None:
    usage = Usage()
    assert usage.refused(613, "messenger", now=NOW) == SHORT_PAUSE.total_seconds()


def test_the_longer_of_two_waits_holds() -> None:
    usage = Usage()
    usage.note(business(messenger={"estimated_time_to_regain_access": 60}), now=NOW)
    assert usage.refused(613, "messenger", now=NOW) == 3600


@given(st.text(max_size=60) | st.sampled_from(
    ["[]", "{}", "7", '{"1":7}', '{"1":[7]}', '{"1":[{"type":7}]}', '{"call_count":"100"}',
     "[" * 2000, '{"1":[{"estimated_time_to_regain_access":1e300}]}']
))  # fmt: skip
def test_no_header_breaks_anything(header: str) -> None:
    usage = Usage()
    names = ("X-App-Usage", "X-Page-Usage", "X-Business-Use-Case-Usage")
    usage.note(dict.fromkeys(names, header), now=NOW)
