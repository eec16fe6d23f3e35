"""A page tab's proof: checked before it is read, fresh, and never a crash."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import facebook
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from meta.signed_requests import (
    LARGEST,
    SignedRequest,
    SignedRequestRefused,
    open_signed_request,
    verify,
)

SECRET = SecretStr("secret")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
# Signed by other libraries: url-safe without padding, and the standard alphabet with padding.
PHP = (
    "vlXgu64BQGFSQrY0ZcJBZASMvYvTHu9GQ0YM9rjPSso"
    ".eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsIjAiOiJwYXlsb2FkIn0"
)
JAVA = (
    "uLQw26KrDdDhZA+Cbvhjm1Y5SB1LiUej9tAXWWXhb9s=."
    "ewogICAib2F1dGhfdG9rZW4iOiAie3VzZXItYWNjZXNzLXRva2VufSIsCiAgICJhbGdvcml0aG0iOiAiSE1BQy1TSEEy"
    "NTYiLAogICAiZXhwaXJlcyI6IDEyOTE4NDA0MDAsCiAgICJpc3N1ZWRfYXQiOiAxMjkxODM2ODAwLAogICAidXNlcl9p"
    "ZCI6ICIyMTg0NzEiCn0="
)


def signed(payload: object, *, raw: bytes | None = None) -> str:
    encoded = _base64(json.dumps(payload).encode() if raw is None else raw)
    signature = hmac.new(b"secret", encoded.encode(), hashlib.sha256).digest()
    return f"{_base64(signature)}.{encoded}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def payload(**more: Any) -> dict[str, Any]:
    return {"algorithm": "HMAC-SHA256", "issued_at": int(NOW.timestamp()), **more}


def refusal(text: object, *, secret: SecretStr = SECRET, now: datetime = NOW) -> str:
    with pytest.raises(SignedRequestRefused) as caught:
        open_signed_request(text, secret, now=now)
    assert caught.value.status == 403
    return caught.value.reason


def test_what_other_libraries_signed_is_accepted() -> None:
    assert verify(PHP, SECRET) == {"algorithm": "HMAC-SHA256", "0": "payload"}
    assert verify(JAVA, SECRET)["user_id"] == "218471"
    open_signed_request(JAVA, SECRET, now=datetime.fromtimestamp(1291836900, UTC))


def test_what_the_tab_sends_is_read() -> None:
    text = signed(payload(
        expires=0, user_id=218471, app_data="p/rosen", page={"id": "77", "admin": True},
        user={"locale": "de_DE", "country": "de", "age": {"min": 21}}, oauth_token="never kept",
    ))  # fmt: skip
    assert open_signed_request(text, SECRET, now=NOW) == SignedRequest(
        page_id="77", app_data="p/rosen"
    )


def test_page_and_user_may_be_missing() -> None:
    opened = open_signed_request(signed(payload()), SECRET, now=NOW)
    assert (opened.page_id, opened.app_data) == (None, "")


def test_padded_and_unpadded_are_the_same() -> None:
    text = signed(payload(page={"id": "7"}))
    claimed, content = text.split(".")
    padded = claimed + "=" * (-len(claimed) % 4)
    assert verify(f"{padded}.{content}", SECRET) == verify(text, SECRET)


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (timedelta(minutes=10), None),
        (timedelta(minutes=10, seconds=1), "age"),
        (timedelta(minutes=-5), None),
        (timedelta(minutes=-6), "age"),
    ],
)
def test_only_fresh_ones_open(age: timedelta, reason: str | None) -> None:
    text = signed(payload(issued_at=int((NOW - age).timestamp())))
    if reason is None:
        open_signed_request(text, SECRET, now=NOW)
    else:
        assert refusal(text) == reason


def test_an_expiry_that_has_passed_is_refused_and_zero_means_never() -> None:
    stamp = int(NOW.timestamp())
    assert refusal(signed(payload(expires=stamp - 1))) == "age"
    open_signed_request(signed(payload(expires=stamp + 1)), SECRET, now=NOW)
    open_signed_request(signed(payload(expires=0)), SECRET, now=NOW)


@pytest.mark.parametrize("issued_at", [None, "soon", True, -1, 10**30, [], {}, 1.5])
def test_without_a_time_of_issue_nothing_opens(issued_at: object) -> None:
    assert refusal(signed(payload(issued_at=issued_at))) == "age"


def test_another_secret_or_a_changed_byte_is_refused() -> None:
    text = signed(payload())
    assert refusal(text, secret=SecretStr("another")) == "signature"
    claimed, content = text.split(".")
    assert refusal(f"{claimed}.{content[:-2]}xx") == "signature"
    assert refusal(f"{_base64(b'x' * 32)}.{content}") == "signature"
    assert refusal(f"{_base64(b'short')}.{content}") == "signature"
    assert refusal(text, secret=SecretStr("")) == "shape"


def test_another_algorithm_is_refused_even_when_signed() -> None:
    for algorithm in ("none", "HMAC-SHA1", None, 7, [], {}):
        assert refusal(signed(payload() | {"algorithm": algorithm})) == "algorithm"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        ".",
        "a",
        "a.b.c",
        "..",
        7,
        b"a.b",
        [],
        "ä.ö",
        "a b.c d",
        "*.*",
        "x" * (LARGEST + 1),
    ],
)
def test_what_has_not_the_shape_is_refused(text: object) -> None:
    assert refusal(text) == "shape"


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b"null", b"{", b"\xff\xfe", b"[" * 5000])
def test_a_signed_payload_that_is_no_object_is_refused(raw: bytes) -> None:
    assert refusal(signed(None, raw=raw)) in ("shape", "signature")


@given(st.text(max_size=200) | st.binary(max_size=100))
def test_nothing_a_stranger_sends_crashes(text: object) -> None:
    with pytest.raises(SignedRequestRefused):
        verify(text, SECRET)


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii"), max_size=8),
        st.integers(-(2**63), 2**63 - 1),
        max_size=5,
    )
)
def test_the_library_agrees_on_what_is_valid(extra: dict[str, int]) -> None:
    text = signed(extra | {"algorithm": "HMAC-SHA256"})
    assert verify(text, SECRET) == facebook.parse_signed_request(text, "secret")
    assert facebook.parse_signed_request(text, "wrong") is False
    with pytest.raises(SignedRequestRefused):
        verify(text, SecretStr("wrong"))
