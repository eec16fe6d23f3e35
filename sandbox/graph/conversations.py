"""The Conversations API: what the product reads to find messages it was never told of."""

from typing import Any

from sandbox.graph.calls import Call
from sandbox.graph.checks import one_of
from sandbox.graph.edges import Edges
from sandbox.graph.fields import asked, shown
from sandbox.graph.paging import listed
from sandbox.graph.thread_shapes import MESSAGE, THREAD, message_list

edges = Edges()


@edges.on("GET", "page", "conversations", scope="pages_messaging")
@edges.on("GET", "instagram", "conversations", scope="instagram_manage_messages")
async def list_threads(call: Call) -> dict[str, Any]:
    """Newest first; `platform` is messenger unless said otherwise, `user_id` narrows to one."""
    platform = one_of(
        call.text("platform", "messenger").lower(), {"messenger", "instagram"}, "platform"
    )
    threads = [
        thread
        for thread in call.page.threads.values()
        if thread.channel == platform
        and thread.messages
        and call.text("user_id", thread.user_id) == thread.user_id
    ]
    threads.sort(key=lambda thread: thread.messages[-1].at, reverse=True)
    fields = asked(call)
    return listed(
        call, threads, lambda thread: thread.id, lambda thread: shown(call, THREAD, thread, fields)
    )


@edges.on("GET", "thread", scope="pages_messaging")
async def show_thread(call: Call) -> dict[str, Any]:
    return shown(call, THREAD, call.node, asked(call))


@edges.on("GET", "thread", "messages", scope="pages_messaging")
async def list_messages(call: Call) -> dict[str, Any]:
    return message_list(call, call.node, asked(call))


@edges.on("GET", "message", scope="pages_messaging")
async def show_message(call: Call) -> dict[str, Any]:
    return shown(call, MESSAGE, call.node, asked(call))
