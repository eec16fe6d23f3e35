"""The counter's cookies: who is signed in, and one sentence for the next page."""

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from core.csrf import OWN_ORIGIN
from core.signing import SIGNER, LinkNoLongerValid
from staff.sessions import LASTS

FlashKind = Literal["success", "info", "warning", "error"]

_FLASH_LASTS = 300


@dataclass(frozen=True, slots=True)
class Flash:
    kind: str
    text: str


_FLASH: web.ResponseKey[Flash] = web.ResponseKey("flash", Flash)


def flash(response: web.StreamResponse, kind: FlashKind, text: str) -> None:
    """Say `text` (already in the reader's language) on the next page they see.

    Works on redirects too: `redirect = web.HTTPSeeOther(...); flash(redirect, ...); raise redirect`.
    """
    response[_FLASH] = Flash(kind, text)


def keep_flash(request: web.Request, response: web.StreamResponse) -> None:
    message = response.get(_FLASH)
    if message is not None and not response.prepared:
        signed = request.app[SIGNER].sign([message.kind, message.text[:800]], purpose="flash")
        response.set_cookie(
            "flash",
            signed,
            path="/counter",
            max_age=_FLASH_LASTS,
            httponly=True,
            samesite="Lax",
            secure=is_secure(request),
        )


def take_flash(request: web.Request) -> Flash | None:
    signed = request.cookies.get("flash")
    if not signed:
        return None
    try:
        kind, text = request.app[SIGNER].open(signed, purpose="flash", max_age=_FLASH_LASTS)
    except (LinkNoLongerValid, ValueError, TypeError):
        return None
    return Flash(str(kind), str(text))


def is_secure(request: web.Request) -> bool:
    """Whether people reach us over https, whatever the proxy in front speaks with us."""
    return request.app[OWN_ORIGIN].startswith("https://")


def cookie_name(request: web.Request) -> str:
    """`__Host-` keeps subdomains from planting a cookie; browsers take it with https only."""
    return "__Host-staff" if is_secure(request) else "staff"


def keep_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    response.set_cookie(
        cookie_name(request),
        request.app[SIGNER].sign(token, purpose="staff session"),
        path="/",
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=is_secure(request),
    )


def clear_cookie(request: web.Request, response: web.StreamResponse) -> None:
    response.del_cookie(
        cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="Lax"
    )


def read_session_token(request: web.Request) -> str | None:
    signed = request.cookies.get(cookie_name(request))
    if not signed:
        return None
    try:
        token = request.app[SIGNER].open(
            signed, purpose="staff session", max_age=int(LASTS.total_seconds())
        )
    except LinkNoLongerValid:
        return None
    return token if isinstance(token, str) else None
