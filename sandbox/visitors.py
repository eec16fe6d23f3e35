"""Who sits before the browser: one of the sandbox's people, kept in a cookie."""

from typing import Any

from aiohttp import web

from sandbox.pages import render
from sandbox.things import Page, Person
from sandbox.world import WORLD

COOKIE = "sandbox_person"


def visitor(request: web.Request) -> Person:
    people = request.app[WORLD].people
    key = request.cookies.get(COOKIE, "")
    return people.get(key) or next(iter(people.values()))


def page_in(request: web.Request) -> Page:
    """The page the path names, by slug or Instagram name."""
    page = request.app[WORLD].page(request.match_info["slug"])
    if page is None:
        raise web.HTTPNotFound(text="There is no such page here.")
    return page


def face(request: web.Request, template: str, page: Page, **context: Any) -> web.Response:
    """A page of the network, with the page it is about and who looks at it."""
    world = request.app[WORLD]
    return render(
        request,
        template,
        page=page,
        me=visitor(request),
        people=list(world.people.values()),
        world=world,
        **context,
    )


async def posted(request: web.Request, name: str, *, limit: int = 8000) -> str:
    """A text field of the form, trimmed and cut to what the network takes."""
    value = (await request.post()).get(name, "")
    return value.strip()[:limit] if isinstance(value, str) else ""


async def posted_picture(request: web.Request) -> tuple[bytes, str] | None:
    """An uploaded picture; anything else that was chosen is left out."""
    value = (await request.post()).get("picture")
    if not isinstance(value, web.FileField) or not value.content_type.startswith("image/"):
        return None
    content = value.file.read()
    return (content, value.content_type) if content else None


def back(request: web.Request, path: str, anchor: str = "") -> web.HTTPSeeOther:
    return web.HTTPSeeOther(f"{path}#{anchor}" if anchor else path)
