"""Which addresses and e-mail addresses the API takes."""

import re
from urllib.parse import urlsplit

from sandbox.stripe.errors import Invalid

LONGEST = 5000
EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
LONGEST_EMAIL = 512


def check(url: str, *, param: str) -> None:
    """An absolute http or https address."""
    try:
        parts = urlsplit(url)
        is_absolute = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_absolute = False
    if not is_absolute or re.search(r"\s", url):
        raise Invalid(f"Not a valid URL: {url[:100]}", param=param, code="url_invalid")
    if len(url) > LONGEST:
        raise Invalid(f"URLs have at most {LONGEST} characters.", param=param, code="url_invalid")


def is_email(email: str) -> bool:
    return len(email) <= LONGEST_EMAIL and EMAIL.fullmatch(email) is not None


def check_email(email: str, *, param: str) -> None:
    if not is_email(email):
        raise Invalid(f"Invalid email address: {email[:100]}", param=param, code="email_invalid")
