"""Comments on the wall: reading, answering, editing, hiding, removing, liking."""

from typing import Any

from sandbox import walls
from sandbox.graph.calls import Call
from sandbox.graph.edges import Edges
from sandbox.graph.errors import GraphError, bad_parameter
from sandbox.graph.fetching import fetch, picture_type
from sandbox.graph.fields import asked, shown
from sandbox.graph.wall_shapes import COMMENT, comment_list
from sandbox.things import Comment, Picture

edges = Edges()

MESSAGE_LIMIT = 8000


@edges.on("GET", "post", "comments", scope="pages_read_user_content")
@edges.on("GET", "comment", "comments", scope="pages_read_user_content")
async def list_comments(call: Call) -> dict[str, Any]:
    return comment_list(call, call.node, asked(call))


@edges.on("POST", "post", "comments", scope="pages_manage_engagement")
@edges.on("POST", "comment", "comments", scope="pages_manage_engagement")
async def answer(call: Call) -> dict[str, Any]:
    """As the page. With `fields` the comment is made and an error answered, as seen at Meta."""
    message = _message(call, is_needed=False)
    picture = await _picture(call)
    if not message and picture is None:
        raise bad_parameter("The parameter message or an attachment is required.")
    made = walls.comment(call.world, call.node, message, author=None, picture=picture)
    if call.has("fields"):
        raise GraphError(20, "(#20) Unsupported fields on a comment", subcode=1772107)
    return {"id": made.id}


async def _picture(call: Call) -> Picture | None:
    if call.has("attachment_id"):
        picture = call.world.nodes.get(call.text("attachment_id"))
        if not isinstance(picture, Picture) or picture.page_id != call.page.id:
            raise bad_parameter("The attachment_id is not a photo of this page.")
        return picture
    if not call.has("attachment_url"):
        return None
    fetched = await fetch(call.world, call.text("attachment_url"))
    kind = picture_type(fetched.content) if fetched else ""
    if fetched is None or not kind:
        raise GraphError(324, "(#324) Missing or invalid image file")
    return call.world.picture(fetched.content, kind)


@edges.on("GET", "comment", scope="pages_read_user_content")
async def show(call: Call) -> dict[str, Any]:
    return shown(call, COMMENT, call.node, asked(call))


@edges.on("POST", "comment", scope="pages_manage_engagement")
async def change(call: Call) -> dict[str, Any]:
    comment: Comment = call.node
    if "message" in call.args:
        if comment.author is not None:
            raise GraphError(200, "(#200) Only the author can edit a comment.")
        walls.edit_comment(call.world, comment, _message(call, is_needed=True))
    if "is_hidden" in call.args:
        if comment.author is None:
            raise GraphError(200, "(#200) A page cannot hide its own comment.")
        walls.hide_comment(call.world, comment, call.flag("is_hidden", False))
    return {"success": True}


@edges.on("DELETE", "comment", scope="pages_manage_engagement")
async def remove(call: Call) -> dict[str, Any]:
    walls.remove_comment(call.world, call.node)
    return {"success": True}


@edges.on("POST", "post", "likes", scope="pages_manage_engagement")
@edges.on("POST", "comment", "likes", scope="pages_manage_engagement")
async def like(call: Call) -> dict[str, Any]:
    walls.like(call.world, call.node, None)
    return {"success": True}


@edges.on("DELETE", "post", "likes", scope="pages_manage_engagement")
@edges.on("DELETE", "comment", "likes", scope="pages_manage_engagement")
async def unlike(call: Call) -> dict[str, Any]:
    walls.like(call.world, call.node, None, is_on=False)
    return {"success": True}


@edges.on("GET", "post", "likes", scope="pages_read_engagement")
@edges.on("GET", "comment", "likes", scope="pages_read_engagement")
@edges.on("GET", "post", "reactions", scope="pages_read_engagement")
async def count_likes(call: Call) -> dict[str, Any]:
    return {"data": [], "summary": {"total_count": len(call.node.likes)}}


def _message(call: Call, *, is_needed: bool) -> str:
    message = call.required("message") if is_needed else call.text("message")
    if len(message) > MESSAGE_LIMIT:
        raise bad_parameter(f"A comment has at most {MESSAGE_LIMIT} characters.")
    return message
