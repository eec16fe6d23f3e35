"""Who really asks, where reverse proxies stand in front: for limits per address."""

import ipaddress

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


def trust_proxies(count: int) -> Middleware:
    """Each of `count` proxies has added the address it saw to X-Forwarded-For, so the last
    `count` entries are theirs and true; whatever stands before may be made up by the client."""

    @web.middleware
    async def see_through(request: web.Request, handler: Handler) -> web.StreamResponse:
        seen = request.headers.get("X-Forwarded-For", "").split(",")
        address = seen[-count].strip() if len(seen) >= count else ""
        if _is_address(address):
            request = request.clone(remote=address)
        return await handler(request)

    return see_through


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
