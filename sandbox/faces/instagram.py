"""The Instagram profile: grid, pictures with comments, direct messages, ig.me links."""

from aiohttp import web

from sandbox import chats, gallery
from sandbox.faces.chatting import act, thread_of, window
from sandbox.things import Comment, Media, Page
from sandbox.visitors import back, face, page_in, posted, visitor
from sandbox.world import WORLD

routes = web.RouteTableDef()


def _profile(request: web.Request) -> Page:
    page = page_in(request)
    if not page.settings.instagram_id:
        raise web.HTTPNotFound(text="This page has no Instagram account.")
    return page


@routes.get("/instagram/{slug}")
async def grid(request: web.Request) -> web.Response:
    page = _profile(request)
    media = sorted(page.media, key=lambda one: one.created_at, reverse=True)
    return face(request, "instagram_grid.html", page, media=media, topics=_topics(page))


@routes.get("/instagram/{slug}/p/{shortcode}")
async def show(request: web.Request) -> web.Response:
    page, me = _profile(request), visitor(request)
    media = _media(request, page)

    def under(parent: Comment | None) -> list[Comment]:
        return [
            comment
            for comment in media.comments
            if comment.parent is parent
            and not comment.is_removed
            and (not comment.is_hidden or comment.author is me)
        ]

    return face(
        request, "instagram_media.html", page, media=media, under=under, topics=_topics(page)
    )


@routes.post("/instagram/{slug}/p/{shortcode}")
async def comment(request: web.Request) -> web.Response:
    """A comment, or a reply where `target` is a comment's id; `verb` may be like or remove."""
    page, world, me = _profile(request), request.app[WORLD], visitor(request)
    media = _media(request, page)
    target = world.nodes.get(await posted(request, "target"))
    text, verb = await posted(request, "text", limit=2200), await posted(request, "verb")
    found = target if isinstance(target, Comment) and target.place is media else None
    if verb == "like":
        gallery.like(world, media, me)
    elif verb == "remove":
        if found is not None and found.author is me:
            gallery.remove(world, found)
    elif text:
        gallery.comment(world, found or media, text, author=me)
    raise back(request, request.path)


@routes.get("/instagram/{slug}/direct")
async def direct(request: web.Request) -> web.Response:
    return window(request, "instagram", _direct(_profile(request)))


@routes.post("/instagram/{slug}/direct")
async def do(request: web.Request) -> web.Response:
    return await act(request, "instagram", _direct(_profile(request)))


@routes.get("/ig/m/{slug}")
async def arrive(request: web.Request) -> web.Response:
    """What ig.me/m/<user>?ref=… leads to."""
    page, ref = _profile(request), request.query.get("ref", "")
    if ref:
        chats.arrive(request.app[WORLD], thread_of(request, "instagram"), ref[:2083])
    raise web.HTTPSeeOther(_direct(page))


def _direct(page: Page) -> str:
    return f"/instagram/{page.settings.instagram_username}/direct"


def _media(request: web.Request, page: Page) -> Media:
    code = request.match_info["shortcode"]
    for media in page.media:
        if media.shortcode == code:
            return media
    raise web.HTTPNotFound(text="There is no such picture.")


def _topics(page: Page) -> tuple[str, ...]:
    return (f"instagram:{page.settings.instagram_id}",)
