"""What came or went besides the text, in words: attachments, taps, carts, forms, templates."""

from typing import Any

from core.translations import Translate
from inbox.models import Message
from inbox.replies import Buttons, Cards, Coupon, Picture, Receipt, Reply, Text, from_json

_PICTURES = ("image", "sticker")


def picture_of(message: Message) -> str | None:
    """The first picture's address. Meta's addresses expire, ours do not."""
    if message.direction == "out" and message.content.get("kind") == "picture":
        return str(message.content.get("url") or "") or None
    for one in _attachments(message):
        if one.get("kind") in _PICTURES and one.get("url"):
            return str(one["url"])
    return None


def links_of(message: Message, _: Translate) -> list[tuple[str, str]]:
    """Words and address of what cannot be shown in the page itself."""
    names = {
        "audio": _("Voice message"),
        "video": _("Video"),
        "file": _("File"),
        "image": _("Further picture"),
        "share": _("Shared post"),
        "story_mention": _("Mentioned you in a story"),
        "reel": _("Reel"),
        "ig_reel": _("Reel"),
    }
    shown = picture_of(message)
    found = [
        (names.get(str(one.get("kind")), str(one.get("title") or _("Attachment"))), str(one["url"]))
        for one in _attachments(message)
        if _is_web(one.get("url")) and one.get("url") != shown
    ]
    if _is_web(message.content.get("story")):
        found.append((_("Answers your story"), str(message.content["story"])))
    return found


def lines_of(message: Message, _: Translate) -> list[str]:
    if message.direction == "out":
        return _said(message)
    content = message.content
    lines = [_in_words(one, _) for one in _attachments(message)]
    match content.get("kind"):
        case "referral":
            lines.append(_("Came by a link: %(ref)s") % {"ref": content.get("ref") or "–"})
        case "cart":
            lines += [f"{one.get('quantity')} × {one.get('name')}" for one in content["lines"]]
            lines.append(str(content.get("note") or ""))
        case "form":
            lines += [f"{name}: {value}" for name, value in content.get("answers", [])]
        case "coupon":
            lines.append(_("Uncovered the code %(code)s") % {"code": content.get("code", "")})
        case "opt_in":
            lines.append(_("Agreed to be written to"))
        case "account_link":
            lines.append(_("Linked their account") if content.get("is_linked") else _("Unlinked"))
        case "rating":
            lines.append(_rating(content, _))
        case "mention":
            lines.append(_("The text is not told by the platform.") if not message.text else "")
    if ad := (content.get("came_by") or {}).get("ad_id"):
        lines.append(_("Came by the ad %(ad)s") % {"ad": ad})
    return [line for line in lines if line]


def taps_of(message: Message) -> list[str]:
    """The buttons under one of our replies, by their titles."""
    match _reply(message):
        case Buttons(buttons=buttons):
            return [button.title for button in buttons]
        case Text(quick_replies=hints) | Cards(quick_replies=hints):
            return [hint.title for hint in hints]
    return []


def _said(message: Message) -> list[str]:
    match _reply(message):
        case Cards(cards=cards):
            return [f"{card.title} – {card.subtitle}".rstrip(" –") for card in cards]
        case Receipt(lines=lines):
            return [f"{line.quantity} × {line.name}" for line in lines]
        case Coupon(code=code):
            return [code]
        case Picture() | Buttons() | Text() | None:
            return []


def _reply(message: Message) -> Reply | None:
    if message.direction != "out" or message.author == "elsewhere":
        return None
    try:
        return from_json(message.content)
    except (KeyError, TypeError):
        return None


def _attachments(message: Message) -> list[dict[str, Any]]:
    found = message.content.get("attachments")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _in_words(one: dict[str, Any], _: Translate) -> str:
    if one.get("latitude") is not None:
        place = f"{one['latitude']}, {one.get('longitude')}"
        return _("Location: %(place)s") % {"place": place}
    if _is_web(one.get("url")):
        return ""
    words = {
        "unsupported": _("Something the platform does not pass on. Look at it there."),
        "ephemeral": _("A picture that could be seen once only."),
        "template": str(one.get("title") or ""),
    }
    return words.get(str(one.get("kind")), str(one.get("title") or _("Attachment")))


def _rating(content: dict[str, Any], _: Translate) -> str:
    if content.get("stars"):
        return _("%(stars)s of 5 stars") % {"stars": content["stars"]}
    return _("Recommends you") if content.get("is_positive") else _("Does not recommend you")


def _is_web(address: object) -> bool:
    return isinstance(address, str) and address.startswith(("https://", "http://"))
