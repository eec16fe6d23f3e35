"""Posts on a page's wall: visitors' and the page's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meta.happenings import Unsupported
from meta.shapes import Shape, identifier, items, text
from meta.wall_happenings import (
    PagePosted,
    PagePostEdited,
    PagePostHidden,
    PagePostRemoved,
    VisitorPosted,
    VisitorPostEdited,
    VisitorPostHidden,
    VisitorPostRemoved,
    Wall,
)

if TYPE_CHECKING:
    from meta.incoming_walls import Common

OWN_ITEMS = frozenset({"status", "album", "event", "share", "note", "link"})


def read(common: Common, item: str, value: Shape) -> Wall | Unsupported:
    post_id = identifier(value.get("post_id"))
    if post_id is None:
        return Unsupported(f"{item} without a post")
    author = common["author_id"]
    if item == "post" and value.get("verb") != "add":
        # The author named here may be the page that removed or hid a visitor's post.
        is_visitors = True
    else:
        is_visitors = author != common["account_id"] if author else item not in OWN_ITEMS
    return (_visitors if is_visitors else _own)(common, item, post_id, value)


def _visitors(common: Common, item: str, post_id: str, value: Shape) -> Wall | Unsupported:
    said = text(value.get("message"))
    match value.get("verb"):
        case "add":
            pictures = _pictures(item, value)
            return VisitorPosted(**common, post_id=post_id, text=said, picture_urls=pictures)
        case "edit" | "edited" | "update":
            return VisitorPostEdited(**common, post_id=post_id, text=said)
        case "remove" | "delete":
            return VisitorPostRemoved(**common, post_id=post_id)
        case ("hide" | "unhide") as verb:
            return VisitorPostHidden(**common, post_id=post_id, is_hidden=verb == "hide")
    return Unsupported(f"post with the verb {text(value.get('verb'))[:20]!r}")


def _own(common: Common, item: str, post_id: str, value: Shape) -> Wall | Unsupported:
    said = text(value.get("message"))
    match value.get("verb"):
        case "add":
            return PagePosted(
                **common,
                post_id=post_id,
                text=said,
                # A photo's own address stands under `link` too; it is shown as the picture.
                link=(text(value.get("link")) or None) if item != "photo" else None,
                picture_urls=_pictures(item, value),
                is_published=value.get("published") not in (0, False, "0"),
            )
        case "edit" | "edited" | "update":
            return PagePostEdited(**common, post_id=post_id, text=said)
        case "remove" | "delete":
            return PagePostRemoved(**common, post_id=post_id)
        case ("hide" | "unhide") as verb:
            return PagePostHidden(**common, post_id=post_id, is_hidden=verb == "hide")
    return Unsupported(f"post with the verb {text(value.get('verb'))[:20]!r}")


def _pictures(item: str, value: Shape) -> tuple[str, ...]:
    """`photos` of a post with several; a single photo's address stands under `link`."""
    several = [url for one in items(value.get("photos")) if (url := text(one))]
    single = text(value.get("link")) if item == "photo" else ""
    return tuple(several or ([single] if single else []))
