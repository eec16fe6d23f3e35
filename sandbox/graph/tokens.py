"""Who calls: the token, the app secret proof, and what the token may do."""

import hmac
import re
from typing import Any

from aiohttp import web

from sandbox.graph.calls import AUTH_PARAMETERS
from sandbox.graph.errors import GraphError
from sandbox.signing import proof
from sandbox.things import Token
from sandbox.world import World

SUBCODES = {
    458: "The user has not authorized application.",
    459: "The session has been invalidated because the user has to log in again.",
    460: "The session has been invalidated because the user changed their password.",
    463: "Session has expired.",
    467: "The access token is invalid because it was revoked.",
    492: "The session is invalid because the user has no role on the page.",
}


def token_text(request: web.Request, args: dict[str, Any]) -> str:
    """From the header (`Bearer` or `OAuth`), else from the parameter."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth") and value.strip():
        return value.strip()
    return str(args.get("access_token") or "")


def authenticate(world: World, text: str, args: dict[str, Any], *, node_id: str) -> Token:
    """The live token behind `text`; refuses with 104, 2500, 190 or the proof's 100."""
    if not text and node_id == "me":
        raise GraphError(
            2500, "An active access token must be used to query information about the current user."
        )
    if not text:
        raise GraphError(104, "An access token is required to request this resource.")
    token = world.tokens.get(text)
    if token is None:
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
    if not token.is_live:
        reason = SUBCODES.get(token.subcode, "The access token is not valid any more.")
        raise GraphError(190, f"Error validating access token: {reason}", subcode=token.subcode)
    _check_proof(world, token, args)
    for name in AUTH_PARAMETERS:
        args.pop(name, None)
    return token


def _check_proof(world: World, token: Token, args: dict[str, Any]) -> None:
    sent = args.get("appsecret_proof")
    if sent is None:
        if world.settings.proof_required and token.kind != "APP":
            raise _proof_error("API calls from the server require an appsecret_proof argument")
        return
    expected = proof(world.settings.app_secret, token.text)
    is_hex = isinstance(sent, str) and re.fullmatch(r"[0-9a-f]{64}", sent) is not None
    if not is_hex or not hmac.compare_digest(sent, expected):
        raise _proof_error("Invalid appsecret_proof provided in the API argument")


def _proof_error(message: str) -> GraphError:
    return GraphError(100, message, kind="GraphMethodException")
