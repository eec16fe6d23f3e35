"""The control API: plays people and faults over HTTP with JSON, for tests without a browser."""

from typing import Any

from aiohttp import web

from sandbox.acting import act
from sandbox.asking import (
    Refused,
    answering,
    body_of,
    channel_in,
    page_in,
    person_named,
    text_in,
    time_in,
    whole_in,
)
from sandbox.dashboard import send_test, subscribe_all
from sandbox.drawing import snapshot
from sandbox.showing import (
    shown_delivery,
    shown_media,
    shown_page,
    shown_person,
    shown_post,
    shown_thread,
)
from sandbox.telling import deliver
from sandbox.world import World

routes = web.RouteTableDef()


@routes.get("/control/people")
@answering
async def list_people(world: World, request: web.Request) -> Any:
    return [shown_person(world, person) for person in world.people.values()]


@routes.post("/control/people")
@answering
async def meet(world: World, request: web.Request) -> Any:
    body = await body_of(request)
    name = text_in(body, "name", needed=True)
    return shown_person(world, world.meet(name, text_in(body, "locale") or "de_DE"))


@routes.post("/control/people/{person}/{verb}")
@answering
async def do(world: World, request: web.Request) -> Any:
    person = person_named(world, request.match_info["person"])
    return act(world, person, request.match_info["verb"], await body_of(request))


@routes.get("/control/pages/{page}")
@answering
async def show_page(world: World, request: web.Request) -> Any:
    return shown_page(world, page_in(world, dict(request.match_info)))


@routes.post("/control/pages/{page}/posts")
@answering
async def post(world: World, request: web.Request) -> Any:
    """A post by the page itself, made elsewhere than in the product."""
    body = await body_of(request)
    page = page_in(world, dict(request.match_info))
    text = text_in(body, "text", needed=True)
    return shown_post(world.post(page.id, text, at=time_in(body)))


@routes.post("/control/pages/{page}/media")
@answering
async def show_picture(world: World, request: web.Request) -> Any:
    """A drawn picture on the Instagram profile."""
    body = await body_of(request)
    page = page_in(world, dict(request.match_info))
    caption = text_in(body, "caption")
    picture = world.paint(snapshot(caption).encode(), "image/svg+xml", caption)
    return shown_media(world.show(page.id, picture, caption, at=time_in(body)))


@routes.get("/control/threads/{page}/{person}")
@answering
async def show_thread(world: World, request: web.Request) -> Any:
    """`?channel=instagram` for direct messages."""
    page = page_in(world, dict(request.match_info))
    person = person_named(world, request.match_info["person"])
    return shown_thread(world, world.thread(person, page, channel_in(dict(request.query))))


@routes.get("/control/deliveries")
@answering
async def list_deliveries(world: World, request: web.Request) -> Any:
    found = world.sender.about(request.query.get("label", ""))
    return [shown_delivery(delivery) for delivery in found]


@routes.post("/control/deliveries/{number}/repeat")
@answering
async def repeat(world: World, request: web.Request) -> Any:
    for delivery in world.sender.deliveries:
        if str(delivery.number) == request.match_info["number"]:
            return shown_delivery(world.sender.repeat(delivery))
    raise Refused("there is no such delivery")


@routes.post("/control/deliver")
@answering
async def deliver_raw(world: World, request: web.Request) -> Any:
    """Any `entries` to the subscriber of `object`, signed as they are."""
    body = await body_of(request)
    entries = body.get("entries")
    if not isinstance(entries, list):
        raise Refused("entries must be a list")
    delivery = deliver(world, text_in(body, "object") or "page", entries, label="raw")
    if delivery is None:
        raise Refused("the app is not subscribed to this object")
    return shown_delivery(delivery)


@routes.post("/control/settled")
@answering
async def settled(world: World, request: web.Request) -> Any:
    """Answers when nothing is under way any more; refuses after `seconds` (10)."""
    body = await body_of(request)
    try:
        await world.sender.settled(whole_in(body, "seconds", 10) or 10)
    except TimeoutError:
        raise Refused("deliveries are still under way") from None
    return {"ok": True}


@routes.post("/control/dashboard/subscribe")
@answering
async def subscribe(world: World, request: web.Request) -> Any:
    body = await body_of(request)
    await subscribe_all(world, text_in(body, "callback_url"))
    return {"ok": True}


@routes.post("/control/dashboard/test")
@answering
async def test(world: World, request: web.Request) -> Any:
    """The dashboard's Test button for `object` and `field`; `bare` sends a page id alone."""
    body = await body_of(request)
    send_test(
        world,
        text_in(body, "object") or "page",
        text_in(body, "field") or "messages",
        is_bare=bool(body.get("bare")),
    )
    return {"ok": True}
