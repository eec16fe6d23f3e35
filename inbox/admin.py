"""Behind the counter: the list of conversations, and one of them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import ShopError
from core.pages import page, translate, words_of
from inbox.conversations import (
    count_unread,
    events_of,
    get_conversation,
    lock_conversation,
    mark_read,
)
from inbox.failures import stands_still
from inbox.forms import number_in, wish_of
from inbox.listing import Wish, count_by_show, list_conversations
from inbox.models import Conversation
from inbox.reading import Thread, names_of_members, read_around, read_thread, read_ways
from meta.pages import GRAPHS, find_page
from staff.access import counter_page, member_of, shop_of
from staff.members import list_members
from storefront.orders.finding import count_orders, list_orders
from storefront.orders.states import status_of

routes = web.RouteTableDef()

INBOX = "/counter/inbox"
ONE = INBOX + "/{conversation_id:\\d{1,9}}"
PAGE = 40


@routes.get(INBOX)
async def show_inbox(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        context = await _list(request, session, wish_of(request.query))
    return counter_page(request, "inbox/list.html", current=None, **context)


@routes.get(INBOX + "/rows")
async def show_rows(request: web.Request) -> web.Response:
    """The list alone, fetched anew when something has happened."""
    async with request.app[DATABASE].reading() as session:
        context = await _list(request, session, wish_of(request.query))
    current = number_in(request, "current")
    return page(request, "inbox/rows.html", shop=shop_of(request), current=current, **context)


@routes.get(INBOX + "/unread")
async def show_unread(request: web.Request) -> web.Response:
    async with request.app[DATABASE].reading() as session:
        unread = await count_unread(session, shop_of(request).key)
    return web.Response(text=str(unread or ""), headers={"Cache-Control": "no-store"})


@routes.get(ONE)
async def show_conversation(request: web.Request) -> web.Response:
    return await conversation_page(request)


async def conversation_page(
    request: web.Request,
    *,
    status: int = 200,
    error: ShopError | None = None,
    sent: Mapping[str, Any] | None = None,
) -> web.Response:
    """With `error` and what was `sent` when an answer was refused: nothing written is lost."""
    shop, now = shop_of(request), request.app[CLOCK]()
    await _read_now(request)
    async with request.app[DATABASE].reading() as session:
        conversation = await _conversation(request, session)
        answers = number_in(request, "answers")
        context = await _list(request, session, wish_of(request.query)) | {
            "conversation": conversation,
            "thread": await _thread(request, session, conversation),
            "ways": await read_ways(session, conversation, answers=answers, now=now),
            "around": await read_around(session, conversation),
            "events": (await events_of(session, conversation))[-12:],
            "members": await list_members(session, shop.key),
        }
    response = counter_page(
        request,
        "inbox/conversation.html",
        status=status,
        current=conversation.key,
        error=words_of(request, error) if error else None,
        sent=sent or {},
        answers=answers,
        everything="all" in request.query,
        status_of=status_of,
        **context,
    )
    return _with_pictures(request, response)


@routes.get(ONE + "/thread")
async def show_thread(request: web.Request) -> web.Response:
    await _read_now(request)
    async with request.app[DATABASE].reading() as session:
        conversation = await _conversation(request, session)
        thread = await _thread(request, session, conversation)
    response = page(
        request,
        "inbox/thread.html",
        shop=shop_of(request),
        conversation=conversation,
        thread=thread,
        everything="all" in request.query,
    )
    return _with_pictures(request, response)


@routes.get(ONE + "/head")
async def show_head(request: web.Request) -> web.Response:
    """Who looks after it: changes when a colleague or the bot does something."""
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        context: dict[str, Any] = {
            "conversation": await _conversation(request, session),
            "members": await list_members(session, shop.key),
            "names": await names_of_members(session, shop.key),
        }
    return page(request, "inbox/head.html", shop=shop, staff=member_of(request), **context)


async def _conversation(request: web.Request, session: AsyncSession) -> Conversation:
    number = int(request.match_info["conversation_id"])
    return await get_conversation(session, shop_of(request).key, number)


async def _thread(
    request: web.Request, session: AsyncSession, conversation: Conversation
) -> Thread:
    return await read_thread(
        session,
        conversation,
        translate=lambda sentence: translate(request, sentence),
        timezone=shop_of(request).timezone,
        everything="all" in request.query,
    )


async def _read_now(request: web.Request) -> None:
    """Whoever has it open has read it. Written only where that is news."""
    shop_id, number = shop_of(request).key, int(request.match_info["conversation_id"])
    async with request.app[DATABASE].reading() as session:
        is_news = (await get_conversation(session, shop_id, number)).unread
    if is_news:
        async with request.app[DATABASE].transaction() as session:
            conversation = await lock_conversation(session, shop_id, number)
            mark_read(session, conversation, now=request.app[CLOCK]())


async def _list(request: web.Request, session: AsyncSession, wish: Wish) -> dict[str, Any]:
    shop_id, staff_id = shop_of(request).key, member_of(request).key
    found = await list_conversations(session, shop_id, wish, staff_id=staff_id, limit=PAGE + 1)
    conversations, meta_page = found[:PAGE], await find_page(session, shop_id)
    is_whole = wish == Wish()
    return {
        "cases": await list_orders(session, shop_id, show="attention", limit=3) if is_whole else [],
        "more_cases": await count_orders(session, shop_id, "attention") if is_whole else 0,
        "wish": wish,
        "conversations": conversations,
        "counts": await count_by_show(session, shop_id, staff_id=staff_id),
        "names": await names_of_members(session, shop_id),
        "further": _further(wish, conversations[-1]) if len(found) > PAGE else None,
        "here": _address(wish, before=False),
        "is_connected": meta_page is not None,
        "is_still": meta_page is not None and stands_still(meta_page.token_problem),
    }


def _address(wish: Wish, *, before: bool = True) -> str:
    """The filters as a query, to be put behind other addresses of the inbox."""
    parts = {"show": wish.show, "channel": wish.channel, "q": wish.text}
    if before and wish.before is not None:
        parts["before"] = f"{wish.before[0].isoformat()}_{wish.before[1]}"
    return urlencode({name: part for name, part in parts.items() if part})


def _further(wish: Wish, last: Conversation) -> str:
    at = last.last_message_at or last.started_at
    after = Wish(wish.show, wish.channel, wish.text, (at, last.key))
    return f"{INBOX}?{_address(after)}"


def _with_pictures(request: web.Request, response: web.Response) -> web.Response:
    """What customers send lies on Meta's servers (or the sandbox's) and must not be copied."""
    name, wider = "Content-Security-Policy", "img-src 'self' data: https:"
    graph_url = request.app[GRAPHS].settings.graph_url
    if graph_url.startswith("http://"):
        wider += " " + "/".join(graph_url.split("/")[:3])
    response.headers[name] = response.headers[name].replace("img-src 'self' data:", wider)
    return response
