"""Every address behind its guards, composed once when it is registered: a webhook need not walk
past guards that are there for browsers, as it would if they were middlewares."""

from collections.abc import Sequence
from functools import wraps

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from core.errorpages import error_page
from core.errors import NotFound


def behind(guards: Sequence[Middleware], route: web.RouteDef) -> web.RouteDef:
    """The same route; the guards are asked first, in this order, and every way out that is not an
    answer becomes one."""
    return web.RouteDef(route.method, route.path, _behind(guards, route.handler), route.kwargs)


def _behind(guards: Sequence[Middleware], handler: Handler) -> Handler:
    guarded = handler
    for guard in reversed(guards):
        guarded = _inside(guard, guarded)

    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await guarded(request)
        except Exception as error:
            return error_page(request, error)

    return answer


def _inside(guard: Middleware, handler: Handler) -> Handler:
    return lambda request: guard(request, handler)


ELSEWHERE = "/{anything:.*}"


async def tell_the_way(request: web.Request) -> web.StreamResponse:
    """For every address that is none of ours; registered last."""
    here, allowed = request.match_info.route.resource, set[str]()
    for resource in request.app.router.resources():
        if resource is not here:
            allowed |= (await resource.resolve(request))[1]
    if allowed:
        raise web.HTTPMethodNotAllowed(request.method, allowed)
    raise NotFound()
