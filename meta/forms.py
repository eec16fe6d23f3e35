"""What may be sent to the page settings."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from staff.forms import Form


def _page_id(value: str) -> str:
    if value and not re.fullmatch(r"[0-9]{5,25}", value):
        raise ValueError("A page id is a number. It stands in the page's settings on Facebook.")
    return value


def _token(value: SecretStr) -> SecretStr:
    cleaned = "".join(value.get_secret_value().split())
    if not cleaned:
        raise ValueError("Please fill this in.")
    if len(cleaned) > 1000 or not cleaned.isascii() or not cleaned.isprintable():
        raise ValueError("This does not look like an access token.")
    return SecretStr(cleaned)


class ConnectForm(Form):
    page_id: Annotated[
        str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_page_id)
    ] = ""
    token: Annotated[SecretStr, Field(max_length=2000), AfterValidator(_token)]
