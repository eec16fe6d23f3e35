"""Whether a webhook is Stripe's (Stripe docs: verify webhook signatures manually).

Our own, because the SDK's accepts timestamps from the future, and because a body that is no text
must be refused, not crash.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime

from pydantic import SecretStr

from core.macs import mac

TOLERANCE_SECONDS = 300
_MOST_SIGNATURES = 10


def is_genuine(
    raw: bytes, header: str | None, secrets: Sequence[SecretStr], *, now: datetime
) -> bool:
    """The header is `t=…,v1=…,v1=…`: several signatures while a secret is being rolled."""
    stamp, signatures = _read(header or "")
    if stamp is None or abs(now.timestamp() - stamp) > TOLERANCE_SECONDS:
        return False
    signed = f"{stamp}.".encode() + raw
    expected = [
        mac(secret.get_secret_value(), signed).hex().encode()
        for secret in secrets
        if secret.get_secret_value()
    ]
    return any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures)


def _read(header: str) -> tuple[int | None, list[bytes]]:
    stamp: int | None = None
    signatures: list[bytes] = []
    for part in header[:2000].split(","):
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isascii() and value.isdecimal() and len(value) < 15:
            stamp = int(value)
        elif name == "v1" and len(signatures) < _MOST_SIGNATURES:
            signatures.append(value.encode())
    return stamp, signatures
