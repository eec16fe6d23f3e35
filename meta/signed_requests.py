"""`signed_request`: how a page tab learns who opened it (Facebook Login docs: Signed Request)."""

import binascii
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from pydantic import SecretStr

from core.errors import ShopError
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
    """Everything beyond `issued_at` may be missing. `app_data` is a stranger's text."""

    issued_at: datetime
    page_id: str | None
    is_page_admin: bool
    user_id: str | None
    locale: str | None
    country: str | None
    app_data: str | None


def open_signed_request(
    signed: object, secret: SecretStr, *, now: datetime, fresh_for: timedelta = FRESH_FOR
) -> SignedRequest:
    """Raises SignedRequestRefused. Signed but older than `fresh_for` is refused, too."""
    payload = verify(signed, secret)
    issued_at = _time(payload.get("issued_at"))
    if issued_at is None or not now - fresh_for <= issued_at <= now + CLOCKS_DIFFER:
        raise SignedRequestRefused("age")
    # 0 means never (Facebook Login docs).
    expires = number(payload.get("expires"))
    if expires and (ends_at := _time(expires)) is not None and ends_at < now:
        raise SignedRequestRefused("age")
    page, user = shape(payload.get("page")), shape(payload.get("user"))
    return SignedRequest(
        issued_at=issued_at,
        page_id=identifier(page.get("id")),
        is_page_admin=page.get("admin") in (True, 1),
        user_id=identifier(payload.get("user_id")),
        locale=identifier(user.get("locale")),
        country=identifier(user.get("country")),
        app_data=text(payload.get("app_data")) or None,
    )


def verify(signed: object, secret: SecretStr) -> dict[str, Any]:
    """The payload, whatever its age. Nothing is parsed before its signature has been checked."""
    if not isinstance(signed, str) or not 0 < len(signed) <= LARGEST or not signed.isascii():
        raise SignedRequestRefused("shape")
    parts = signed.split(".")
    if len(parts) != 2 or not all(parts) or not secret.get_secret_value():
        raise SignedRequestRefused("shape")
    claimed, encoded = parts
    # The second part is signed as it came, still encoded.
    computed = hmac.digest(secret.get_secret_value().encode(), encoded.encode(), "sha256")
    if not hmac.compare_digest(_decode(claimed), computed):
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


def _decode(part: str) -> bytes:
    """Both alphabets are met in the wild, with and without padding."""
    bare = part.encode("ascii").rstrip(b"=").translate(_TO_STANDARD)
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except binascii.Error:
        raise SignedRequestRefused("shape") from None


def _time(value: object) -> datetime | None:
    seconds = number(value)
    if seconds is None or not 0 < seconds < 1 << 33:
        return None
    return datetime.fromtimestamp(seconds, UTC)
