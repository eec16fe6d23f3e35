"""The page's own inbox on the merchant's phone: answers from here are not the product's."""

from aiohttp import web

from sandbox import chats
from sandbox.things import Page, Thread
from sandbox.visitors import back, face, page_in, posted
from sandbox.world import WORLD

routes = web.RouteTableDef()


@routes.get("/page-inbox/{slug}")
async def show(request: web.Request) -> web.Response:
    page = page_in(request)
    threads = _threads(page)
    wanted = request.query.get("thread")
    chosen = next((thread for thread in threads if thread.id == wanted), None)
    topics = [f"inbox:{page.id}", *([f"thread:{chosen.id}"] if chosen else [])]
    return face(request, "page_inbox.html", page, threads=threads, chosen=chosen, topics=topics)


@routes.post("/page-inbox/{slug}")
async def answer(request: web.Request) -> web.Response:
    page, world = page_in(request), request.app[WORLD]
    thread = world.nodes.get(await posted(request, "thread"))
    if not isinstance(thread, Thread) or thread.page is not page:
        raise web.HTTPNotFound(text="There is no such conversation.")
    if text := await posted(request, "text", limit=1999):
        chats.answer_by_hand(world, thread, text)
    raise back(request, f"/page-inbox/{page.settings.slug}?thread={thread.id}")


def _threads(page: Page) -> list[Thread]:
    found = [thread for thread in page.threads.values() if thread.messages]
    return sorted(found, key=lambda thread: thread.messages[-1].at, reverse=True)
