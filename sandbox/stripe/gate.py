"""Every API call comes in here and is noted; some break off before or after the answer."""

from typing import Any

from aiohttp import web
from stripe import api_version

from sandbox.stripe.answering import Endpoint, Visit, outcome, wait
from sandbox.stripe.things import new_id
from sandbox.stripe.world import WORLD


async def serve(request: web.Request, endpoint: Endpoint | None) -> web.StreamResponse:
    """`endpoint` None is an address the API does not have."""
    world = request.app[WORLD]
    world.run_due()
    visit = Visit(world, request, new_id("req_", 14))
    entry = _note(visit)
    path = request.path.removeprefix("/stripe")
    visit.fault = world.faults.strike(request.method, path)
    entry["fault"] = visit.fault.kind if visit.fault else None
    if visit.is_hit("timeout", "cut"):
        return await _hang_up(visit)
    status, body, headers = await outcome(visit, entry, endpoint)
    entry["status"] = status
    if visit.is_hit("timeout_after_success", "cut_after_success"):
        return await _hang_up(visit)
    return web.Response(status=status, body=body, headers=_headers(visit) | headers)


def _note(visit: Visit) -> dict[str, Any]:
    request = visit.request
    entry = {
        "at": visit.world.now,
        "method": request.method,
        "path": request.path.removeprefix("/stripe"),
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "params": None,
        "request_id": visit.request_id,
        "status": None,
    }
    visit.world.requests.append(entry)
    return entry


async def _hang_up(visit: Visit) -> web.StreamResponse:
    """Lets the caller wait (a timeout) or not (a cut), and breaks the connection off."""
    if visit.fault is not None and visit.fault.kind.startswith("timeout"):
        await wait(visit, visit.fault.seconds or visit.world.settings.hold_s)
    if visit.request.transport is not None:
        visit.request.transport.close()
    return web.Response(status=499)


def _headers(visit: Visit) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Request-Id": visit.request_id,
        "Stripe-Version": api_version,
    }
    if key := visit.request.headers.get("Idempotency-Key"):
        headers |= {"Idempotency-Key": key, "Original-Request": visit.request_id}
    return headers
