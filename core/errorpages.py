"""Errors as people meet them: a page, JSON, or nothing but a status for machines."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from core.errors import NotFound, ShopError
from core.logs import log
from core.pages import page, words_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def render_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every way out that is not an answer becomes one."""
    try:
        return await handler(request)
    except Exception as error:
        return error_page(request, error)


def error_page(request: web.Request, error: Exception) -> web.Response:
    """Raises again what is no error: redirects, and readers who have left."""
    match error:
        case ShopError(status=status, code=code):
            if status >= 500:
                log(__name__).error("request_failed", page=_page_of(request), error=repr(error))
            return _answer(request, status, code, error)
        case web.HTTPNotFound():
            return _answer(request, 404, "NotFound", NotFound())
        case web.HTTPException(status=status) if status >= 400:
            return _answer(request, status, type(error).__name__, ShopError())
        case web.HTTPException() | ConnectionResetError():
            raise error
    log(__name__).exception(
        "request_crashed", page=_page_of(request), method=request.method, exc_info=error
    )
    return _answer(request, 500, "Crashed", _Crashed())


def _page_of(request: web.Request) -> str:
    """Which page, without what stands in its address: orders and baskets open by theirs."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "no page"


class _Crashed(ShopError):
    status = 500
    sentence = (
        "Something broke on our side. Nothing you entered was half-done; please try once more."
    )


def _answer(request: web.Request, status: int, code: str, error: ShopError) -> web.Response:
    sentence = words_of(request, error)
    if "application/json" in request.headers.get("Accept", ""):
        return web.json_response({"error": code, "message": sentence}, status=status)
    return page(request, "error.html", status=status, code=code, sentence=sentence)
