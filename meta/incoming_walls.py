"""One change on a page's wall or under an Instagram account's posts.

Two generations of `feed` values live side by side: `from{id,name}` and, before v2.11,
`sender_id` with `sender_name`. An author may be missing in both.
"""

from datetime import datetime
from typing import TypedDict

from meta import incoming_posts
from meta.change_keys import POSTS
from meta.happenings import Unsupported
from meta.shapes import Shape, identifier, moment, number, shape, text
from meta.wall_happenings import (
    CommentEdited,
    CommentHidden,
    CommentRemoved,
    CommentWritten,
    Mentioned,
    Rated,
    Wall,
    WallPlatform,
    WallReaction,
)


class Common(TypedDict):
    platform: WallPlatform
    account_id: str
    at: datetime
    author_id: str | None
    author_name: str | None


def read(
    platform: WallPlatform, field: str, account: str, value: Shape, sent_at: datetime
) -> Wall | Unsupported:
    if not value:
        return Unsupported("change without a value")
    common = _common(platform, account, value, sent_at)
    match platform, field:
        case "instagram", "comments" | "live_comments":
            return _instagram_comment(common, value)
        case _, "mention" | "mentions":
            return _mention(common, value)
        case "facebook", "ratings":
            return _rating(common, value)
        case "facebook", "feed":
            return _feed(common, value)
    return Unsupported(f"not followed: {field[:40]}")


def _common(platform: WallPlatform, account: str, value: Shape, sent_at: datetime) -> Common:
    # What changes later still carries the time of its making: an edit is as old as its telling.
    is_first = value.get("verb") in (None, "add")
    author = shape(value.get("from"))
    author_id = identifier(author.get("id")) or identifier(value.get("sender_id"))
    name = (
        text(author.get("name")) or text(author.get("username")) or text(value.get("sender_name"))
    )
    return Common(
        platform=platform,
        account_id=account,
        at=moment(value.get("created_time") if is_first else None, otherwise=sent_at),
        author_id=author_id or identifier(value.get("reviewer_id")),
        author_name=(name or text(value.get("reviewer_name")))[:200] or None,
    )


def _feed(common: Common, value: Shape) -> Wall | Unsupported:
    item = text(value.get("item"))
    if item == "comment":
        return _comment(common, value)
    if item in ("like", "reaction"):
        return _reaction(common, value)
    if item in POSTS:
        return incoming_posts.read(common, item, value)
    return Unsupported(f"not followed: {item[:40] or 'feed without item'}")


def _comment(common: Common, value: Shape) -> Wall | Unsupported:
    comment_id, post_id = identifier(value.get("comment_id")), identifier(value.get("post_id"))
    if comment_id is None:
        return Unsupported("comment without an id")
    parent = identifier(value.get("parent_id"))
    # Under the post itself `parent_id` repeats the post's id.
    parent_id = parent if parent not in (post_id, comment_id) else None
    photo, video = text(value.get("photo")) or None, text(value.get("video")) or None
    said = text(value.get("message"))
    match value.get("verb"):
        case "add":
            link = text(shape(value.get("post")).get("permalink_url")) or None
            return CommentWritten(
                **common, comment_id=comment_id, post_id=post_id, parent_id=parent_id,
                text=said, picture_url=photo, video_url=video, permalink=link,
            )  # fmt: skip
        case "edited" | "edit" | "update":
            return CommentEdited(
                **common, comment_id=comment_id, post_id=post_id, parent_id=parent_id,
                text=said, picture_url=photo,
            )  # fmt: skip
        case "remove" | "delete":
            return CommentRemoved(
                **common, comment_id=comment_id, post_id=post_id, parent_id=parent_id
            )
        case ("hide" | "unhide") as verb:
            return CommentHidden(
                **common, comment_id=comment_id, post_id=post_id, parent_id=parent_id,
                is_hidden=verb == "hide",
            )  # fmt: skip
    return Unsupported(f"comment with the verb {text(value.get('verb'))[:20]!r}")


def _reaction(common: Common, value: Shape) -> WallReaction:
    # A like of the page itself names its author in a field of its own.
    common["author_id"] = common["author_id"] or identifier(value.get("user_id"))
    return WallReaction(
        **common,
        reaction=text(value.get("reaction_type"))[:20] or "like",
        is_taken_back=value.get("verb") == "remove",
        post_id=identifier(value.get("post_id")),
        comment_id=identifier(value.get("comment_id")),
    )


def _instagram_comment(common: Common, value: Shape) -> Wall | Unsupported:
    comment_id = identifier(value.get("id"))
    if comment_id is None:
        return Unsupported("comment without an id")
    return CommentWritten(
        **common,
        comment_id=comment_id,
        post_id=identifier(shape(value.get("media")).get("id")),
        parent_id=identifier(value.get("parent_id")),
        text=text(value.get("text")),
    )


def _mention(common: Common, value: Shape) -> Wall | Unsupported:
    post_id = identifier(value.get("post_id")) or identifier(value.get("media_id"))
    comment_id = identifier(value.get("comment_id"))
    if post_id is None and comment_id is None:
        return Unsupported("mention without a place")
    said = text(value.get("message"))
    return Mentioned(**common, post_id=post_id, comment_id=comment_id, text=said)


def _rating(common: Common, value: Shape) -> Wall | Unsupported:
    if value.get("item") not in ("rating", None):
        return Unsupported("comment or reaction under a rating")
    kind = text(value.get("recommendation_type")).upper()
    return Rated(
        **common,
        story_id=identifier(value.get("open_graph_story_id")),
        text=text(value.get("review_text")),
        is_positive={"POSITIVE": True, "NEGATIVE": False}.get(kind),
        stars=number(value.get("rating")),
        is_removed=value.get("verb") == "remove",
    )
