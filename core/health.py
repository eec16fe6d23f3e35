"""Is it alive, and is it ready to take customers?"""

from aiohttp import web
from sqlalchemy import text

from core.database import DATABASE
from core.logs import log

routes = web.RouteTableDef()


@routes.get("/health/live")
async def live(request: web.Request) -> web.Response:
    return web.json_response({"status": "live"})


@routes.get("/health/ready")
async def ready(request: web.Request) -> web.Response:
    """Ready means: the database answers and its tables are there."""
    try:
        async with request.app[DATABASE].reading() as session:
            await session.exec(text("SELECT 1 FROM shop LIMIT 1"))  # type: ignore[call-overload]
    except Exception as error:
        log(__name__).error("not_ready", error=repr(error))
        return web.json_response({"status": "not ready", "database": "unreachable"}, status=503)
    return web.json_response({"status": "ready", "database": "ok"})
