"""How Instagram media and their comments are shown."""

from typing import Any

from sandbox.graph.calls import Call
from sandbox.graph.fields import OMIT, Field, Shape, nested, shown
from sandbox.graph.paging import listed
from sandbox.graph.wall_shapes import standing
from sandbox.telling import graph_time
from sandbox.things import Comment, Media, Page, Person


def _instagram_author(call: Call, page: Page, author: Person | None) -> dict[str, str]:
    if author is None:
        return {"id": page.settings.instagram_id, "username": page.settings.instagram_username}
    return {
        "id": call.world.user_id(author, page, "instagram"),
        "username": author.username,
    }


def _media_comments(call: Call, media: Media, one: Field) -> dict[str, Any]:
    inner = nested(call, one, media.id)
    return instagram_comments(inner, media.comments, one.fields, parent=None)


def instagram_comments(
    call: Call, comments: list[Comment], fields: list[Field], *, parent: Comment | None
) -> dict[str, Any]:
    """Newest first, as Instagram lists them; replies oldest first."""
    found = [one for one in standing(comments) if one.parent is parent]
    found.sort(key=lambda one: one.created_at, reverse=parent is None)
    return listed(
        call,
        found,
        lambda one: one.id,
        lambda one: shown(call, INSTAGRAM_COMMENT, one, fields),
    )


MEDIA = Shape(
    "IGMedia",
    "id",
    {
        "id": lambda call, media, one: media.id,
        "caption": lambda call, media, one: media.caption or OMIT,
        "alt_text": lambda call, media, one: media.alt_text or OMIT,
        "media_type": lambda call, media, one: "CAROUSEL_ALBUM" if media.children else "IMAGE",
        "media_product_type": lambda call, media, one: "FEED",
        "media_url": lambda call, media, one: (
            call.world.picture_url(media.picture) if media.picture else OMIT
        ),
        "permalink": lambda call, media, one: (
            f"{call.world.settings.base_url}/instagram/"
            f"{media.page.settings.instagram_username}/p/{media.shortcode}"
        ),
        "shortcode": lambda call, media, one: media.shortcode,
        "timestamp": lambda call, media, one: graph_time(media.created_at),
        "username": lambda call, media, one: media.page.settings.instagram_username,
        "like_count": lambda call, media, one: len(media.likes),
        "comments_count": lambda call, media, one: len(standing(media.comments)),
        "comments": _media_comments,
    },
)

INSTAGRAM_COMMENT = Shape(
    "IGComment",
    "timestamp,text,id",
    {
        "id": lambda call, comment, one: comment.id,
        "text": lambda call, comment, one: comment.message,
        "timestamp": lambda call, comment, one: graph_time(comment.created_at),
        "from": lambda call, comment, one: _instagram_author(call, comment.page, comment.author),
        "username": lambda call, comment, one: _instagram_author(
            call, comment.page, comment.author
        )["username"],
        "hidden": lambda call, comment, one: comment.is_hidden,
        "like_count": lambda call, comment, one: len(comment.likes),
        "media": lambda call, comment, one: {"id": comment.place.id},
        "parent_id": lambda call, comment, one: comment.parent.id if comment.parent else OMIT,
        "replies": lambda call, comment, one: instagram_comments(
            nested(call, one, comment.id), comment.place.comments, one.fields, parent=comment
        ),
    },
)
