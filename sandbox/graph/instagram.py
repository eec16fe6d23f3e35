"""Instagram: media, comments and replies, and publishing through containers."""

import io
import re
from datetime import timedelta
from typing import Any

from sandbox import gallery
from sandbox.graph.calls import Call
from sandbox.graph.edges import Edges
from sandbox.graph.errors import GraphError, bad_parameter
from sandbox.graph.fetching import fetch
from sandbox.graph.fields import asked, shown
from sandbox.graph.gallery_shapes import INSTAGRAM_COMMENT, MEDIA, instagram_comments
from sandbox.graph.paging import listed
from sandbox.things import Comment, Media, Picture

edges = Edges()

CAPTION, HASHTAGS, MENTIONS, CHILDREN = 2200, 30, 20, 10
IMAGE_BYTES = 8 * 1024 * 1024
NARROWEST, WIDEST = 320, 1440
TALLEST_RATIO, FLATTEST_RATIO = 0.8, 1.91
EXPIRES_AFTER = timedelta(hours=24)
COMMENT_LIMIT = 2200


@edges.on("GET", "instagram", "media", scope="instagram_basic")
async def list_media(call: Call) -> dict[str, Any]:
    fields = asked(call)
    media = sorted(call.page.media, key=lambda one: one.created_at, reverse=True)
    return listed(call, media, lambda one: one.id, lambda one: shown(call, MEDIA, one, fields))


@edges.on("GET", "media", scope="instagram_basic")
async def show_media(call: Call) -> dict[str, Any]:
    return shown(call, MEDIA, call.node, asked(call))


@edges.on("GET", "media", "comments", scope="instagram_manage_comments")
async def list_comments(call: Call) -> dict[str, Any]:
    return instagram_comments(call, call.node.comments, asked(call), parent=None)


@edges.on("POST", "media", "comments", scope="instagram_manage_comments")
async def comment(call: Call) -> dict[str, Any]:
    made = gallery.comment(call.world, call.node, _message(call), author=None)
    return {"id": made.id}


@edges.on("GET", "instagram_comment", scope="instagram_manage_comments")
async def show_comment(call: Call) -> dict[str, Any]:
    return shown(call, INSTAGRAM_COMMENT, call.node, asked(call))


@edges.on("GET", "instagram_comment", "replies", scope="instagram_manage_comments")
async def list_replies(call: Call) -> dict[str, Any]:
    place = call.node.place
    return instagram_comments(call, place.comments, asked(call), parent=call.node)


@edges.on("POST", "instagram_comment", "replies", scope="instagram_manage_comments")
async def reply(call: Call) -> dict[str, Any]:
    """Only to a top-level comment: its replies cannot be replied to through the API."""
    target: Comment = call.node
    if target.parent is not None:
        raise bad_parameter("Replies can only be made to top-level comments.")
    if target.is_hidden:
        raise bad_parameter("A hidden comment cannot be replied to.")
    return {"id": gallery.comment(call.world, target, _message(call), author=None).id}


@edges.on("POST", "instagram_comment", scope="instagram_manage_comments")
async def hide_comment(call: Call) -> dict[str, Any]:
    if "hide" not in call.args:
        raise bad_parameter("The parameter hide is required.")
    if call.node.author is None:
        raise bad_parameter("The account's own comment cannot be hidden.")
    gallery.hide(call.world, call.node, call.flag("hide", False))
    return {"success": True}


@edges.on("DELETE", "instagram_comment", scope="instagram_manage_comments")
async def remove_comment(call: Call) -> dict[str, Any]:
    gallery.remove(call.world, call.node)
    return {"success": True}


@edges.on("POST", "instagram", "media", scope="instagram_content_publish")
async def contain(call: Call) -> dict[str, Any]:
    caption = _caption(call)
    if call.text("media_type") == "CAROUSEL":
        made = gallery.contain(call.world, call.page, None, caption, children=_children(call))
        return {"id": made.id}
    if call.text("media_type", "IMAGE") not in ("IMAGE", ""):
        raise bad_parameter("The sandbox publishes pictures and carousels only.")
    picture = await _image(call)
    made = gallery.contain(
        call.world,
        call.page,
        picture,
        caption,
        alt_text=call.text("alt_text"),
        is_carousel_item=call.flag("is_carousel_item", False),
    )
    return {"id": made.id}


