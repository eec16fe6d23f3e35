"""Meta's byte forms: escaped JSON, the webhook signature, the app secret proof, signed_request."""

import base64
import hashlib
import hmac
import json
from typing import Any


def escaped(value: Any) -> bytes:
    """JSON as Meta signs it: `\\u00e4` in lower-case hex, `\\/` for every slash, no spaces."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return text.replace("/", "\\/").encode("ascii")


def digest(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def webhook_signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256 (Messenger Platform docs: Validating Payloads)."""
    return f"sha256={digest(secret, body)}"


def proof(secret: str, token: str) -> str:
    return digest(secret, token.encode())


def signed_request(secret: str, payload: dict[str, Any]) -> str:
    """`signature.payload`, both base64url without padding; the payload is signed as encoded."""
    content = _base64url(escaped({"algorithm": "HMAC-SHA256", **payload}))
    signature = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return f"{_base64url(signature).decode()}.{content.decode()}"


def _base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
