"""What a message may hold, on Messenger and on Instagram (Send API reference)."""

from typing import Any

from sandbox.graph.checks import needed, one_of, only_keys, short_text, some_of, web_address
from sandbox.graph.errors import bad_parameter
from sandbox.graph.template_limits import check_template
from sandbox.things import Channel, Page

TEXT = 1999
INSTAGRAM_TEXT_BYTES = 1000
METADATA = 999
QUICK_REPLIES = 13
TITLE = 20
PAYLOAD = 1000
MESSAGE_KEYS = {"text", "attachment", "attachments", "quick_replies", "metadata"}
MEDIA_TYPES = {
    "messenger": {"image", "audio", "video", "file"},
    "instagram": {"image", "audio", "video", "file", "like_heart", "MEDIA_SHARE"},
}


def check_message(message: dict[str, Any], channel: Channel, page: Page) -> None:
    """Raises the Graph error for the first thing that does not fit."""
    only_keys(message, MESSAGE_KEYS, "message")
    bodies = [key for key in ("text", "attachment", "attachments") if message.get(key)]
    if not bodies:
        raise bad_parameter("Message cannot be empty, must provide valid attachment or text")
    if len(bodies) > 1:
        raise bad_parameter("Message must hold either a text or an attachment, not both")
    if "text" in bodies:
        _check_text(message["text"], channel)
    if "metadata" in message:
        short_text(message["metadata"], METADATA, "message[metadata]")
    if "attachment" in bodies:
        _check_attachment(message["attachment"], channel, page)
    if "attachments" in bodies:
        _check_images(message["attachments"], channel)
    if "quick_replies" in message:
        _check_quick_replies(message["quick_replies"])


def _check_text(text: object, channel: Channel) -> None:
    short_text(text, TEXT, "message[text]")
    if channel == "instagram" and len(str(text).encode()) > INSTAGRAM_TEXT_BYTES:
        raise bad_parameter(
            f"Length of param message[text] must be at most {INSTAGRAM_TEXT_BYTES} bytes"
        )


def _check_attachment(attachment: object, channel: Channel, page: Page) -> None:
    where = "message[attachment]"
    attachment = only_keys(attachment, {"type", "payload"}, where)
    if attachment.get("type") == "template":
        check_template(attachment.get("payload"), channel, page)
        return
    kind = one_of(attachment.get("type"), MEDIA_TYPES[channel], f"{where}[type]")
    if kind != "like_heart":
        _check_media(attachment.get("payload"))


def _check_media(payload: object) -> None:
    where = "message[attachment][payload]"
    payload = only_keys(payload, {"url", "attachment_id", "is_reusable", "id"}, where)
    if not any(payload.get(key) for key in ("url", "attachment_id", "id")):
        raise bad_parameter(f"Param {where} must hold a url or an attachment_id.")
    if payload.get("url"):
        web_address(payload["url"], f"{where}[url]")


def _check_images(attachments: object, channel: Channel) -> None:
    """Up to ten pictures in one message, on Instagram only (since May 2026)."""
    if channel != "instagram":
        raise bad_parameter('Invalid keys "attachments" were found in param "message".')
    for attachment in some_of(attachments, 10, "message[attachments]"):
        only_keys(attachment, {"type", "payload"}, "message[attachments]")
        one_of(attachment.get("type"), {"image"}, "message[attachments][type]")
        _check_media(attachment.get("payload"))


def _check_quick_replies(replies: object) -> None:
    where = "message[quick_replies]"
    kinds = {"text", "user_phone_number", "user_email"}
    for reply in some_of(replies, QUICK_REPLIES, where):
        only_keys(reply, {"content_type", "title", "payload", "image_url"}, where)
        if one_of(reply.get("content_type"), kinds, f"{where}[content_type]") == "text":
            short_text(needed(reply, "title", where), TITLE, f"{where}[title]")
            short_text(needed(reply, "payload", where), PAYLOAD, f"{where}[payload]")
        if reply.get("image_url"):
            web_address(reply["image_url"], f"{where}[image_url]")
