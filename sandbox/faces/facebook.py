"""The page as fans see it: wall, shop tab, info."""

from aiohttp import web

from sandbox import walls
from sandbox.signing import signed_request
from sandbox.telling import seconds
from sandbox.things import Comment, Page, Person, Post
from sandbox.visitors import back, face, page_in, posted, posted_picture, visitor
from sandbox.world import WORLD, World

routes = web.RouteTableDef()


@routes.get("/facebook/{slug}")
async def wall(request: web.Request) -> web.Response:
    page = page_in(request)
    walls.release_due(request.app[WORLD], page)
    me = visitor(request)
    posts = [post for post in page.posts if _sees_post(me, post)]
    posts.sort(key=lambda post: post.created_at, reverse=True)
    return face(
        request,
        "facebook_wall.html",
        page,
        tab="wall",
        posts=posts,
        comments_under=lambda thing: _comments_under(me, thing),
        topics=(f"wall:{page.id}",),
    )


@routes.get("/facebook/{slug}/shop")
async def shop(request: web.Request) -> web.Response:
    """The tab is loaded by POST with a signed_request, as Facebook does it."""
    page, world = page_in(request), request.app[WORLD]
    settings = world.settings
    action = settings.product_url + settings.tab_path.format(slug=page.settings.slug)
    return face(
        request,
        "facebook_shop.html",
        page,
        tab="shop",
        action=action,
        signed=signed_request(
            settings.app_secret, tab_payload(world, page, visitor(request), request)
        ),
    )


def tab_payload(world: World, page: Page, me: Person, request: web.Request) -> dict[str, object]:
    """No user_id: that only comes from people who have authorised the app."""
    country = me.locale.partition("_")[2]
    payload: dict[str, object] = {
        "issued_at": seconds(world.now()),
        "page": {"id": page.id, "admin": False, "liked": True},
        "user": {"country": country.lower(), "locale": me.locale, "age": {"min": 21}},
    }
    if app_data := request.query.get("app_data"):
        payload["app_data"] = app_data
    return payload


@routes.get("/facebook/{slug}/info")
async def info(request: web.Request) -> web.Response:
    return face(request, "facebook_info.html", page_in(request), tab="info")


@routes.post("/facebook/{slug}/posts")
async def post(request: web.Request) -> web.Response:
    page, world = page_in(request), request.app[WORLD]
    text, upload = await posted(request, "text"), await posted_picture(request)
    pictures = [world.picture(*upload)] if upload else []
    anchor = ""
    if text or pictures:
        made = walls.publish(world, page, text, author=visitor(request), pictures=pictures)
        anchor = f"post-{made.id}"
    raise back(request, f"/facebook/{page.settings.slug}", anchor)


@routes.post("/facebook/{slug}/comments")
async def comment(request: web.Request) -> web.Response:
    """Under the post or comment `target` names."""
    page, world = page_in(request), request.app[WORLD]
    target = _standing(world, page, await posted(request, "target"))
    text, upload = await posted(request, "text"), await posted_picture(request)
    picture = world.picture(*upload) if upload else None
    anchor = ""
    if text or picture:
        made = walls.comment(world, target, text, author=visitor(request), picture=picture)
        anchor = f"comment-{made.id}"
    raise back(request, f"/facebook/{page.settings.slug}", anchor)


@routes.post("/facebook/{slug}/things/{thing_id}/{verb:edit|remove|like}")
async def change(request: web.Request) -> web.Response:
    """Of one's own posts and comments; liking of all."""
    page, world, me = page_in(request), request.app[WORLD], visitor(request)
    thing = _standing(world, page, request.match_info["thing_id"])
    verb = request.match_info["verb"]
    if verb == "like":
        walls.like(world, thing, me, is_on=me.key not in thing.likes)
    elif thing.author is not me:
        raise web.HTTPForbidden(text="That is somebody else’s.")
    elif verb == "remove" and isinstance(thing, Comment):
        walls.remove_comment(world, thing)
    elif verb == "remove" and isinstance(thing, Post):
        walls.remove_post(world, thing)
    elif text := await posted(request, "text"):
        if isinstance(thing, Comment):
            walls.edit_comment(world, thing, text)
        else:
            walls.edit_post(world, thing, text)
    kind = "post" if isinstance(thing, Post) else "comment"
    raise back(request, f"/facebook/{page.settings.slug}", f"{kind}-{thing.id}")


def _standing(world: World, page: Page, thing_id: str) -> Post | Comment:
    thing = world.nodes.get(thing_id)
    is_here = isinstance(thing, Post | Comment) and thing.page is page and not thing.is_removed
    if not is_here or not isinstance(thing, Post | Comment):
        raise web.HTTPNotFound(text="That is not here any more.")
    if isinstance(thing, Comment) and not isinstance(thing.place, Post):
        raise web.HTTPNotFound(text="That is not here any more.")
    return thing


def _sees_post(me: Person, post: Post) -> bool:
    is_out = post.is_published and not post.is_removed
    return is_out and (not post.is_hidden or post.author is me)


def _comments_under(me: Person, thing: Post | Comment) -> list[Comment]:
    """A hidden comment stays visible to its author (Graph API docs: is_hidden)."""
    place = thing if isinstance(thing, Post) else thing.place
    parent = thing if isinstance(thing, Comment) else None
    return [
        comment
        for comment in place.comments
        if comment.parent is parent
        and not comment.is_removed
        and (not comment.is_hidden or comment.author is me)
    ]