@edges.on("GET", "container", scope="instagram_content_publish")
async def show_container(call: Call) -> dict[str, Any]:
    media: Media = call.node
    status = "FINISHED"
    if media.published_at is not None:
        status = "PUBLISHED"
    elif call.now - media.created_at > EXPIRES_AFTER:
        status = "EXPIRED"
    return {"status_code": status, "status": f"{status.title()}: media", "id": media.id}


@edges.on("POST", "instagram", "media_publish", scope="instagram_content_publish")
async def publish(call: Call) -> dict[str, Any]:
    media = call.world.nodes.get(call.required("creation_id"))
    if not isinstance(media, Media) or media.page is not call.page:
        raise bad_parameter("The creation_id is not a media container.", subcode=2207008)
    if media.published_at is not None or call.now - media.created_at > EXPIRES_AFTER:
        raise bad_parameter("The media container is published or expired.", subcode=2207008)
    if _used(call) >= call.world.settings.publishing_quota:
        raise GraphError(9, "(#9) The publishing limit is reached.", subcode=2207042)
    call.page.published_at.append(call.now)
    return {"id": gallery.publish(call.world, media).id}


@edges.on("GET", "instagram", "content_publishing_limit", scope="instagram_content_publish")
async def show_limit(call: Call) -> dict[str, Any]:
    config = {"quota_total": call.world.settings.publishing_quota, "quota_duration": 86400}
    return {"data": [{"quota_usage": _used(call), "config": config}]}


def _used(call: Call) -> int:
    return sum(call.now - at < EXPIRES_AFTER for at in call.page.published_at)


def _message(call: Call) -> str:
    message = call.required("message")
    if len(message) > COMMENT_LIMIT:
        raise bad_parameter(f"A comment has at most {COMMENT_LIMIT} characters.")
    return message


def _caption(call: Call) -> str:
    caption = call.text("caption")
    is_too_long = len(caption) > CAPTION
    hashtags, mentions = re.findall(r"#\w", caption), re.findall(r"@\w", caption)
    if is_too_long or len(hashtags) > HASHTAGS or len(mentions) > MENTIONS:
        raise bad_parameter(
            f"A caption has at most {CAPTION} characters, {HASHTAGS} hashtags and {MENTIONS} tags.",
            subcode=2207010,
        )
    return caption


def _children(call: Call) -> list[Media]:
    children = [call.world.nodes.get(child) for child in call.words("children")]
    found = [child for child in children if isinstance(child, Media) and child.is_carousel_item]
    if len(found) != len(children) or not 2 <= len(found) <= CHILDREN:
        raise bad_parameter(f"A carousel has 2 to {CHILDREN} containers made as carousel items.")
    return found


async def _image(call: Call) -> Picture:
    """JPEG, at most 8 MB, 320–1440 pixels wide, between 4:5 and 1.91:1."""
    fetched = await fetch(call.world, call.required("image_url"))
    if fetched is None:
        raise GraphError(9004, "(#9004) The media could not be fetched.", subcode=2207052)
    if len(fetched.content) > IMAGE_BYTES:
        raise bad_parameter("The image is larger than 8 MB.", subcode=2207004)
    width, height = _jpeg_size(fetched.content)
    if not width:
        raise bad_parameter("Only JPEG pictures can be published.", subcode=2207005)
    if not TALLEST_RATIO - 0.01 <= width / height <= FLATTEST_RATIO + 0.01:
        raise GraphError(36003, "(#36003) The aspect ratio is not supported.", subcode=2207009)
    if not NARROWEST <= width <= WIDEST:
        raise bad_parameter("The picture must be 320 to 1440 pixels wide.", subcode=2207004)
    return call.world.picture(fetched.content, "image/jpeg", call.text("alt_text"))


def _jpeg_size(content: bytes) -> tuple[int, int]:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG"]) as image:
            return image.size
    except (OSError, ValueError):
        return 0, 0
