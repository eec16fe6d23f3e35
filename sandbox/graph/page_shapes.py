"""How pages, Instagram accounts and people are shown."""

from typing import Any

from sandbox.graph.calls import Call
from sandbox.graph.fields import OMIT, Field, Shape, shown
from sandbox.things import Page, Reader


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
