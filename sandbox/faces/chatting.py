"""What a chat window shows and does, the same for Messenger and Instagram."""

from typing import Any

from aiohttp import web

from sandbox import chats
from sandbox.attachments import pictured, sticker
from sandbox.things import Channel, Message, Page, Thread
from sandbox.visitors import face, page_in, posted, posted_picture, visitor
from sandbox.world import WORLD

REACTIONS = ("like", "love", "smile", "wow", "sad", "angry")
EDIT_LIMIT = 2000


def thread_of(request: web.Request, channel: Channel) -> Thread:
    page = page_in(request)
    return request.app[WORLD].thread(visitor(request), page, channel)


def window(request: web.Request, channel: Channel, home: str) -> web.Response:
    """Looking at the thread is reading it: the page learns of it."""
    world, thread = request.app[WORLD], thread_of(request, channel)
    chats.read(world, thread)
    return face(
        request,
        "chat.html",
        thread.page,
        thread=thread,
        channel=channel,
        home=home,
        start=start_options(thread),
        menu=menu_of(thread.page, channel, thread.person.locale),
        quick_replies=quick_replies(thread),
        reactions=[(name, chats.EMOJI[name]) for name in REACTIONS],
        can_edit=lambda message: message.edits < chats.EDITS_AT_MOST,
        topics=(f"thread:{thread.id}",),
    )


def start_options(thread: Thread) -> dict[str, Any]:
    """What a person sees before the first message: greeting, Get Started or ice breakers."""
    profile = thread.page.profile[thread.channel]
    greeting = _localised(profile.get("greeting", []), thread.person.locale)
    breakers = ice_breakers(thread.page, thread.channel, thread.person.locale)
    return {
        "greeting": str(greeting.get("text", "")),
        "ice_breakers": breakers,
        # Ice breakers take precedence over Get Started.
        "has_button": bool(profile.get("get_started")) and not breakers,
    }


def ice_breakers(page: Page, channel: Channel, locale: str) -> list[dict[str, Any]]:
    entries = page.profile[channel].get("ice_breakers", [])
    if any("call_to_actions" in entry for entry in entries):
        return list(_localised(entries, locale).get("call_to_actions", []))
    return list(entries)


def menu_of(page: Page, channel: Channel, locale: str) -> list[dict[str, Any]]:
    menus = page.profile[channel].get("persistent_menu", [])
    return list(_localised(menus, locale).get("call_to_actions", []))


def _localised(entries: list[dict[str, Any]], locale: str) -> dict[str, Any]:
    by_locale = {entry.get("locale", "default"): entry for entry in entries}
    return by_locale.get(locale) or by_locale.get("default") or {}


def quick_replies(thread: Thread) -> tuple[str, list[dict[str, Any]]]:
    """Those of the last message, if it is the page's; they vanish with the next message."""
    last = thread.messages[-1] if thread.messages else None
    if last is None or not last.is_from_page:
        return "", []
    return last.mid, list(last.content.get("quick_replies") or [])


async def act(request: web.Request, channel: Channel, home: str) -> web.Response:
    """One thing the person does; unknown or outdated things do nothing."""
    verb = await posted(request, "verb")
    handler = VERBS.get(verb)
    if handler is not None:
        await handler(request, thread_of(request, channel))
    raise web.HTTPSeeOther(home)


async def _write(request: web.Request, thread: Thread) -> None:
    world = request.app[WORLD]
    text, upload = await posted(request, "text", limit=EDIT_LIMIT), await posted_picture(request)
    if text:
        chats.write(world, thread, text, reply_to=await posted(request, "reply_to"))
    if upload:
        attachment = pictured(world, world.picture(*upload))
        chats.write(world, thread, attachments=[attachment])


async def _thumb(request: web.Request, thread: Thread) -> None:
    world = request.app[WORLD]
    chats.write(world, thread, attachments=[sticker(world)])


