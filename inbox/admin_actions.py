"""Behind the counter: what is done with a conversation and its messages."""

from typing import Any

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import ShopError
from core.pages import translate
from core.pictures import keep_picture, picture_url
from inbox.admin import INBOX, ONE, conversation_page
from inbox.conversations import (
    assign,
    close,
    hand_back_to_bot,
    hand_to_human,
    lock_conversation,
    reopen,
)
from inbox.errors import UnknownMessage
from inbox.forms import AssignForm, ReplyForm
from inbox.models import Conversation, Message
from inbox.moderating import moderate, think_again
from inbox.notes import add_note
from inbox.records import get_message
from inbox.replies import Picture, Reply, Text
from inbox.second_tries import drop_failed, try_again
from inbox.sending import by_staff, reply
from inbox.staleness import check_seen
from staff.access import member_of, shop_of
from staff.cookies import flash
from staff.forms import fill
from staff.members import get_member

routes = web.RouteTableDef()

MESSAGE = ONE + "/messages/{message_id:\\d{1,9}}"


@routes.post(ONE + "/reply")
async def answer(request: web.Request) -> web.StreamResponse:
    """An answer or a note. Refused answers come back with the text still in the box."""
    sent = await request.post()
    try:
        message = await _say(request, fill(ReplyForm, sent), sent.get("picture"))
    except ShopError as refused:
        if _is_script(request) or refused.status == 404:
            raise
        return await conversation_page(request, status=refused.status, error=refused, sent=sent)
    if _is_script(request):
        return web.json_response({"seen": message.key}, headers={"X-Seen": str(message.key)})
    raise web.HTTPSeeOther(f"{_address(request)}#m{message.key}")


async def _say(request: web.Request, form: ReplyForm, picture: Any) -> Message:
    now, me = request.app[CLOCK](), member_of(request).key
    async with request.app[DATABASE].transaction() as session:
        conversation = await _lock(request, session)
        if form.mode == "note":
            return await add_note(session, conversation, form.text, staff_id=me, now=now)
        await check_seen(session, conversation, form.seen, staff_id=me)
        said = await _reply(request, session, form, picture)
        return await reply(
            session,
            conversation,
            said,
            author=by_staff(me),
            kind=form.mode,
            answers=form.answers if form.mode != "message" else None,
            now=now,
        )


async def _reply(
    request: web.Request, session: AsyncSession, form: ReplyForm, picture: Any
) -> Reply:
    """A picture goes by its address, and in chats only."""
    is_file = isinstance(picture, web.FileField) and bool(picture.filename)
    if not is_file or form.mode == "public":
        return Text(form.text)
    kept = await keep_picture(session, shop_of(request).key, picture.file.read())
    url = request.app[OWN_ORIGIN] + picture_url(kept.digest).replace(".webp", ".jpg")
    return Picture(url, form.text)


@routes.post(ONE + "/take")
async def take(request: web.Request) -> web.StreamResponse:
    """From now on it is mine, and the bot keeps silent."""
    now, me = request.app[CLOCK](), member_of(request).key
    async with request.app[DATABASE].transaction() as session:
        conversation = await _lock(request, session)
        await hand_to_human(session, conversation, by=me, now=now)
        await assign(session, conversation, me, by=me, now=now)
    return _done(request, "You look after this conversation now.")


@routes.post(ONE + "/bot")
async def give_to_bot(request: web.Request) -> web.StreamResponse:
    async with request.app[DATABASE].transaction() as session:
        conversation = await _lock(request, session)
        now, me = request.app[CLOCK](), member_of(request).key
        if conversation.is_chat:
            await hand_back_to_bot(session, conversation, by=me, now=now)
    return _done(request, "The bot answers again.")


@routes.post(ONE + "/assign")
async def give_to(request: web.Request) -> web.StreamResponse:
    form, shop_id = fill(AssignForm, await request.post()), shop_of(request).key
    async with request.app[DATABASE].transaction() as session:
        conversation = await _lock(request, session)
        if form.member_id is not None:
            await get_member(session, shop_id, form.member_id)
        now, me = request.app[CLOCK](), member_of(request).key
        await assign(session, conversation, form.member_id, by=me, now=now)
    return _done(request, "Saved.")


@routes.post(ONE + "/close")
async def set_closed(request: web.Request) -> web.StreamResponse:
    async with request.app[DATABASE].transaction() as session:
        conversation = await _lock(request, session)
        now, me = request.app[CLOCK](), member_of(request).key
        await close(session, conversation, by=me, now=now)
    return _done(request, "Closed. A new message opens it again.", way=INBOX)


@routes.post(ONE + "/reopen")
async def set_open(request: web.Request) -> web.StreamResponse:
    async with request.app[DATABASE].transaction() as session:
        conversation = await _lock(request, session)
        now, me = request.app[CLOCK](), member_of(request).key
        await reopen(session, conversation, by=me, now=now)
    return _done(request, "Open again.")


@routes.post(MESSAGE + "/again")
async def send_again(request: web.Request) -> web.StreamResponse:
    async with request.app[DATABASE].transaction() as session:
        shop_id, now = shop_of(request).key, request.app[CLOCK]()
        await try_again(session, shop_id, await _message(request, session), now=now)
    return _done(request, "On its way again.")


@routes.post(MESSAGE + "/drop")
async def drop(request: web.Request) -> web.StreamResponse:
    async with request.app[DATABASE].transaction() as session:
        shop_id, now = shop_of(request).key, request.app[CLOCK]()
        await drop_failed(session, shop_id, await _message(request, session), now=now)
    return _done(request, "Taken out.")


@routes.post(MESSAGE + "/{wanted:hide|show|delete}")
async def change_comment(request: web.Request) -> web.StreamResponse:
    wanted: Any = request.match_info["wanted"]
    async with request.app[DATABASE].transaction() as session:
        me, now = member_of(request).key, request.app[CLOCK]()
        number = await _message(request, session)
        await moderate(session, shop_of(request).key, number, wanted, by=me, now=now)
    sentences = {"hide": "The comment is being hidden.", "show": "The comment is being shown."}
    return _done(request, sentences.get(wanted, "The comment is being deleted."))


@routes.post(MESSAGE + "/keep")
async def keep_comment(request: web.Request) -> web.StreamResponse:
    """Undo, as long as nothing has happened."""
    async with request.app[DATABASE].transaction() as session:
        shop_id, now = shop_of(request).key, request.app[CLOCK]()
        await think_again(session, shop_id, await _message(request, session), now=now)
    return _done(request, "The comment stays.")


async def _lock(request: web.Request, session: AsyncSession) -> Conversation:
    number = int(request.match_info["conversation_id"])
    return await lock_conversation(session, shop_of(request).key, number)


async def _message(request: web.Request, session: AsyncSession) -> int:
    """The message in the address must be one of the conversation in the address."""
    number, conversation_id = (
        int(request.match_info[f"{one}_id"]) for one in ("message", "conversation")
    )
    message = await get_message(session, shop_of(request).key, number)
    if message.conversation_id != conversation_id:
        raise UnknownMessage()
    return number


def _address(request: web.Request) -> str:
    return f"{INBOX}/{request.match_info['conversation_id']}"


def _is_script(request: web.Request) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _done(request: web.Request, sentence: str, *, way: str | None = None) -> web.StreamResponse:
    """A script shows its own word for it; a page without scripts gets one on the next page."""
    if _is_script(request):
        return web.json_response({"done": True})
    redirect = web.Response(status=303, headers={"Location": way or _address(request)})
    flash(redirect, "success", translate(request, sentence))
    return redirect
