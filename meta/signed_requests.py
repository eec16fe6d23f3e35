"""`signed_request`: how a page tab learns who opened it (Facebook Login docs: Signed Request)."""

import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import SecretStr

from core.errors import ShopError
from core.macs import mac
from meta.shapes import identifier, number, shape, text

LARGEST = 16 * 1024
FRESH_FOR = timedelta(minutes=10)
CLOCKS_DIFFER = timedelta(minutes=5)
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


class SignedRequestRefused(ShopError):
    """`reason` is for logs: shape, signature, algorithm, age."""

    status = 403
    sentence = "Facebook's proof for this page is missing or too old. Please open the tab anew."

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """`app_data` is a stranger's text: whoever links to the tab chooses it."""

    page_id: str | None
    app_data: str


def open_signed_request(
    signed: object, secret: SecretStr, *, now: datetime, fresh_for: timedelta = FRESH_FOR
) -> SignedRequest:
    """Raises SignedRequestRefused. Signed but older than `fresh_for` is refused, too."""
    payload = verify(signed, secret)
    issued_at, present = _seconds(payload.get("issued_at")), now.timestamp()
    if issued_at is None or issued_at > present + CLOCKS_DIFFER.total_seconds():
        raise SignedRequestRefused("age")
    # 0 means never (Facebook Login docs).
    ends_at = _seconds(payload.get("expires"))
    if present > issued_at + fresh_for.total_seconds() or (ends_at and ends_at < present):
        raise SignedRequestRefused("age")
    page_id = identifier(shape(payload.get("page")).get("id"))
    return SignedRequest(page_id, text(payload.get("app_data")))


def verify(signed: object, secret: SecretStr) -> dict[str, Any]:
    """The payload, whatever its age. Nothing is parsed before its signature has been checked."""
    if not isinstance(signed, str) or len(signed) > LARGEST or not signed.isascii():
        raise SignedRequestRefused("shape")
    claimed, _, encoded = signed.encode().partition(b".")
    key = secret.get_secret_value()
    if not (claimed and encoded and key):
        raise SignedRequestRefused("shape")
    # The second part is signed as it came, still encoded.
    if not hmac.compare_digest(_decode(claimed), mac(key, encoded)):
        raise SignedRequestRefused("signature")
    return _payload(_decode(encoded))


def _payload(raw: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise SignedRequestRefused("shape") from None
    if not isinstance(payload, dict):
        raise SignedRequestRefused("shape")
    if text(payload.get("algorithm")).upper() != "HMAC-SHA256":
        raise SignedRequestRefused("algorithm")
    return payload


def _decode(part: bytes) -> bytes:
    """Both alphabets are met in the wild, with and without padding."""
    bare = part.rstrip(b"=").translate(_TO_STANDARD)
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except binascii.Error:
        raise SignedRequestRefused("shape") from None


def _seconds(value: object) -> int | None:
    seconds = number(value)
    return seconds if seconds is not None and 0 < seconds < 1 << 33 else None
