"""The control API's bad days: weather for deliveries, errors and quotas of the Graph API, tokens."""

from dataclasses import asdict
from typing import Any, cast

from aiohttp import web

from sandbox.asking import Refused, answering, body_of, page_in, text_in, whole_in
from sandbox.graph_faults import FAMILIES, GraphFault
from sandbox.weather import KINDS
from sandbox.webhooks import Order
from sandbox.world import World

routes = web.RouteTableDef()


@routes.get("/control/weather")
@answering
async def show_weather(world: World, request: web.Request) -> Any:
    return [asdict(fault) for fault in world.sender.weather.faults]


@routes.post("/control/weather")
@answering
async def brew(world: World, request: web.Request) -> Any:
    """`kind`, `label` (prefix), `times` (null: until cleared), `milliseconds`."""
    body = await body_of(request)
    kind = text_in(body, "kind", needed=True)
    if kind not in KINDS:
        raise Refused(f"kinds are: {', '.join(KINDS)}")
    fault = world.sender.weather.brew(
        kind,
        label=text_in(body, "label"),
        times=whole_in(body, "times", None),
        milliseconds=whole_in(body, "milliseconds", 0) or 0,
    )
    return asdict(fault)


@routes.delete("/control/weather")
@answering
async def clear(world: World, request: web.Request) -> Any:
    """All faults, or those of `?kind=`; Graph faults and usage too unless a kind is named."""
    kind = request.query.get("kind", "")
    world.sender.weather.clear(kind=kind)
    if not kind:
        world.graph_weather.faults.clear()
        world.graph_weather.usage.clear()
    return {"ok": True}


@routes.post("/control/release")
@answering
async def release(world: World, request: web.Request) -> Any:
    """`order` is kept, reversed or shuffled."""
    body = await body_of(request)
    order = text_in(body, "order") or "kept"
    if order not in ("kept", "reversed", "shuffled"):
        raise Refused("order is kept, reversed or shuffled")
    label = text_in(body, "label")
    return {"released": world.sender.release(label=label, order=cast("Order", order))}


@routes.post("/control/graph/faults")
@answering
async def break_graph(world: World, request: web.Request) -> Any:
    """The next `times` calls whose path holds `path` answer the error `family`.

    With "timeout_after_success" nothing is said for `hang_seconds`; then the line is cut.
    """
    body = await body_of(request)
    family = text_in(body, "family", needed=True)
    families = [*FAMILIES, "timeout_after_success"]
    if family not in families:
        raise Refused(f"families are: {', '.join(families)}")
    fault = GraphFault(
        family,
        whole_in(body, "times", 1),
        text_in(body, "path"),
        text_in(body, "method").upper(),
    )
    world.graph_weather.hang_s = whole_in(body, "hang_seconds", 30) or 30
    world.graph_weather.faults.append(fault)
    return asdict(fault)


@routes.post("/control/graph/usage")
@answering
async def set_usage(world: World, request: web.Request) -> Any:
    """Header name to its JSON value, e.g. {"X-App-Usage": {"call_count": 95}}; {} clears."""
    world.graph_weather.usage = await body_of(request)
    return world.graph_weather.usage


@routes.post("/control/tokens")
@answering
async def change_token(world: World, request: web.Request) -> Any:
    """Of `page` (or the user's, without one): `is_live`, `subcode` why not, `scopes`."""
    body = await body_of(request)
    text = (
        page_in(world, body).settings.page_token
        if text_in(body, "page")
        else world.settings.user_token
    )
    token = world.tokens[text]
    token.is_live = bool(body.get("is_live", token.is_live))
    token.subcode = whole_in(body, "subcode", token.subcode) or 0
    if isinstance(scopes := body.get("scopes"), list):
        token.scopes = tuple(str(scope) for scope in scopes)
    return {"kind": token.kind, "is_live": token.is_live, "scopes": token.scopes}
