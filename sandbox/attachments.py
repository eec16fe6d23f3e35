"""What people attach to messages, in the webhook's shapes."""

from typing import Any

from sandbox.drawing import snapshot, thumb
from sandbox.state import State
from sandbox.things import Picture

THUMB_STICKER = 369239263222822
KINDS = [
    "image",
    "audio",
    "video",
    "file",
    "sticker",
    "location",
    "fallback",
    "share",
    "story_mention",
    "ephemeral",
    "unsupported_type",
]


def pictured(state: State, picture: Picture) -> dict[str, Any]:
    return {"type": "image", "payload": {"url": state.picture_url(picture)}}


def sticker(state: State) -> dict[str, Any]:
    """Since August 2026 a sticker comes as a type of its own, no longer as an image too."""
    picture = state.picture(thumb().encode(), "image/svg+xml", "👍")
    payload = {"url": state.picture_url(picture), "sticker_id": THUMB_STICKER}
    return {"type": "sticker", "payload": payload}


def attached(state: State, kind: str) -> dict[str, Any]:
    """One example of each kind the product can meet."""
    if kind == "sticker":
        return sticker(state)
    if kind == "location":
        return {
            "type": "location",
            "title": "Pinned Location",
            "payload": {"coordinates": {"lat": 52.5208, "long": 13.4094}},
        }
    if kind == "fallback":
        return {"type": "fallback", "title": "A shared link", "url": "https://example.com/"}
    if kind == "ephemeral":
        return {"type": "ephemeral"}
    picture = state.picture(snapshot(state.number()).encode(), "image/svg+xml")
    return {"type": kind, "payload": {"url": state.picture_url(picture)}}
