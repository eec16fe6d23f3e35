"""Whether a webhook was sent by Meta: an HMAC over the raw bytes."""

import hmac
from collections.abc import Sequence

from pydantic import SecretStr

from core.macs import mac

_PREFIX = "sha256="


def verify(raw: bytes, header: str | None, secrets: Sequence[SecretStr]) -> bool:
    """`header` is X-Hub-Signature-256 (Messenger Platform docs: Validating Payloads).

    The bytes as they came are signed, with escaped unicode and slashes: parse them only
    afterwards. The SHA-1 header of old is not accepted.
    """
    if header is None or not header.startswith(_PREFIX) or not header.isascii():
        return False
    claimed = header[len(_PREFIX) :]
    matches = [hmac.compare_digest(sign(raw, secret), claimed) for secret in secrets]
    return any(matches)


def sign(raw: bytes, secret: SecretStr) -> str:
    """Lower-case hex, as Meta writes it."""
    return mac(secret.get_secret_value(), raw).hex()
