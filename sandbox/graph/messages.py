"""POST /{page}/messages: who may be written to, when, and with what."""

from datetime import timedelta
from typing import Any

from sandbox import chats
from sandbox.graph.calls import Call
from sandbox.graph.checks import one_of, only_keys
from sandbox.graph.edges import Edges
from sandbox.graph.errors import GraphError, bad_parameter
from sandbox.graph.fetching import fetch, picture_type
from sandbox.graph.message_limits import check_message
from sandbox.things import HUMAN_WINDOW, Comment, Media, Post, Reader, Thread

edges = Edges()

PRIVATE_REPLY_WITHIN = timedelta(days=7)
RECIPIENTS = {"id", "user_ref", "comment_id", "post_id", "notification_messages_token"}
TYPES = {"RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"}
REMOVED_TAGS = {"CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE"}
ACTIONS = {"mark_seen", "typing_on", "typing_off", "react", "unreact"}
ATTACHMENT_BYTES = 25 * 1024 * 1024
IMAGE_BYTES = 8 * 1024 * 1024


@edges.on("POST", "page", "messages", scope="pages_messaging")
@edges.on("POST", "instagram", "messages", scope="instagram_manage_messages")
async def send(call: Call) -> dict[str, Any]:
    recipient = only_keys(call.object("recipient"), RECIPIENTS, "recipient")
    if len(recipient) != 1:
        raise bad_parameter("Param recipient must hold exactly one of its keys.")
    [(kind, target)] = recipient.items()
    if kind in ("user_ref", "notification_messages_token"):
        raise bad_parameter("No matching user found", subcode=2018001)
    if kind in ("comment_id", "post_id"):
        return await _reply_privately(call, str(target))
    thread = _thread(call, str(target))
    if call.has("sender_action"):
        return _act(call, thread)
    _check_sending(call, thread)
    return await _deliver(call, thread)


def _thread(call: Call, user_id: str) -> Thread:
    reader = call.world.nodes.get(user_id)
    if not isinstance(reader, Reader) or reader.page is not call.page:
        raise bad_parameter("No matching user found", subcode=2018001)
    if not reader.person.is_reachable:
        raise GraphError(551, "(#551) This person isn't available right now.", subcode=1545041)
    thread = call.world.thread(reader.person, reader.page, reader.channel)
    if thread.other_owner_app_id:
        raise GraphError(2018300, "(#2018300) Another app is controlling this thread now.")
    return thread


def _check_sending(call: Call, thread: Thread) -> None:
    kind = one_of(call.args.get("messaging_type", ""), TYPES, "messaging_type")
    if kind == "UTILITY":
        raise bad_parameter("UTILITY messages need an approved message template.")
    if kind == "MESSAGE_TAG":
        _check_tag(call, thread)
    elif call.has("tag"):
        raise bad_parameter("A tag needs the messaging_type MESSAGE_TAG.")
    elif not thread.is_open(call.now):
        raise _window_closed(thread)


def _check_tag(call: Call, thread: Thread) -> None:
    tag = call.required("tag")
    if tag in REMOVED_TAGS:
        raise bad_parameter(f"The tag {tag} is not supported any more.", subcode=1893061)
    one_of(tag, {"HUMAN_AGENT"}, "tag")
    if not call.world.settings.human_agent_allowed:
        raise GraphError(10, "(#10) The Human Agent feature is not approved.", subcode=2018065)
    if not thread.is_open(call.now, HUMAN_WINDOW):
        raise _window_closed(thread)


def _window_closed(thread: Thread) -> GraphError:
    return GraphError(
        10,
        "(#10) This message is sent outside of allowed window.",
        subcode=2018278 if thread.channel == "messenger" else 2534022,
    )


def _act(call: Call, thread: Thread) -> dict[str, Any]:
    action = one_of(call.args["sender_action"], ACTIONS, "sender_action")
    for name in ("message", "tag", "messaging_type"):
        if name in call.args and name != "messaging_type":
            raise bad_parameter(f"A sender_action goes alone, without {name}.")
    if action in ("typing_on", "typing_off"):
        thread.is_page_typing = action == "typing_on"
    elif action == "mark_seen":
        thread.seen_by_page_at = call.now
    else:
        _react(call, thread, action == "react")
    call.world.live.changed(f"thread:{thread.id}")
    return {"recipient_id": thread.user_id}


def _react(call: Call, thread: Thread, is_on: bool) -> None:
    payload = call.object("payload")
    message = call.world.nodes.get(str(payload.get("message_id")))
    if message not in thread.messages:
        raise bad_parameter("The message to react to does not exist.")
    message.page_reaction = str(payload.get("reaction", "love")) if is_on else ""


async def _reply_privately(call: Call, target_id: str) -> dict[str, Any]:
    """Once per comment or visitor post, within seven days, to the author's thread."""
    target = call.world.nodes.get(target_id)
    if not isinstance(target, Post | Comment) or target.page is not call.page or target.is_removed:
        raise bad_parameter("The comment is not valid.", subcode=2534025)
    if target.privately_replied_at is not None:
        raise GraphError(10900, "(#10900) Activity already replied to")
    if target.author is None or not target.author.is_reachable:
        raise GraphError(10903, "(#10903) This user cannot be replied to")
    if call.now - target.created_at > PRIVATE_REPLY_WITHIN:
        raise bad_parameter("The comment is older than seven days.", subcode=2534025)
    is_instagram = isinstance(target, Comment) and isinstance(target.place, Media)
    channel = "instagram" if is_instagram else "messenger"
    thread = call.world.thread(target.author, target.page, channel)  # type: ignore[arg-type]
    answer = await _deliver(call, thread, about=target.id)
    target.privately_replied_at = call.now
    return answer


async def _deliver(call: Call, thread: Thread, *, about: str = "") -> dict[str, Any]:
    message = call.object("message")
    check_message(message, thread.channel, call.page)
    _count_send(call)
    attachment = message.get("attachment") or {}
    payload = attachment.get("payload") or {}
    if attachment.get("type") != "template" and payload.get("url"):
        await _fetch_attachment(call, attachment["type"], payload["url"])
    sent = chats.send(
        call.world, thread, message, app_id=call.world.settings.app_id, about_comment=about
    )
    return {"recipient_id": thread.user_id, "message_id": sent.mid}


async def _fetch_attachment(call: Call, kind: str, url: str) -> None:
    """Meta fetches the file before it sends; a picture must be one, and not too big."""
    fetched = await fetch(call.world, url)
    if fetched is None:
        raise bad_parameter("Failed to fetch the file from the url", subcode=2018008)
    most = IMAGE_BYTES if kind == "image" else ATTACHMENT_BYTES
    is_fitting = kind != "image" or picture_type(fetched.content) != ""
    if not is_fitting or len(fetched.content) > most:
        raise bad_parameter("Upload attachment failure.", subcode=2018047)


def _count_send(call: Call) -> None:
    """300 texts a second and page (Messenger Platform docs: rate limits)."""
    now, sends = call.now, call.page.sends_at
    sends[:] = [at for at in sends if now - at < timedelta(seconds=1)]
    if len(sends) >= call.world.settings.sends_per_second:
        raise GraphError(
            613, "(#613) Calls to this api have exceeded the rate limit.", subcode=2018338
        )
    sends.append(now)
