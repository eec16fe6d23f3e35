"""The `value` of feed changes and Instagram comment changes, in Meta's shapes."""

from typing import Any

from sandbox.state import State
from sandbox.telling import graph_time, seconds, tell_change
from sandbox.things import Comment, Page, Person, Post


def author_of(state: State, page: Page, author: Person | None) -> dict[str, str]:
    if author is None:
        return {"id": page.id, "name": page.name}
    return {"id": state.user_id(author, page), "name": author.name}


def permalink(state: State, thing: Post | Comment) -> str:
    base = f"{state.settings.base_url}/facebook/{thing.page.settings.slug}"
    return f"{base}#{'post' if isinstance(thing, Post) else 'comment'}-{thing.id}"


def tell_comment(state: State, comment: Comment, verb: str) -> None:
    """`verb` is add, edited, remove, hide or unhide; a removed comment comes without its text."""
    post = comment.post
    value: dict[str, Any] = {
        "from": author_of(state, comment.page, comment.author),
        "post_id": post.id,
        "comment_id": comment.id,
        "parent_id": comment.parent.id if comment.parent else post.id,
        "item": "comment",
        "verb": verb,
    }
    if verb != "remove":
        value["post"] = _post_summary(state, post)
        # Of the change itself: captured edits and hidings carry the time they were sent at.
        value["created_time"] = seconds(comment.created_at if verb == "add" else state.now())
        if comment.message:
            value["message"] = comment.message
        if comment.picture:
            value["photo"] = state.picture_url(comment.picture)
    tell_change(state, comment.page, "feed", value, lane=post.id)


def tell_post(state: State, post: Post, verb: str) -> None:
    """`verb` is add, edit, remove, hide or unhide; the page's own posts say `edited`."""
    value = _visitor_post(state, post, verb) if post.author else _own_post(state, post, verb)
    if verb == "remove":
        value.pop("message", None)
        value["recipient_id"] = int(post.page.id)
        value["created_time"] = seconds(post.created_at)
    tell_change(state, post.page, "feed", value, lane=post.id)


def tell_like(state: State, person: Person, thing: Post | Comment, verb: str) -> None:
    post = thing if isinstance(thing, Post) else thing.place
    value: dict[str, Any] = {
        "from": author_of(state, thing.page, person),
        "parent_id": post.id,
        "post_id": post.id,
        "created_time": seconds(state.now()),
        "item": "reaction",
        "verb": verb,
        "reaction_type": "like",
    }
    if isinstance(thing, Comment):
        value["comment_id"] = thing.id
    tell_change(state, thing.page, "feed", value, lane=post.id)


def tell_instagram_comment(state: State, comment: Comment) -> None:
    """The account's own comments arrive too; edits and removals have no event."""
    media, page, author = comment.media, comment.page, comment.author
    value: dict[str, Any] = {
        "from": {"id": page.settings.instagram_id, "username": page.settings.instagram_username}
        if author is None
        else {"id": state.user_id(author, page, "instagram"), "username": author.username},
        "media": {"id": media.id, "media_product_type": "FEED"},
        "id": comment.id,
        "text": comment.message,
    }
    if comment.parent:
        value["parent_id"] = comment.parent.id
    tell_change(state, page, "comments", value, lane=media.id)


def _post_summary(state: State, post: Post) -> dict[str, Any]:
    return {
        "status_type": status_type(post),
        "is_published": post.is_published,
        "updated_time": graph_time(post.updated_at),
        "permalink_url": permalink(state, post),
        "promotion_status": "inactive",
        "id": post.id,
    }


def status_type(post: Post) -> str:
    if post.author is not None:
        return "wall_post"
    if post.pictures:
        return "added_photos"
    return "shared_story" if post.link else "mobile_status_update"


def _visitor_post(state: State, post: Post, verb: str) -> dict[str, Any]:
    author = author_of(state, post.page, post.author)
    value: dict[str, Any] = {
        "from": author,
        "sender_id": int(author["id"]),
        "post_id": post.id,
        "message": post.message,
        "is_hidden": post.is_hidden,
        "item": "post",
        "verb": verb,
    }
    if post.pictures:
        value["photos"] = [state.picture_url(picture) for picture in post.pictures]
    return value


def _own_post(state: State, post: Post, verb: str) -> dict[str, Any]:
    value: dict[str, Any] = {
        "from": author_of(state, post.page, None),
        "post_id": post.id,
        "created_time": seconds(post.created_at),
        "published": int(post.is_published),
        "item": "status",
        "verb": "edited" if verb == "edit" else verb,
    }
    if post.message:
        value["message"] = post.message
    if len(post.pictures) == 1:
        picture = post.pictures[0]
        value |= {"item": "photo", "photo_id": picture.id, "link": state.picture_url(picture)}
    elif post.pictures:
        value["photos"] = [state.picture_url(picture) for picture in post.pictures]
    elif post.link:
        value |= {"item": "share", "link": post.link.url, "share_id": post.id.split("_")[1]}
    return value
