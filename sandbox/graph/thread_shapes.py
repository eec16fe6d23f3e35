"""How conversations and their messages are shown."""

from typing import Any

from sandbox.graph.calls import Call
from sandbox.graph.fields import OMIT, Field, Shape, nested, shown
from sandbox.graph.paging import listed
from sandbox.telling import graph_time
from sandbox.things import Message, Thread


def participant(call: Call, thread: Thread, *, is_page: bool) -> dict[str, str]:
    settings = thread.page.settings
    if thread.channel == "instagram":
        return (
            {"username": settings.instagram_username, "id": settings.instagram_id}
            if is_page
            else {"username": thread.person.username, "id": thread.user_id}
        )
    if is_page:
        return {
            "name": settings.name,
            "email": f"{settings.page_id}@facebook.com",
            "id": settings.page_id,
        }
    return {
        "name": thread.person.name,
        "email": f"{thread.user_id}@facebook.com",
        "id": thread.user_id,
    }


DETAILED_MESSAGES = 20


def message_list(call: Call, thread: Thread, fields: list[Field]) -> dict[str, Any]:
    """Newest first; only the last twenty can be read in detail (Conversations API docs)."""
    found = [one for one in reversed(thread.messages) if not one.is_unsent]
    return listed(
        call,
        found[:DETAILED_MESSAGES],
        lambda one: one.mid,
        lambda one: shown(call, MESSAGE, one, fields),
    )


def _thread_messages(call: Call, thread: Thread, one: Field) -> dict[str, Any]:
    return message_list(nested(call, one, thread.id), thread, one.fields)


def _thread_time(call: Call, thread: Thread, one: Field) -> Any:
    return graph_time(thread.messages[-1].at) if thread.messages else OMIT


def _snippet(call: Call, thread: Thread, one: Field) -> str:
    return thread.messages[-1].text if thread.messages else ""


THREAD = Shape(
    "UnifiedThread",
    "id,updated_time",
    {
        "id": lambda call, thread, one: thread.id,
        "updated_time": _thread_time,
        "snippet": _snippet,
        "message_count": lambda call, thread, one: len(thread.messages),
        "link": lambda call, thread, one: (
            f"/messenger/{thread.page.settings.slug}?person={thread.person.key}"
        ),
        "participants": lambda call, thread, one: {
            "data": [
                participant(call, thread, is_page=False),
                participant(call, thread, is_page=True),
            ]
        },
        "can_reply": lambda call, thread, one: thread.is_open(call.now),
        "messages": _thread_messages,
    },
)


def _message_attachments(call: Call, message: Message, one: Field) -> Any:
    found = message.content.get("attachments") or []
    if attachment := message.content.get("attachment"):
        found = [attachment]
    data = [
        {"id": message.mid, "mime_type": "", "image_data": {"url": part["payload"]["url"]}}
        if (part.get("payload") or {}).get("url")
        else {"id": message.mid, "type": part.get("type", "")}
        for part in found
    ]
    return {"data": data} if data else OMIT


MESSAGE = Shape(
    "UnifiedMessage",
    "id,created_time",
    {
        "id": lambda call, message, one: message.mid,
        "message": lambda call, message, one: message.text,
        "created_time": lambda call, message, one: graph_time(message.at),
        "from": lambda call, message, one: participant(
            call, message.thread, is_page=message.is_from_page
        ),
        "to": lambda call, message, one: {
            "data": [participant(call, message.thread, is_page=not message.is_from_page)]
        },
        "attachments": _message_attachments,
        "tags": lambda call, message, one: {"data": [{"name": "inbox"}]},
    },
)
