"""HMAC-SHA256, as Meta and Stripe sign: what depends on the key alone is computed once."""

import hmac
from functools import lru_cache


def mac(key: str, message: bytes) -> bytes:
    told = _begun(key).copy()
    told.update(message)
    return told.digest()


@lru_cache(maxsize=64)
def _begun(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")