async def _start(request: web.Request, thread: Thread) -> None:
    chats.start(request.app[WORLD], thread)


async def _tap(request: web.Request, thread: Thread) -> None:
    """A quick reply comes back as a text with the payload beside it."""
    mid, replies = quick_replies(thread)
    place = await _place(request, "place", len(replies))
    if place is None or mid != await posted(request, "mid"):
        return
    reply = replies[place]
    title, payload = str(reply.get("title") or ""), str(reply.get("payload") or "")
    if reply["content_type"] == "user_email":
        title = payload = f"{thread.person.key}@example.com"
    elif reply["content_type"] == "user_phone_number":
        title = payload = "+491701234567"
    chats.write(request.app[WORLD], thread, title, quick_reply=payload)


async def _press(request: web.Request, thread: Thread) -> None:
    """A button of a message: `element` is the card in a carousel, `place` the button."""
    message = await _message(request, thread)
    if message is None:
        return
    buttons = buttons_of(message, await posted(request, "element"))
    place = await _place(request, "place", len(buttons))
    if place is not None and buttons[place].get("type") == "postback":
        button = buttons[place]
        chats.press(request.app[WORLD], thread, button["payload"], button["title"])


async def _choose(request: web.Request, thread: Thread) -> None:
    """An item of the persistent menu."""
    items = menu_of(thread.page, thread.channel, thread.person.locale)
    place = await _place(request, "place", len(items))
    if place is not None and items[place].get("type") == "postback":
        item = items[place]
        chats.press(request.app[WORLD], thread, item["payload"], item["title"])


async def _break_ice(request: web.Request, thread: Thread) -> None:
    questions = ice_breakers(thread.page, thread.channel, thread.person.locale)
    place = await _place(request, "place", len(questions))
    if place is not None:
        question = questions[place]
        chats.press(request.app[WORLD], thread, question["payload"], question["question"])


async def _react(request: web.Request, thread: Thread) -> None:
    message, reaction = await _message(request, thread), await posted(request, "reaction")
    if message is not None and reaction in REACTIONS:
        is_on = message.reaction != reaction
        chats.react(request.app[WORLD], message, reaction, is_on=is_on)


async def _edit(request: web.Request, thread: Thread) -> None:
    message, text = await _message(request, thread), await posted(request, "text", limit=EDIT_LIMIT)
    if message is not None and text and message.text:
        chats.edit(request.app[WORLD], message, text)


async def _unsend(request: web.Request, thread: Thread) -> None:
    if (message := await _message(request, thread)) is not None:
        chats.unsend(request.app[WORLD], message)


async def _reveal(request: web.Request, thread: Thread) -> None:
    message = await _message(request, thread)
    payload = ((message.content.get("attachment") or {}) if message else {}).get("payload") or {}
    if message is not None and payload.get("template_type") == "coupon":
        chats.reveal(request.app[WORLD], message)


def buttons_of(message: Message, element: str = "") -> list[dict[str, Any]]:
    payload = (message.content.get("attachment") or {}).get("payload") or {}
    if "elements" in payload and payload.get("template_type") != "receipt":
        elements = payload["elements"]
        place = int(element) if element.isdecimal() else 0
        return list(elements[place].get("buttons") or []) if place < len(elements) else []
    return list(payload.get("buttons") or [])


async def _message(request: web.Request, thread: Thread) -> Message | None:
    message = request.app[WORLD].nodes.get(await posted(request, "mid"))
    return message if isinstance(message, Message) and message.thread is thread else None


async def _place(request: web.Request, name: str, count: int) -> int | None:
    text = await posted(request, name)
    return int(text) if text.isdecimal() and int(text) < count else None


VERBS = {
    "write": _write,
    "thumb": _thumb,
    "start": _start,
    "tap": _tap,
    "press": _press,
    "choose": _choose,
    "break_ice": _break_ice,
    "react": _react,
    "edit": _edit,
    "unsend": _unsend,
    "reveal": _reveal,
}
