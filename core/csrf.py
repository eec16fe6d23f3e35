"""Forms are taken from our own pages only: the browser's Origin header says where one came from."""

from aiohttp import web
from aiohttp.typedefs import Handler

from core.errors import CrossSiteRequest

FROM_OUTSIDE: web.AppKey[set[str]] = web.AppKey("from_outside", set)
"""Paths (or prefixes ending in `/`) that others may POST to, each with proof of its own:
webhooks with signatures, the page tab with its signed_request."""

_SAFE = {"GET", "HEAD", "OPTIONS"}


def open_to_outsiders(app: web.Application, suffix: str) -> None:
    app[FROM_OUTSIDE].add(suffix)


@web.middleware
async def refuse_foreign_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """OWASP: verify Origin. `Sec-Fetch-Site` helps where Origin is withheld (opaque "null")."""
    if request.method not in _SAFE and not for_outsiders(request):
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site")
        ours = origin in request.app[OWN_ORIGINS] or (
            origin in (None, "null") and site == "same-origin"
        )
        if not ours:
            raise CrossSiteRequest()
    return await handler(request)


def for_outsiders(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical in request.app[FROM_OUTSIDE]


OWN_ORIGINS: web.AppKey[frozenset[str]] = web.AppKey("own_origins", frozenset)

OWN_ORIGIN: web.AppKey[str] = web.AppKey("own_origin", str)
"""`https://shop.example`: what links that leave the house begin with."""
