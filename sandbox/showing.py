"""What stands where, as plain JSON for tests."""

from typing import Any

from sandbox.things import Comment, Media, Message, Page, Person, Post, Thread
from sandbox.webhooks import Delivery
from sandbox.world import World


def shown_person(world: World, person: Person) -> dict[str, Any]:
    """With the person's ids at each page, Messenger's and Instagram's."""
    ids = {
        page.settings.slug: {
            "psid": world.user_id(person, page),
            "igsid": world.user_id(person, page, "instagram") if page.settings.instagram_id else "",
        }
        for page in world.pages.values()
    }
    return {"key": person.key, "name": person.name, "locale": person.locale, "ids": ids}


def shown_message(message: Message) -> dict[str, Any]:
    return {
        "mid": message.mid,
        "from": "page" if message.is_from_page else "person",
        "app_id": message.app_id,
        "at": message.at.isoformat(),
        "content": message.content,
        "text": message.text,
        "is_unsent": message.is_unsent,
        "edits": message.edits,
        "reaction": message.reaction,
        "about_comment": message.about_comment,
    }


def shown_thread(world: World, thread: Thread) -> dict[str, Any]:
    return {
        "id": thread.id,
        "user_id": thread.user_id,
        "person": thread.person.key,
        "channel": thread.channel,
        "is_open": thread.is_open(world.now()),
        "is_page_typing": thread.is_page_typing,
        "messages": [shown_message(message) for message in thread.messages],
    }


def shown_comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.id,
        "on": comment.place.id,
        "parent": comment.parent.id if comment.parent else "",
        "by": comment.author.key if comment.author else "page",
        "text": comment.message,
        "at": comment.created_at.isoformat(),
        "is_edited": comment.edited_at is not None,
        "is_hidden": comment.is_hidden,
        "is_removed": comment.is_removed,
        "is_privately_replied": comment.privately_replied_at is not None,
        "likes": len(comment.likes),
    }


def shown_post(post: Post) -> dict[str, Any]:
    return {
        "id": post.id,
        "by": post.author.key if post.author else "page",
        "text": post.message,
        "link": post.link.url if post.link else "",
        "link_title": post.link.title if post.link else "",
        "pictures": [picture.id for picture in post.pictures],
        "at": post.created_at.isoformat(),
        "is_published": post.is_published,
        "is_hidden": post.is_hidden,
        "is_removed": post.is_removed,
        "likes": len(post.likes),
        "comments": [shown_comment(comment) for comment in post.comments],
    }


def shown_media(media: Media) -> dict[str, Any]:
    return {
        "id": media.id,
        "caption": media.caption,
        "shortcode": media.shortcode,
        "at": media.created_at.isoformat(),
        "comments": [shown_comment(comment) for comment in media.comments],
    }


def shown_page(world: World, page: Page) -> dict[str, Any]:
    """The page with its wall, pictures, menus and subscriptions."""
    return {
        "id": page.id,
        "slug": page.settings.slug,
        "posts": [shown_post(post) for post in page.posts],
        "media": [shown_media(media) for media in page.media],
        "profile": page.profile,
        "subscribed_fields": sorted(page.subscribed_fields),
        "app_subscriptions": {
            name: {"callback_url": one.callback_url, "fields": sorted(one.fields)}
            for name, one in world.subscriptions.items()
        },
    }


def shown_delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "number": delivery.number,
        "label": delivery.label,
        "target_url": delivery.target_url,
        "state": delivery.state,
        "body": delivery.body.decode("utf-8", "replace"),
        "attempts": [
            {"at": one.at.isoformat(), "status": one.status, "problem": one.problem}
            for one in delivery.attempts
        ],
    }
