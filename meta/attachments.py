"""Attachments as they come: photos, voices, stickers, shared things, places."""

from meta.happenings import Attachment
from meta.shapes import Shape, items, shape, text


def attachments_of(content: Shape) -> tuple[Attachment, ...]:
    """Nothing of what was sent is left out, only what is no attachment at all."""
    found = tuple(_attachment(one) for one in items(content.get("attachments")) if shape(one))
    kinds = {one.kind for one in found}
    if "sticker" in kinds and kinds <= {"sticker", "image"}:
        # In 2026 stickers came twice for a while: as what they are, and as the image of before.
        return (Attachment("sticker", next((one.url for one in found if one.url), None)),)
    return found


def _attachment(one: Shape) -> Attachment:
    payload = shape(one.get("payload"))
    place = shape(payload.get("coordinates"))
    product = shape(next(iter(items(shape(payload.get("product")).get("elements"))), None))
    # Old fallback attachments carry title and address outside of the payload.
    titles = (payload.get("title"), product.get("title"), one.get("title"))
    urls = (payload.get("url"), product.get("image_url"), one.get("url"))
    return Attachment(
        kind=_kind(one, payload),
        url=next((text(url) for url in urls if text(url)), None),
        title=next((text(title) for title in titles if text(title)), None),
        latitude=_degrees(place.get("lat")),
        longitude=_degrees(place.get("long")),
    )


def _kind(one: Shape, payload: Shape) -> str:
    """A thumbs-up used to be an image with a sticker's number."""
    is_sticker = payload.get("sticker_id") is not None
    return "sticker" if is_sticker else (text(one.get("type")) or "unsupported")[:40]


def _degrees(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -180 <= value <= 180 else None
