"""Short texts that come back through strangers' hands: signed, purposed, dated."""

from typing import Any

from aiohttp import web
from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import SecretStr

from core.errors import ShopError


class LinkNoLongerValid(ShopError):
    status = 403
    sentence = "This link is no longer valid. Please ask for a new one."


class Signer:
    """Signs small JSON values. A value signed for one purpose never opens for another."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key.get_secret_value()

    def sign(self, value: Any, *, purpose: str) -> str:
        text = URLSafeTimedSerializer(self._key, salt=purpose).dumps(value)
        return text if isinstance(text, str) else text.decode()

    def open(self, text: str, *, purpose: str, max_age: int) -> Any:
        """The value, if it was signed here for `purpose` within `max_age` seconds."""
        try:
            return URLSafeTimedSerializer(self._key, salt=purpose).loads(text, max_age=max_age)
        except (BadData, UnicodeError):
            raise LinkNoLongerValid() from None


SIGNER: web.AppKey[Signer] = web.AppKey("signer", Signer)
