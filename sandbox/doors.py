"""The front page with its three doors, who you are, the weather, and drawn pictures."""

from aiohttp import web

from sandbox import drawing
from sandbox.pages import render
from sandbox.things import Picture
from sandbox.visitors import COOKIE, posted, visitor
from sandbox.weather import KINDS
from sandbox.webhooks import SENDER
from sandbox.world import WORLD

routes = web.RouteTableDef()

LOCALES = ("de_DE", "en_GB", "fr_FR")
SHOWN_DELIVERIES = 60
DELAY_MS = 3000


@routes.get("/")
async def doors(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return render(
        request,
        "doors.html",
        pages=list(world.pages.values()),
        me=visitor(request),
        faults=request.app[SENDER].weather.faults,
    )


@routes.get("/who")
async def who(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return render(
        request,
        "who.html",
        people=list(world.people.values()),
        me=visitor(request),
        back_to=_own_path(request.query.get("back", "/")),
        locales=LOCALES,
    )


@routes.post("/who")
async def become(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    name, key = await posted(request, "name", limit=60), await posted(request, "person")
    if name:
        locale = await posted(request, "locale")
        key = world.meet(name, locale if locale in LOCALES else "de_DE").key
    answer = web.HTTPSeeOther(_own_path(await posted(request, "back") or "/"))
    if key in world.people:
        answer.set_cookie(COOKIE, key, path="/", httponly=True, samesite="Lax")
    raise answer


@routes.get("/weather")
async def weather(request: web.Request) -> web.Response:
    sender = request.app[SENDER]
    recent = list(sender.deliveries)[-SHOWN_DELIVERIES:]
    return render(
        request,
        "weather.html",
        kinds=KINDS,
        active={fault.kind: fault for fault in sender.weather.faults if fault.times != 0},
        deliveries=recent[::-1],
        held=sum(delivery.state == "held" for delivery in sender.deliveries),
        topics=("deliveries",),
    )


@routes.post("/weather")
async def change_weather(request: web.Request) -> web.Response:
    """Switches one kind on (for all, until clear) or off; `release` lets held ones go."""
    sender = request.app[SENDER]
    kind, action = await posted(request, "kind"), await posted(request, "action")
    if action == "clear":
        sender.weather.clear()
        sender.release()
    elif action == "release":
        sender.release()
    elif kind in KINDS and action == "on":
        delay = DELAY_MS if kind == "delay" else 0
        sender.weather.brew(kind, milliseconds=delay)
    elif kind in KINDS and action == "off":
        sender.weather.clear(kind=kind)
        if kind == "hold":
            sender.release()
    raise web.HTTPSeeOther("/weather")


@routes.get("/avatars/page/{page_id}.svg")
async def page_avatar(request: web.Request) -> web.Response:
    page = request.app[WORLD].pages.get(request.match_info["page_id"])
    return _drawn(drawing.avatar(page.name if page else "?", is_square=True))


@routes.get("/avatars/{key}.svg")
async def avatar(request: web.Request) -> web.Response:
    person = request.app[WORLD].people.get(request.match_info["key"])
    return _drawn(drawing.avatar(person.name if person else "?"))


@routes.get("/covers/{page_id}.svg")
async def cover(request: web.Request) -> web.Response:
    page = request.app[WORLD].pages.get(request.match_info["page_id"])
    return _drawn(drawing.cover(page.name if page else "?"))


@routes.get("/pictures/{picture_id}")
async def picture(request: web.Request) -> web.Response:
    """What people and pages uploaded; svg is kept from running scripts by the policy."""
    found = request.app[WORLD].nodes.get(request.match_info["picture_id"])
    if not isinstance(found, Picture):
        raise web.HTTPNotFound(text="There is no such picture.")
    return _served(found.content, found.content_type)


def _drawn(svg: str) -> web.Response:
    return _served(svg.encode(), "image/svg+xml")


def _served(content: bytes, content_type: str) -> web.Response:
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cache-Control": "private, max-age=3600",
        "Access-Control-Allow-Origin": "*",
    }
    return web.Response(body=content, content_type=content_type, headers=headers)


def _own_path(path: str) -> str:
    """Only a path on this site: a redirect must not lead elsewhere."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_own else "/"
