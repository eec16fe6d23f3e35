"""What people do in chats, by name; see `acting`."""

from typing import Any

from sandbox import chats
from sandbox.asking import (
    Body,
    Refused,
    channel_in,
    message_in,
    page_in,
    text_in,
    thread_in,
    time_in,
)
from sandbox.attachments import KINDS, attached
from sandbox.faces.chatting import buttons_of, ice_breakers, menu_of, quick_replies
from sandbox.showing import shown_message
from sandbox.things import Message, Person, Thread
from sandbox.world import World


def write(world: World, person: Person, body: Body) -> Any:
    """`text`, `attachments` (names of kinds, or objects), `reply_to`."""
    attachments = [
        one if isinstance(one, dict) else _attachment(world, one)
        for one in body.get("attachments", [])
    ]
    text = text_in(body, "text")
    if not text and not attachments:
        raise Refused("write a text or attach something")
    message = chats.write(
        world,
        thread_in(world, person, body),
        text,
        reply_to=text_in(body, "reply_to"),
        attachments=attachments,
        at=time_in(body),
    )
    return shown_message(message)


def _attachment(world: World, kind: object) -> dict[str, Any]:
    if kind not in KINDS:
        raise Refused(f"attachments are: {', '.join(KINDS)}")
    return attached(world, str(kind))


def start(world: World, person: Person, body: Body) -> Any:
    message = chats.start(world, thread_in(world, person, body))
    if message is None:
        raise Refused("the page has no Get Started button")
    return shown_message(message)


def arrive(world: World, person: Person, body: Body) -> Any:
    """Over m.me/<page>?ref=…"""
    chats.arrive(world, thread_in(world, person, body), text_in(body, "ref", needed=True))
    return {"ok": True}


def tap(world: World, person: Person, body: Body) -> Any:
    """The quick reply with this `title`, as it stands under the last message."""
    thread, title = thread_in(world, person, body), text_in(body, "title", needed=True)
    for reply in quick_replies(thread)[1]:
        if reply.get("title") == title:
            return shown_message(
                chats.write(world, thread, title, quick_reply=str(reply["payload"]))
            )
    raise Refused(f"there is no quick reply {title!r}")


def press(world: World, person: Person, body: Body) -> Any:
    """The postback button with this `title`: in the newest message that has one, or the menu."""
    thread, title = thread_in(world, person, body), text_in(body, "title", needed=True)
    for button in _buttons(thread):
        if title == (button.get("title") or button.get("question")):
            if button.get("type", "postback") != "postback":
                raise Refused(f"{title!r} is a link to {button.get('url')}")
            message = chats.press(world, thread, button["payload"], title, at=time_in(body))
            return shown_message(message)
    raise Refused(f"there is no button {title!r}")


def _buttons(thread: Thread) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for message in reversed(thread.messages):
        payload = (message.content.get("attachment") or {}).get("payload") or {}
        for place in range(len(payload.get("elements") or [None])):
            found += buttons_of(message, str(place))
    locale = thread.person.locale
    found += menu_of(thread.page, thread.channel, locale)
    return found + ice_breakers(thread.page, thread.channel, locale)


def react(world: World, person: Person, body: Body) -> Any:
    message = message_in(world, thread_in(world, person, body), body)
    chats.react(world, message, text_in(body, "reaction") or "love")
    return shown_message(message)


def unreact(world: World, person: Person, body: Body) -> Any:
    message = message_in(world, thread_in(world, person, body), body)
    chats.react(world, message, "", is_on=False)
    return shown_message(message)


def edit(world: World, person: Person, body: Body) -> Any:
    message = _own_message(world, person, body)
    if not chats.edit(world, message, text_in(body, "text", needed=True)):
        raise Refused("a message can be edited five times")
    return shown_message(message)


def unsend(world: World, person: Person, body: Body) -> Any:
    message = _own_message(world, person, body)
    chats.unsend(world, message)
    return shown_message(message)


def _own_message(world: World, person: Person, body: Body) -> Message:
    message = message_in(world, thread_in(world, person, body), body)
    if message.is_from_page or message.is_unsent:
        raise Refused("only one's own standing messages can be changed")
    return message


def read(world: World, person: Person, body: Body) -> Any:
    chats.read(world, thread_in(world, person, body))
    return {"ok": True}


def reveal(world: World, person: Person, body: Body) -> Any:
    message = message_in(world, thread_in(world, person, body), body)
    payload = (message.content.get("attachment") or {}).get("payload") or {}
    if payload.get("template_type") != "coupon":
        raise Refused("this message is no coupon")
    chats.reveal(world, message)
    return {"coupon_code": payload.get("coupon_code", "")}


def hand_over(world: World, person: Person, body: Body) -> Any:
    """Another app owns the thread from now on; an empty `app_id` gives it back."""
    thread = thread_in(world, person, body)
    thread.other_owner_app_id = text_in(body, "app_id")
    return {"owner": thread.other_owner_app_id}


def hear(world: World, person: Person, body: Body) -> Any:
    """The merchant answers this person by hand, from the page's own inbox."""
    thread = world.thread(person, page_in(world, body), channel_in(body))
    return shown_message(chats.answer_by_hand(world, thread, text_in(body, "text", needed=True)))
