"""What people do, by name: the verbs of POST /control/people/{person}/{verb}."""

from collections.abc import Callable
from typing import Any

from sandbox import chats, gallery, walls
from sandbox.asking import (
    Body,
    Refused,
    channel_in,
    message_in,
    page_in,
    place_in,
    text_in,
    thread_in,
    time_in,
)
from sandbox.attachments import KINDS, attached
from sandbox.drawing import snapshot
from sandbox.faces.chatting import buttons_of, ice_breakers, menu_of, quick_replies
from sandbox.showing import shown_comment, shown_message, shown_post
from sandbox.things import Comment, Media, Message, Person, Post, Thread
from sandbox.world import World

Verb = Callable[[World, Person, Body], Any]


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


def post(world: World, person: Person, body: Body) -> Any:
    """A visitor's post on the page's wall."""
    text = text_in(body, "text", needed=True)
    made = walls.publish(world, page_in(world, body), text, author=person, at=time_in(body))
    return shown_post(made)


def comment(world: World, person: Person, body: Body) -> Any:
    """`on` a post, a comment or an Instagram picture; `picture` true adds a photo."""
    target, text, at = place_in(world, body), text_in(body, "text"), time_in(body)
    if not text and not body.get("picture"):
        raise Refused("text must be a text")
    if isinstance(target, Media) or (
        isinstance(target, Comment) and isinstance(target.place, Media)
    ):
        return shown_comment(gallery.comment(world, target, text, author=person, at=at))
    picture = None
    if body.get("picture"):
        picture = world.paint(snapshot(world.number()).encode(), "image/svg+xml")
    made = walls.comment(world, target, text, author=person, picture=picture, at=at)
    return shown_comment(made)


def edit_comment(world: World, person: Person, body: Body) -> Any:
    thing = _own_thing(world, person, body)
    if not isinstance(thing, Comment) or isinstance(thing.place, Media):
        raise Refused("only comments on the wall can be edited")
    walls.edit_comment(world, thing, text_in(body, "text", needed=True))
    return shown_comment(thing)


def edit_post(world: World, person: Person, body: Body) -> Any:
    thing = _own_thing(world, person, body)
    if not isinstance(thing, Post):
        raise Refused("on is no post")
    walls.edit_post(world, thing, text_in(body, "text", needed=True))
    return shown_post(thing)


def remove(world: World, person: Person, body: Body) -> Any:
    """One's own comment or post."""
    thing = _own_thing(world, person, body)
    if isinstance(thing, Post):
        walls.remove_post(world, thing)
    elif isinstance(thing.place, Media):
        gallery.remove(world, thing)
    else:
        walls.remove_comment(world, thing)
    return {"ok": True}


def _own_thing(world: World, person: Person, body: Body) -> Post | Comment:
    thing = place_in(world, body)
    if isinstance(thing, Media) or thing.author is not person:
        raise Refused("that is somebody else's")
    return thing


def like(world: World, person: Person, body: Body) -> Any:
    """`off` true takes it back."""
    thing = place_in(world, body)
    if isinstance(thing, Media):
        gallery.like(world, thing, person)
    else:
        walls.like(world, thing, person, is_on=not body.get("off"))
    return {"ok": True}


def leave(world: World, person: Person, body: Body) -> Any:
    """Blocks the pages: nobody reaches this person any more; `back` true undoes it."""
    person.is_reachable = bool(body.get("back"))
    return {"is_reachable": person.is_reachable}


def hand_over(world: World, person: Person, body: Body) -> Any:
    """Another app owns the thread from now on; an empty `app_id` gives it back."""
    thread = thread_in(world, person, body)
    thread.other_owner_app_id = text_in(body, "app_id")
    return {"owner": thread.other_owner_app_id}


def hear(world: World, person: Person, body: Body) -> Any:
    """The merchant answers this person by hand, from the page's own inbox."""
    thread = world.thread(person, page_in(world, body), channel_in(body))
    return shown_message(chats.answer_by_hand(world, thread, text_in(body, "text", needed=True)))


VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        write,
        start,
        arrive,
        tap,
        press,
        react,
        unreact,
        edit,
        unsend,
        read,
        reveal,
        post,
        comment,
        edit_comment,
        edit_post,
        remove,
        like,
        leave,
        hand_over,
        hear,
    )
}


def act(world: World, person: Person, verb: str, body: Body) -> Any:
    if verb not in VERBS:
        raise Refused(f"people can: {', '.join(VERBS)}")
    return VERBS[verb](world, person, body)
