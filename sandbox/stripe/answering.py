"""One API call: key, faults, idempotency, parameters, then the verb."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.stripe import expanding, idempotency, keys
from sandbox.stripe.errors import Broken, Invalid, KeyInUse, NotAllowed, Problem, TooMany
from sandbox.stripe.errors import Unauthenticated as NoKey
from sandbox.stripe.faults import Fault
from sandbox.stripe.forms import decode
from sandbox.stripe.params import checked
from sandbox.stripe.things import Thing
from sandbox.stripe.world import Call, World

FORM = "application/x-www-form-urlencoded"
MOST_PARAMS = 5000
PATIENCE_S = 0.02


@dataclass(frozen=True)
class Endpoint:
    """`verb(call, *ids of the path, params)`; `shape` is the SDK's type of its parameters.

    `kind` is the object it answers with, or a list of which.
    """

    method: str
    path: str
    shape: type
    verb: Callable[..., Thing]
    kind: str
    is_list: bool = False


@dataclass
class Visit:
    """One request while it is answered."""

    world: World
    request: web.Request
    request_id: str
    fault: Fault | None = None

    def is_hit(self, *kinds: str) -> bool:
        return self.fault is not None and self.fault.kind in kinds


Outcome = tuple[int, bytes, dict[str, str]]


async def wait(visit: Visit, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not visit.world.is_closing:
        if visit.request.transport is None:
            return
        await asyncio.sleep(PATIENCE_S)


async def _be_slow(visit: Visit) -> None:
    if visit.is_hit("slow") and visit.fault is not None:
        await wait(visit, visit.fault.seconds)


async def outcome(visit: Visit, entry: dict[str, Any], endpoint: Endpoint | None) -> Outcome:
    try:
        _fail_early(visit)
        call = keys.identify(visit.world, visit.request, visit.request_id)
        if endpoint is None:
            raise _unknown_address(visit.request)
        raw = entry["params"] = await _params(visit.request)
        if visit.request.method == "POST":
            return await _answer_once(visit, call, endpoint, raw)
        await _be_slow(visit)
        return 200, _work(visit, call, endpoint, raw), {}
    except Problem as problem:
        return problem.status, _json(problem.body(visit.request_id)), _advice(problem)


def _fail_early(visit: Visit) -> None:
    """Faults that come before the API begins its work, so nothing is stored."""
    if visit.fault is None:
        return
    match visit.fault.kind:
        case "401":
            raise NoKey("Invalid API Key provided: it was rolled or deleted.")
        case "403":
            raise NotAllowed("The provided key does not have the required permissions.")
        case "409":
            raise KeyInUse("Another request is in progress.", code="idempotency_key_in_use")
        case "429":
            raise TooMany("Too many requests hit the API too quickly.", code="rate_limit")
        case "lock_timeout":
            raise TooMany("This object is being used by another request.", code="lock_timeout")
        case "503":
            problem = Broken("The API is not available at the moment.")
            problem.status = 503
            raise problem


def _unknown_address(request: web.Request) -> Problem:
    path = request.path.removeprefix("/stripe")
    problem = Invalid(f"Unrecognized request URL ({request.method}: {path}).")
    problem.status = 404
    return problem


async def _params(request: web.Request) -> dict[str, Any]:
    if request.method != "POST":
        return decode(request.query.items())
    body = await request.read()
    if body and request.content_type != FORM:
        raise Invalid(f"Send {FORM}, not {request.content_type}.")
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_PARAMS, errors="strict"
        )
    except ValueError:
        raise Invalid("The body is not a form in UTF-8.") from None
    return decode(pairs)


async def _answer_once(
    visit: Visit, call: Call, endpoint: Endpoint, raw: dict[str, Any]
) -> Outcome:
    """The verb runs at most once for a key; whoever comes with it meanwhile is told to wait."""
    world, request = visit.world, visit.request
    holder, key = call.account.id, str(call.idempotency_key)
    mark = idempotency.fingerprint(request.path, raw)
    stored = idempotency.begin(world, holder, key, mark, visit.request_id)
    if stored is not None and stored.body is not None:
        again = {"Idempotent-Replayed": "true", "Original-Request": stored.request_id}
        if stored.status >= 500:
            again["Stripe-Should-Retry"] = "false"
        return stored.status, stored.body, again
    try:
        await _be_slow(visit)
        status, body, headers = _first_time(visit, call, endpoint, raw)
    except BaseException:
        idempotency.drop(world, holder, key)
        raise
    idempotency.end(world, holder, key, status, body)
    return status, body, headers


def _first_time(visit: Visit, call: Call, endpoint: Endpoint, raw: dict[str, Any]) -> Outcome:
    try:
        if visit.is_hit("500"):
            raise Broken("An unknown error occurred.")
        body = _work(visit, call, endpoint, raw)
        if visit.is_hit("500_after_success"):
            raise Broken("An unknown error occurred.")
    except Problem as problem:
        if not problem.is_final:
            raise
        return problem.status, _json(problem.body(visit.request_id)), _advice(problem)
    return 200, body, {}


def _work(visit: Visit, call: Call, endpoint: Endpoint, raw: dict[str, Any]) -> bytes:
    if visit.is_hit("500") and visit.request.method != "POST":
        raise Broken("An unknown error occurred.")
    params = checked(endpoint.shape, raw)
    paths = params.get("expand", [])
    expanding.check(endpoint.kind, paths, is_list=endpoint.is_list)
    ids = visit.request.match_info.values()
    answer = endpoint.verb(call, *ids, params)
    return _json(expanding.expand(call, answer, paths))


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def _advice(problem: Problem) -> dict[str, str]:
    """Stripe-Should-Retry: a key in use is worth another try, a stored failure never is."""
    if isinstance(problem, KeyInUse):
        return {"Stripe-Should-Retry": "true"}
    if isinstance(problem, Broken) and problem.status == 500:
        return {"Stripe-Should-Retry": "false"}
    return {}
