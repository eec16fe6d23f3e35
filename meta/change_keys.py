"""What one change on a wall is, and what tells it from every other."""

from meta.chat_keys import Described
from meta.jsontext import dump
from meta.shapes import Shape, identifier, shape, text

POSTS = frozenset({"post", "status", "photo", "video", "share", "album", "event", "link", "note"})


def describe(field: str, value: object, more: Shape) -> Described:
    """`more` is what stands beside field and value, where nothing should."""
    content = shape(value)
    if not content:
        reason = "change without a value" if value is None else "malformed value"
        return Described("change", (field, dump([value, more])), field[:80], reason)
    match field:
        case "feed":
            return _feed(content)
        case "comments" | "live_comments":
            return _instagram_comment(content)
        case "mention" | "mentions":
            parts = (content.get("media_id"), content.get("post_id"), content.get("comment_id"))
            return Described("mention", (*parts, *_version(content)), "mentions", at=_at(content))
        case "ratings":
            return Described("rating", _rating(content), "ratings", at=_at(content))
    return Described("change", (field, dump(content)), field[:80], f"not followed: {field[:40]}")


def _feed(content: Shape) -> Described:
    item = text(content.get("item"))
    thing = (item, content.get("post_id"), content.get("comment_id"), *_others(content))
    thread = identifier(content.get("post_id")) or _post_in(content) or "feed"
    ignored = None
    if item in ("like", "reaction"):
        ignored = "a reaction"
        thing = (*thing, content.get("reaction_type"))
    elif item != "comment" and item not in POSTS:
        ignored = f"not followed: {item[:40] or 'feed without item'}"
    if ignored and not _others(content) and not thing[1] and not thing[2]:
        thing = (*thing, dump(content))
    return Described("feed", (*thing, *_version(content)), thread[:200], ignored, at=_at(content))


def _others(content: Shape) -> tuple[object, ...]:
    """The ids of photos, videos and so on, where no post is named."""
    names = ("photo_id", "video_id", "album_id", "share_id", "event_id", "user_id")
    return tuple(content[name] for name in names if name in content)


def _post_in(content: Shape) -> str | None:
    """A like of a comment may leave the post out; `{post}_{comment}` names half of it."""
    return identifier(content.get("parent_id")) or identifier(content.get("comment_id"))


def _version(content: Shape) -> tuple[object, ...]:
    """Not the entry's time: that is when it was sent, and differs when it is sent again.

    In what was captured `created_time` is the time of the change itself, so that an edit to and
    fro is three events.
    """
    author = shape(content.get("from")).get("id") or content.get("sender_id")
    times = content.get("created_time"), content.get("edited_time")
    return content.get("verb"), author, *times, text(content.get("message"))


def _instagram_comment(content: Shape) -> Described:
    comment = identifier(content.get("id"))
    medium = identifier(shape(content.get("media")).get("id"))
    parts: tuple[object, ...] = (comment,) if comment else (dump(content),)
    ignored = None if comment else "comment without an id"
    return Described("comment", parts, medium or f"comment {comment}"[:200], ignored)


def _rating(content: Shape) -> tuple[object, ...]:
    names = (
        "item", "open_graph_story_id", "reviewer_id", "comment_id", "rating",
        "recommendation_type", "review_text", "reaction_type",
    )  # fmt: skip
    return (*(content.get(name) for name in names), *_version(content))


def _at(content: Shape) -> object:
    """Of what is new. A later change is as old as its telling: nobody promises that it does not
    carry the time its object was made."""
    return content.get("created_time") if content.get("verb") in (None, "add") else None
