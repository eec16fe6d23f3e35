"""What every request from a browser has to pass before its page is asked."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from core.csrf import for_outsiders
from core.errorpages import error_page


def all_of(*guards: Middleware) -> Middleware:
    """One middleware that asks them in this order, with every way out an answer. Outsiders
    (webhooks, the page tab) bring a signature and neither session nor form of ours: nobody asks
    them here."""

    @web.middleware
    async def pass_guards(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            if for_outsiders(request):
                return await handler(request)
            for guard in reversed(guards):
                handler = _inside(guard, handler)
            return await handler(request)
        except Exception as error:
            return error_page(request, error)

    return pass_guards


def _inside(guard: Middleware, handler: Handler) -> Handler:
    return lambda request: guard(request, handler)
