"""How posts, comments and photos on the wall are shown."""

from typing import Any

from sandbox.feed_events import author_of, permalink, status_type
from sandbox.graph.calls import Call
from sandbox.graph.fields import OMIT, Field, Shape, nested, shown
from sandbox.graph.paging import listed
from sandbox.telling import graph_time
from sandbox.things import Comment, Post


def _likes(call: Call, thing: Post | Comment, one: Field) -> dict[str, Any]:
    summary = {"total_count": len(thing.likes), "can_like": True}
    return {"data": [], "summary": summary}


def standing(comments: list[Comment]) -> list[Comment]:
    return [comment for comment in comments if not comment.is_removed]


def replies(comment: Comment) -> list[Comment]:
    return [one for one in standing(comment.place.comments) if one.parent is comment]


def _post_comments(call: Call, post: Post, one: Field) -> dict[str, Any]:
    return comment_list(nested(call, one, post.id), post, one.fields)


def _comment_comments(call: Call, comment: Comment, one: Field) -> dict[str, Any]:
    return comment_list(nested(call, one, comment.id), comment, one.fields)


def comment_list(call: Call, thing: Post | Comment, fields: list[Field]) -> dict[str, Any]:
    """Filters `toplevel` and `stream`, both orders, `since` in unix seconds."""
    if isinstance(thing, Comment):
        found = replies(thing)
    elif call.text("filter", "toplevel") == "stream":
        found = standing(thing.comments)
    else:
        found = [one for one in standing(thing.comments) if one.parent is None]
    if call.has("since"):
        since = call.whole("since", 0)
        found = [one for one in found if one.created_at.timestamp() >= since]
    found = sorted(found, key=lambda one: one.created_at)
    if call.text("order") == "reverse_chronological":
        found.reverse()
    return listed(call, found, lambda one: one.id, lambda one: shown(call, COMMENT, one, fields))


def _post_picture(call: Call, post: Post, one: Field) -> Any:
    return call.world.picture_url(post.pictures[0]) if post.pictures else OMIT


POST = Shape(
    "Post",
    "created_time,message,id",
    {
        "id": lambda call, post, one: post.id,
        "message": lambda call, post, one: post.message or OMIT,
        "created_time": lambda call, post, one: graph_time(post.created_at),
        "updated_time": lambda call, post, one: graph_time(post.updated_at),
        "from": lambda call, post, one: author_of(call.world, post.page, post.author),
        "permalink_url": lambda call, post, one: permalink(call.world, post),
        "full_picture": _post_picture,
        "status_type": lambda call, post, one: status_type(post),
        "is_hidden": lambda call, post, one: post.is_hidden,
        "is_published": lambda call, post, one: post.is_published,
        "scheduled_publish_time": lambda call, post, one: (
            int(post.publish_at.timestamp()) if post.publish_at and not post.is_published else OMIT
        ),
        "can_reply_privately": lambda call, post, one: (
            post.author is not None and post.privately_replied_at is None
        ),
        "attachments": lambda call, post, one: _attachments(call, post),
        "comments": _post_comments,
        "likes": _likes,
        "reactions": _likes,
        "shares": lambda call, post, one: OMIT,
    },
)


def _attachments(call: Call, post: Post) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        {"type": "photo", "media": {"image": {"src": call.world.picture_url(picture)}}}
        for picture in post.pictures
    ]
    if post.link:
        found.append({"type": "share", "url": post.link.url, "title": post.link.title})
    return {"data": found}


def _parent(call: Call, comment: Comment, one: Field) -> Any:
    return shown(call, COMMENT, comment.parent, one.fields) if comment.parent else OMIT


def _private_conversation(call: Call, comment: Comment, one: Field) -> Any:
    if comment.privately_replied_at is None or comment.author is None:
        return OMIT
    thread = call.world.thread(comment.author, comment.page)
    return {"id": thread.id}


def _comment_attachment(call: Call, comment: Comment, one: Field) -> Any:
    if comment.picture is None:
        return OMIT
    return {"type": "photo", "media": {"image": {"src": call.world.picture_url(comment.picture)}}}


COMMENT: Shape = Shape(
    "Comment",
    "created_time,from,message,id",
    {
        "id": lambda call, comment, one: comment.id,
        "message": lambda call, comment, one: comment.message,
        "created_time": lambda call, comment, one: graph_time(comment.created_at),
        "from": lambda call, comment, one: author_of(call.world, comment.page, comment.author),
        "parent": _parent,
        "object": lambda call, comment, one: {"id": comment.place.id},
        "permalink_url": lambda call, comment, one: permalink(call.world, comment),
        "attachment": _comment_attachment,
        "is_hidden": lambda call, comment, one: comment.is_hidden,
        "can_hide": lambda call, comment, one: comment.author is not None,
        "can_remove": lambda call, comment, one: True,
        "can_comment": lambda call, comment, one: True,
        "can_reply_privately": lambda call, comment, one: (
            comment.author is not None and comment.privately_replied_at is None
        ),
        "private_reply_conversation": _private_conversation,
        "like_count": lambda call, comment, one: len(comment.likes),
        "user_likes": lambda call, comment, one: comment.page.id in comment.likes,
        "comment_count": lambda call, comment, one: len(replies(comment)),
        "comments": _comment_comments,
        "likes": _likes,
    },
)

PHOTO = Shape(
    "Photo",
    "id,created_time",
    {
        "id": lambda call, picture, one: picture.id,
        "alt_text": lambda call, picture, one: picture.alt or OMIT,
        "images": lambda call, picture, one: [{"source": call.world.picture_url(picture)}],
        "created_time": lambda call, picture, one: graph_time(call.now),
    },
)
