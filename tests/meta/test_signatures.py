"""Webhooks are Meta's only when their raw bytes were signed with a secret we know."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from meta.signatures import sign, verify

SECRET = SecretStr("app-secret")
BODY = (
    rb'{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"message":'
    rb'{"text":"\u00e4\u00f6\u00e5 http:\/\/x"}}]}]}'
)
SIGNATURE = "sha256=fc480826bc9feefb821d9d21073bd07d575d5a7ef95d1a13648f8ed14ae3ad36"


def test_the_bytes_as_meta_sent_them_are_accepted() -> None:
    assert len(BODY) == 114
    assert verify(BODY, SIGNATURE, [SECRET])


def test_the_same_json_written_anew_is_refused() -> None:
    body = json.loads(BODY)
    ascii_again = json.dumps(body, separators=(",", ":")).encode()
    utf8_again = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    assert sign(ascii_again, SECRET).startswith("c4568ea1")
    assert sign(utf8_again, SECRET).startswith("7b45b383")
    assert not verify(ascii_again, SIGNATURE, [SECRET])
    assert not verify(utf8_again, SIGNATURE, [SECRET])


def test_any_of_several_secrets_may_have_signed() -> None:
    former, instagram = SecretStr("former"), SecretStr("of-instagram")
    assert verify(BODY, SIGNATURE, [former, SECRET, instagram])
    assert not verify(BODY, SIGNATURE, [former, instagram])
    assert not verify(BODY, SIGNATURE, [])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        SIGNATURE.upper(),
        SIGNATURE.removeprefix("sha256="),
        SIGNATURE.replace("sha256", "sha1"),
        SIGNATURE[:-1],
        SIGNATURE + "0",
        " " + SIGNATURE,
        "sha256=é" + SIGNATURE[8:],
        "sha1=" + "0" * 40,
    ],
)
def test_anything_but_the_exact_header_is_refused(header: str | None) -> None:
    assert not verify(BODY, header, [SECRET])


@given(st.binary(max_size=300), st.integers(0, 299), st.integers(1, 255))
def test_one_changed_byte_is_refused(body: bytes, place: int, change: int) -> None:
    header = f"sha256={sign(body, SECRET)}"
    assert verify(body, header, [SECRET])
    if place < len(body):
        changed = bytearray(body)
        changed[place] ^= change
        assert not verify(bytes(changed), header, [SECRET])
