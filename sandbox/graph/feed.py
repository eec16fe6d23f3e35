"""Posts on a page's wall: reading, publishing, photos, scheduling, editing, removing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import walls
from sandbox.graph.calls import Call
from sandbox.graph.checks import web_address
from sandbox.graph.edges import Edges
from sandbox.graph.errors import GraphError, bad_parameter
from sandbox.graph.fetching import Fetched, fetch, link_card, picture_type
from sandbox.graph.fields import asked, shown
from sandbox.graph.paging import listed
from sandbox.graph.wall_shapes import PHOTO, POST
from sandbox.things import Picture, Post

edges = Edges()

SOONEST, LATEST = timedelta(minutes=10), timedelta(days=30)
SAME_AGAIN_WITHIN = timedelta(minutes=1)


@edges.on("GET", "page", "feed", scope="pages_read_engagement")
async def list_feed(call: Call) -> dict[str, Any]:
    return _listed(call, lambda post: True)


@edges.on("GET", "page", "posts", scope="pages_read_engagement")
@edges.on("GET", "page", "published_posts", scope="pages_read_engagement")
async def list_own(call: Call) -> dict[str, Any]:
    return _listed(call, lambda post: post.author is None)


@edges.on("GET", "page", "visitor_posts", scope="pages_read_user_content")
async def list_visitors(call: Call) -> dict[str, Any]:
    return _listed(call, lambda post: post.author is not None)


@edges.on("GET", "page", "scheduled_posts", scope="pages_read_engagement")
async def list_scheduled(call: Call) -> dict[str, Any]:
    return _listed(call, lambda post: post.publish_at is not None, is_published=False)


def _listed(call: Call, belongs: Any, *, is_published: bool = True) -> dict[str, Any]:
    walls.release_due(call.world, call.page)
    posts = [
        post
        for post in call.page.posts
        if post.is_published == is_published and not post.is_removed and belongs(post)
    ]
    if call.has("since"):
        since = call.whole("since", 0)
        posts = [post for post in posts if post.created_at.timestamp() >= since]
    posts.sort(key=lambda post: post.created_at, reverse=True)
    fields = asked(call)
    return listed(call, posts, lambda post: post.id, lambda post: shown(call, POST, post, fields))


@edges.on("POST", "page", "feed", scope="pages_manage_posts")
async def publish(call: Call) -> dict[str, Any]:
    message, link = call.text("message"), call.text("link")
    pictures = _attached(call)
    if not (message or link or pictures):
        raise bad_parameter("The parameter message or link is required.")
    card = None
    if link:
        web_address(link, "link")
        card = await link_card(call.world, link)
        if card is None:
            raise GraphError(1609005, "(#1609005) The link could not be scraped.")
    publish_at = _publish_at(call)
    _refuse_repetition(call, message, link, pictures)
    post = walls.publish(
        call.world,
        call.page,
        message,
        link=card,
        pictures=pictures,
        app_id=call.world.settings.app_id,
        is_published=call.flag("published", True),
        publish_at=publish_at,
    )
    return {"id": post.id}


def _attached(call: Call) -> list[Picture]:
    """`attached_media`: an array, or `attached_media[0]` and so on as form fields."""
    found: list[Any] = call.array("attached_media") if call.has("attached_media") else []
    numbered = sorted(name for name in call.args if name.startswith("attached_media["))
    found += [call.object(name) for name in numbered]
    pictures = []
    for media in found:
        picture_id = str(media.get("media_fbid", "")) if isinstance(media, dict) else ""
        picture = call.world.nodes.get(picture_id)
        if not isinstance(picture, Picture) or picture.page_id != call.page.id:
            raise bad_parameter(f"The photo {picture_id!r} in attached_media does not exist.")
        pictures.append(picture)
    return pictures


def _publish_at(call: Call) -> datetime | None:
    """Unix seconds or ISO 8601, ten minutes to thirty days ahead, with published=false."""
    if not call.has("scheduled_publish_time"):
        return None
    text = call.text("scheduled_publish_time")
    try:
        at = (
            datetime.fromtimestamp(int(text), UTC)
            if text.isdigit()
            else datetime.fromisoformat(text)
        )
    except (ValueError, OverflowError, OSError):
        raise bad_parameter("The specified scheduled publish time is invalid.") from None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    if call.flag("published", True):
        raise bad_parameter("Posts that are already published cannot have a scheduled time.")
    if not call.now + SOONEST <= at <= call.now + LATEST:
        raise bad_parameter("The specified scheduled publish time is invalid.")
    return at


def _refuse_repetition(call: Call, message: str, link: str, pictures: list[Picture]) -> None:
    for post in reversed(call.page.posts):
        if post.author is not None or post.is_removed or post.pictures or pictures:
            continue
        is_same = post.message == message and (post.link.url if post.link else "") == link
        if is_same and call.now - post.created_at < SAME_AGAIN_WITHIN:
            raise GraphError(506, "(#506) Duplicate status message")
        return


@edges.on("POST", "page", "photos", scope="pages_manage_posts")
async def publish_photo(call: Call) -> dict[str, Any]:
    """From `url` or the multipart part `source`; unpublished ones are for attached_media."""
    fetched = await _photo(call)
    world, page = call.world, call.page
    picture = world.picture(fetched.content, fetched.content_type, call.text("alt_text_custom"))
    picture.page_id = page.id
    publish_at = _publish_at(call)
    is_published = call.flag("published", True)
    if not is_published and publish_at is None:
        return {"id": picture.id}
    post = walls.publish(
        world,
        page,
        call.text("caption") or call.text("message"),
        pictures=[picture],
        app_id=world.settings.app_id,
        is_published=is_published,
        publish_at=publish_at,
    )
    return {"id": picture.id, "post_id": post.id}


async def _photo(call: Call) -> Fetched:
    content = b""
    if call.files:
        content = next(iter(call.files.values()))[0]
    elif call.has("url"):
        fetched = await fetch(call.world, call.text("url"))
        content = fetched.content if fetched else b""
    if not (kind := picture_type(content)):
        raise GraphError(324, "(#324) Missing or invalid image file")
    return Fetched(content, kind)


@edges.on("GET", "photo", scope="pages_read_engagement")
async def show_photo(call: Call) -> dict[str, Any]:
    return shown(call, PHOTO, call.node, asked(call))


@edges.on("GET", "post", scope="pages_read_engagement", tokens=("PAGE", "USER"))
async def show(call: Call) -> dict[str, Any]:
    return shown(call, POST, call.node, asked(call))


@edges.on("POST", "post", scope="pages_manage_posts")
async def change(call: Call) -> dict[str, Any]:
    post: Post = call.node
    if "message" in call.args:
        if post.app_id != call.world.settings.app_id:
            raise GraphError(200, "(#200) Only posts made by this app can be edited.")
        walls.edit_post(call.world, post, call.text("message"))
    if "is_hidden" in call.args:
        walls.hide_post(call.world, post, call.flag("is_hidden", False))
    if call.flag("is_published", False) and not post.is_published:
        post.publish_at = call.now
        walls.release_due(call.world, post.page)
    elif "scheduled_publish_time" in call.args:
        call.args.setdefault("published", False)
        post.publish_at = _publish_at(call)
    return {"success": True}


@edges.on("DELETE", "post", scope="pages_manage_posts")
async def remove(call: Call) -> dict[str, Any]:
    walls.remove_post(call.world, call.node)
    return {"success": True}
