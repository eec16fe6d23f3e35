"""Pages, their token, their Instagram account, and who a PSID is."""

from typing import Any

from sandbox.graph.calls import Call
from sandbox.graph.edges import Edges
from sandbox.graph.errors import GraphError
from sandbox.graph.fields import asked, shown
from sandbox.graph.page_shapes import INSTAGRAM, INSTAGRAM_READER, PAGE, READER
from sandbox.graph.paging import listed
from sandbox.things import Token

edges = Edges()


@edges.on("GET", "page", tokens=("PAGE", "USER"))
async def show_page(call: Call) -> dict[str, Any]:
    return shown(call, PAGE, call.node, asked(call))


@edges.on("GET", "instagram", scope="instagram_basic", tokens=("PAGE", "USER"))
async def show_instagram(call: Call) -> dict[str, Any]:
    return shown(call, INSTAGRAM, call.node, asked(call))


@edges.on("GET", "user", tokens=("USER",))
async def show_me(call: Call) -> dict[str, Any]:
    return {"name": call.world.settings.user_name, "id": "10000000000000001"}


@edges.on("GET", "user", "accounts", scope="pages_show_list", tokens=("USER",))
async def list_pages(call: Call) -> dict[str, Any]:
    fields = asked(call)
    pages = list(call.world.pages.values())
    return listed(call, pages, lambda page: page.id, lambda page: shown(call, PAGE, page, fields))


@edges.on("GET", "user", "permissions", tokens=("USER",))
async def list_permissions(call: Call) -> dict[str, Any]:
    granted = [{"permission": scope, "status": "granted"} for scope in call.token.scopes]
    return {"data": granted}


@edges.on("GET", "reader", scope="pages_messaging")
async def show_reader(call: Call) -> dict[str, Any]:
    """A profile needs a conversation first: a mere commenter's is refused."""
    reader = call.node
    if (reader.channel, reader.person.key) not in reader.page.threads:
        raise GraphError(100, "(#100) No profile available for this user.", subcode=2018218)
    shape = READER if reader.channel == "messenger" else INSTAGRAM_READER
    return shown(call, shape, reader, asked(call))


@edges.on("GET", "debug_token", tokens=("APP", "USER", "PAGE"))
async def debug_token(call: Call) -> dict[str, Any]:
    """`expires_at` 0 means never. A token nobody issued is described as invalid."""
    token = call.world.tokens.get(call.required("input_token"))
    if token is None:
        problem = {"code": 190, "message": "Invalid OAuth access token."}
        return {"data": {"error": problem, "is_valid": False, "scopes": []}}
    return {"data": _described(call, token)}


def _described(call: Call, token: Token) -> dict[str, Any]:
    data: dict[str, Any] = {
        "app_id": call.world.settings.app_id,
        "type": token.kind,
        "application": "Sandbox",
        "data_access_expires_at": 0,
        "expires_at": 0,
        "is_valid": token.is_live,
        "scopes": list(token.scopes),
        "granular_scopes": [{"scope": scope} for scope in token.scopes],
    }
    if token.kind != "APP":
        data["user_id"] = "10000000000000001"
    if token.page is not None:
        data["profile_id"] = token.page.id
    if not token.is_live:
        message = "Error validating access token"
        data["error"] = {"code": 190, "message": message, "subcode": token.subcode}
    return data
