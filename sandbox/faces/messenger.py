"""The Messenger window of a person with a page, and m.me links."""

from aiohttp import web

from sandbox import chats
from sandbox.faces.chatting import act, thread_of, window
from sandbox.visitors import page_in
from sandbox.world import WORLD

routes = web.RouteTableDef()

REF_LIMIT = 2083


@routes.get("/messenger/{slug}")
async def show(request: web.Request) -> web.Response:
    return window(request, "messenger", _home(request))


@routes.post("/messenger/{slug}")
async def do(request: web.Request) -> web.Response:
    return await act(request, "messenger", _home(request))


@routes.get("/m/{slug}")
async def arrive(request: web.Request) -> web.Response:
    """What m.me/<page>?ref=… leads to; a ref that Meta would refuse is dropped."""
    ref = request.query.get("ref", "")
    allowed = ref.replace("-", "").replace("_", "").replace("=", "")
    if 0 < len(ref) <= REF_LIMIT and allowed.isalnum() and ref.isascii():
        chats.arrive(request.app[WORLD], thread_of(request, "messenger"), ref)
    raise web.HTTPSeeOther(_home(request))


def _home(request: web.Request) -> str:
    return f"/messenger/{page_in(request).settings.slug}"
