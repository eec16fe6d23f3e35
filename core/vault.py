"""Shops' own secrets (page tokens, Stripe keys) at rest: sealed with the installation's key."""

import base64
import hashlib

from aiohttp import web
from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from core.errors import ShopError


class SealBroken(ShopError):
    status = 500
    sentence = (
        "A stored secret cannot be opened with the present SECRET_KEY. Put the former key back, "
        "or enter the secret anew under Settings."
    )


class Vault:
    """Seals and opens. A database copy without SECRET_KEY gives no secret away."""

    def __init__(self, key: SecretStr) -> None:
        digest = hashlib.sha256(b"vault:" + key.get_secret_value().encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def seal(self, secret: SecretStr) -> str:
        return self._fernet.encrypt(secret.get_secret_value().encode()).decode()

    def open(self, sealed: str) -> SecretStr:
        try:
            return SecretStr(self._fernet.decrypt(sealed.encode()).decode())
        except InvalidToken:
            raise SealBroken() from None


VAULT: web.AppKey[Vault] = web.AppKey("vault", Vault)
