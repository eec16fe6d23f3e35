"""Every call of the Graph API: version, token, permission, node, then the edge's function."""

import asyncio
import json
import re
import secrets
from typing import Any

from aiohttp import web

from sandbox.graph import (
    accounts,
    comments,
    conversations,
    feed,
    instagram,
    messages,
    profile,
    subscriptions,
)
from sandbox.graph.calls import Call, read_parameters
from sandbox.graph.edges import Edge, Edges, kind_of, owner_of
from sandbox.graph.errors import GraphError, bad_parameter, missing_object, missing_permission
from sandbox.graph.tokens import authenticate, token_text
from sandbox.graph_faults import FAMILIES
from sandbox.things import Comment, Message, Post
from sandbox.world import WORLD, World

routes = web.RouteTableDef()

TABLE = Edges()
for part in (accounts, subscriptions, messages, profile, conversations, feed, comments, instagram):
    TABLE.update(part.edges)


@routes.route("*", "/graph/{path:.*}")
async def answer(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    family = world.graph_weather.strike(request.method, request.path)
    status = 200
    try:
        if family in FAMILIES:
            fault_status, code, subcode, message = FAMILIES[family]
            raise GraphError(code, message, subcode=subcode, status=fault_status)
        body = await _called(request, world)
    except GraphError as error:
        status, body = error.status, error.body()
    if family == "timeout_after_success":
        await asyncio.sleep(world.graph_weather.hang_s)
        if request.transport is not None:
            request.transport.close()
    return _response(world, request, status, body)


async def _called(request: web.Request, world: World) -> Any:
    version, node_id, edge = _path(request.match_info["path"], world)
    parameters = await read_parameters(request)
    args = parameters.args
    method = str(args.pop("method", request.method)).upper()
    if "ids" in args:
        raise bad_parameter("The ids parameter is not supported any more.")
    if "date_format" in args:
        raise bad_parameter("The date_format parameter is not supported any more.")
    token = authenticate(world, token_text(request, args), args, node_id=node_id)
    call = Call(
        world=world,
        method=method,
        version=version,
        node_id=node_id,
        edge=edge,
        args=args,
        files=parameters.files,
        token=token,
        url=request.path,
    )
    entry = _found(call)
    _permit(call, entry)
    return await entry.handler(call)


def _path(path: str, world: World) -> tuple[str, str, str]:
    version, _, rest = path.partition("/")
    if not re.fullmatch(r"v\d+\.\d+", version):
        raise GraphError(2500, "Calls without a version are refused: write /vN.M/ in the path.")
    if version not in world.settings.graph_versions:
        raise GraphError(
            2635, f"(#2635) {version} is deprecated or unknown. Please update to a living version."
        )
    node_id, _, edge = rest.strip("/").partition("/")
    if not node_id or "/" in edge:
        raise GraphError(2500, f"Unknown path components: /{rest}")
    return version, node_id, edge


def _found(call: Call) -> Edge:
    """The edge's function; sets `call.node` and `call.node_id` for what "me" stands for."""
    kind = _resolve(call)
    entry = TABLE.get((call.method, kind, call.edge))
    if entry is not None:
        return entry
    if not kind or ((call.method, kind, "") in TABLE and not call.edge):
        raise missing_object(call.method, call.node_id)
    if any((name, edge) == (kind, call.edge) for _, name, edge in TABLE):
        raise missing_object(call.method, call.node_id)
    raise GraphError(2500, f"Unknown path components: /{call.edge}")


def _resolve(call: Call) -> str:
    if call.node_id == "debug_token":
        return "debug_token"
    if call.node_id == call.world.settings.app_id:
        return "app"
    if call.node_id == "me":
        if call.token.page is None:
            return "user" if call.token.kind == "USER" else ""
        call.node_id = call.token.page.id
    call.node = call.world.nodes.get(call.node_id)
    is_gone = isinstance(call.node, Post | Comment) and call.node.is_removed
    is_gone = is_gone or (isinstance(call.node, Message) and call.node.is_unsent)
    return "" if is_gone else kind_of(call.node, call.node_id)


def _permit(call: Call, entry: Edge) -> None:
    owner = owner_of(call.node)
    token = call.token
    if token.page is not None and owner is not None and owner is not token.page:
        raise missing_object(call.method, call.node_id)
    if token.kind not in entry.tokens:
        if entry.tokens == ("PAGE",):
            raise GraphError(
                210, "(#210) A page access token is required to request this resource."
            )
        if entry.tokens == ("APP",):
            raise GraphError(15, "(#15) This method must be called with an app access_token.")
        raise missing_object(call.method, call.node_id)
    if entry.scope and token.kind != "APP" and entry.scope not in token.scopes:
        raise missing_permission(entry.scope)


def _response(world: World, request: web.Request, status: int, body: Any) -> web.Response:
    version = request.match_info["path"].split("/", 1)[0]
    headers = {
        "facebook-api-version": version,
        "x-fb-trace-id": secrets.token_urlsafe(8),
        "x-fb-rev": "1000000000",
        "x-fb-debug": secrets.token_urlsafe(32),
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
    }
    if usage := world.graph_weather.usage:
        for name, value in usage.items():
            headers[name] = json.dumps(value)
    return web.json_response(body, status=status, headers=headers)
