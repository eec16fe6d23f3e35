"""How nodes are shown: the fields of pages, posts, comments, media, threads and messages."""

from datetime import datetime
from typing import Any

from sandbox.feed_events import author_of, permalink, status_type
from sandbox.graph.calls import Call
from sandbox.graph.fields import OMIT, Field, Shape, nested, shown
from sandbox.graph.paging import listed
from sandbox.things import Comment, Media, Message, Page, Person, Post, Reader, Thread


def graph_time(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _linked_instagram(call: Call, page: Page, one: Field) -> Any:
    return shown(call, INSTAGRAM, page, one.fields) if page.settings.instagram_id else OMIT


def _picture_of(call: Call, page: Page, one: Field) -> dict[str, Any]:
    url = page.settings.picture or f"{call.world.settings.base_url}/avatars/page/{page.id}.svg"
    return {"data": {"url": url, "is_silhouette": False}}


PAGE = Shape(
    "Page",
    "name,id",
    {
        "id": lambda call, page, one: page.id,
        "name": lambda call, page, one: page.name,
        "username": lambda call, page, one: page.settings.slug,
        "link": lambda call, page, one: (
            f"{call.world.settings.base_url}/facebook/{page.settings.slug}"
        ),
        "about": lambda call, page, one: page.settings.about or OMIT,
        "category": lambda call, page, one: page.settings.category,
        "phone": lambda call, page, one: page.settings.phone or OMIT,
        "picture": _picture_of,
        "fan_count": lambda call, page, one: len(call.world.people),
        "followers_count": lambda call, page, one: len(call.world.people),
        "is_published": lambda call, page, one: True,
        "has_transitioned_to_new_page_experience": lambda call, page, one: True,
        "access_token": lambda call, page, one: page.settings.page_token,
        "tasks": lambda call, page, one: [
            "ADVERTISE",
            "ANALYZE",
            "CREATE_CONTENT",
            "MESSAGING",
            "MODERATE",
            "MANAGE",
        ],
        "instagram_business_account": _linked_instagram,
        "messaging_feature_status": lambda call, page, one: {
            "hop_v2": True,
            "msgr_multi_app": False,
            "ig_multi_app": False,
        },
    },
)

INSTAGRAM = Shape(
    "IGUser",
    "id",
    {
        "id": lambda call, page, one: page.settings.instagram_id,
        "username": lambda call, page, one: page.settings.instagram_username,
        "name": lambda call, page, one: page.name,
        "biography": lambda call, page, one: page.settings.about,
        "followers_count": lambda call, page, one: len(call.world.people),
        "media_count": lambda call, page, one: len(page.media),
        "profile_picture_url": lambda call, page, one: _picture_of(call, page, one)["data"]["url"],
    },
)


def _reader_picture(call: Call, reader: Reader, one: Field) -> str:
    return f"{call.world.settings.base_url}/avatars/{reader.person.key}.svg"


READER = Shape(
    "User",
    "first_name,last_name,profile_pic,id",
    {
        "id": lambda call, reader, one: reader.id,
        "name": lambda call, reader, one: reader.person.name,
        "first_name": lambda call, reader, one: reader.person.first_name,
        "last_name": lambda call, reader, one: reader.person.last_name,
        "locale": lambda call, reader, one: reader.person.locale,
        "profile_pic": _reader_picture,
    },
)
INSTAGRAM_READER = Shape(
    "IGUser",
    "id,name,username",
    {
        **{key: READER.getters[key] for key in ("id", "name", "profile_pic")},
        "username": lambda call, reader, one: reader.person.username,
        "follower_count": lambda call, reader, one: 0,
        "is_verified_user": lambda call, reader, one: False,
        "is_user_follow_business": lambda call, reader, one: True,
        "is_business_follow_user": lambda call, reader, one: False,
    },
)


def _likes(call: Call, thing: Post | Comment | Media, one: Field) -> dict[str, Any]:
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


def participant(call: Call, thread: Thread, *, is_page: bool) -> dict[str, str]:
    settings = thread.page.settings
    if thread.channel == "instagram":
        return (
            {"username": settings.instagram_username, "id": settings.instagram_id}
            if is_page
            else {"username": thread.person.username, "id": thread.user_id}
        )
    if is_page:
        return {
            "name": settings.name,
            "email": f"{settings.page_id}@facebook.com",
            "id": settings.page_id,
        }
    return {
        "name": thread.person.name,
        "email": f"{thread.user_id}@facebook.com",
        "id": thread.user_id,
    }


DETAILED_MESSAGES = 20


def message_list(call: Call, thread: Thread, fields: list[Field]) -> dict[str, Any]:
    """Newest first; only the last twenty can be read in detail (Conversations API docs)."""
    found = [one for one in reversed(thread.messages) if not one.is_unsent]
    return listed(
        call,
        found[:DETAILED_MESSAGES],
        lambda one: one.mid,
        lambda one: shown(call, MESSAGE, one, fields),
    )


def _thread_messages(call: Call, thread: Thread, one: Field) -> dict[str, Any]:
    return message_list(nested(call, one, thread.id), thread, one.fields)


def _thread_time(call: Call, thread: Thread, one: Field) -> Any:
    return graph_time(thread.messages[-1].at) if thread.messages else OMIT


def _snippet(call: Call, thread: Thread, one: Field) -> str:
    return thread.messages[-1].text if thread.messages else ""


THREAD = Shape(
    "UnifiedThread",
    "id,updated_time",
    {
        "id": lambda call, thread, one: thread.id,
        "updated_time": _thread_time,
        "snippet": _snippet,
        "message_count": lambda call, thread, one: len(thread.messages),
        "link": lambda call, thread, one: (
            f"/messenger/{thread.page.settings.slug}?person={thread.person.key}"
        ),
        "participants": lambda call, thread, one: {
            "data": [
                participant(call, thread, is_page=False),
                participant(call, thread, is_page=True),
            ]
        },
        "can_reply": lambda call, thread, one: thread.is_open(call.now),
        "messages": _thread_messages,
    },
)


def _message_attachments(call: Call, message: Message, one: Field) -> Any:
    found = message.content.get("attachments") or []
    if attachment := message.content.get("attachment"):
        found = [attachment]
    data = [
        {"id": message.mid, "mime_type": "", "image_data": {"url": part["payload"]["url"]}}
        if (part.get("payload") or {}).get("url")
        else {"id": message.mid, "type": part.get("type", "")}
        for part in found
    ]
    return {"data": data} if data else OMIT


MESSAGE = Shape(
    "UnifiedMessage",
    "id,created_time",
    {
        "id": lambda call, message, one: message.mid,
        "message": lambda call, message, one: message.text,
        "created_time": lambda call, message, one: graph_time(message.at),
        "from": lambda call, message, one: participant(
            call, message.thread, is_page=message.is_from_page
        ),
        "to": lambda call, message, one: {
            "data": [participant(call, message.thread, is_page=not message.is_from_page)]
        },
        "attachments": _message_attachments,
        "tags": lambda call, message, one: {"data": [{"name": "inbox"}]},
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
