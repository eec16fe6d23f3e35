"""Errors as people meet them: a page, JSON, or nothing but a status for machines."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from core.errors import NotFound, ShopError
from core.logs import log
from core.pages import page, translate

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def render_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every way out that is not an answer becomes one."""
    try:
        return await handler(request)
    except ShopError as error:
        if error.status >= 500:
            log(__name__).error("request_failed", path=request.path, error=repr(error))
        return _answer(request, error.status, error.code, error)
    except web.HTTPNotFound:
        return _answer(request, 404, "NotFound", NotFound())
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _answer(request, error.status, type(error).__name__, ShopError())
    except ConnectionResetError:
        # The reader has left; there is nobody to answer.
        raise
    except Exception:
        log(__name__).exception("request_crashed", path=request.path, method=request.method)
        return _answer(request, 500, "Crashed", _Crashed())


class _Crashed(ShopError):
    status = 500
    sentence = (
        "Something broke on our side. Nothing you entered was half-done; please try once more."
    )


def _answer(request: web.Request, status: int, code: str, error: ShopError) -> web.Response:
    sentence = translate(request, error.sentence, **error.details)
    if "application/json" in request.headers.get("Accept", ""):
        return web.json_response({"error": code, "message": sentence}, status=status)
    return page(request, "error.html", status=status, code=code, sentence=sentence)
