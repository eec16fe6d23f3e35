"""JSON for tests and the curious: be the buyer, the bank, the clock and the bad luck."""

from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from sandbox.stripe import acting, balance, disputes, events, refunds, sessions
from sandbox.stripe.control_forms import (
    BalanceForm,
    BuyerForm,
    ClockForm,
    DisputeForm,
    FaultForm,
    LostEventForm,
    ReasonForm,
)
from sandbox.stripe.errors import Problem
from sandbox.stripe.faults import Fault, LostEvent
from sandbox.stripe.things import Thing, shown
from sandbox.stripe.world import WORLD, Call, World

routes = web.RouteTableDef()
F = TypeVar("F", bound=BaseModel)


async def _form(request: web.Request, kind: type[F]) -> F:
    body = await request.read()
    try:
        return kind.model_validate_json(body or b"{}")
    except ValidationError as error:
        problems = error.json(include_url=False, include_context=False, include_input=False)
        raise web.HTTPBadRequest(text=problems, content_type="application/json") from None


def _acting(request: web.Request, kind: str) -> tuple[Call, Thing]:
    """The object named in the address, and a call in its account's name."""
    world, thing_id = request.app[WORLD], request.match_info["id"]
    world.run_due()
    try:
        account = world.holder(kind, thing_id)
    except Problem as problem:
        raise web.HTTPNotFound(text=str(problem)) from None
    call = Call(world, account, origin=str(request.url.origin()))
    return call, account.things[kind][thing_id]


def _answer(is_done: bool, thing: Thing, **more: Any) -> web.Response:
    """409 when the object's state does not allow it; the object stands in the answer."""
    answer = {"ok": is_done, "object": shown(thing), **more}
    return web.json_response(answer, status=200 if is_done else 409)


@routes.get("/control/stripe")
async def overview(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return web.json_response(
        {
            "now": world.now,
            "offset_s": world.offset_s,
            "accounts": [account.id for account in world.accounts.values()],
            "faults": [vars(fault) for fault in world.faults.calls if fault.times > 0],
            "lost_events": [vars(lost) for lost in world.faults.lost if lost.times > 0],
        }
    )


@routes.get("/control/stripe/requests")
async def requests(request: web.Request) -> web.Response:
    """Oldest first; `?path=` is a prefix, `?method=` exact."""
    path, method = request.query.get("path", ""), request.query.get("method", "")
    kept = [
        entry
        for entry in request.app[WORLD].requests
        if entry["path"].startswith(path) and method in ("", entry["method"])
    ]
    return web.json_response({"requests": kept})


@routes.delete("/control/stripe/requests")
async def forget_requests(request: web.Request) -> web.Response:
    request.app[WORLD].requests.clear()
    return web.json_response({"ok": True})


@routes.post("/control/stripe/faults")
async def add_fault(request: web.Request) -> web.Response:
    form = await _form(request, FaultForm)
    request.app[WORLD].faults.calls.append(Fault(**form.model_dump()))
    return web.json_response({"ok": True})


@routes.post("/control/stripe/lost-events")
async def lose_events(request: web.Request) -> web.Response:
    form = await _form(request, LostEventForm)
    request.app[WORLD].faults.lost.append(LostEvent(**form.model_dump()))
    return web.json_response({"ok": True})


@routes.delete("/control/stripe/faults")
async def clear_faults(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    world.faults.calls.clear()
    world.faults.lost.clear()
    return web.json_response({"ok": True})


@routes.post("/control/stripe/clock")
async def move_clock(request: web.Request) -> web.Response:
    form, world = await _form(request, ClockForm), request.app[WORLD]
    if (form.offset_s is None) == (form.advance_s is None):
        raise web.HTTPBadRequest(text="Send offset_s or advance_s.")
    ahead = world.offset_s + form.advance_s if form.advance_s is not None else form.offset_s
    world.move_clock(ahead or 0)
    return web.json_response({"now": world.now, "offset_s": world.offset_s})


def _balances(world: World) -> web.Response:
    calls = {account.id: Call(world, account) for account in world.accounts.values()}
    amounts = {
        account_id: {name: balance.available(call, name) for name in balance.currencies(call)}
        for account_id, call in calls.items()
    }
    return web.json_response({"balances": amounts})


@routes.get("/control/stripe/balances")
async def show_balances(request: web.Request) -> web.Response:
    return _balances(request.app[WORLD])


@routes.post("/control/stripe/balances")
async def set_balance(request: web.Request) -> web.Response:
    form, world = await _form(request, BalanceForm), request.app[WORLD]
    if form.account not in world.accounts:
        raise web.HTTPNotFound(text=f"There is no account {form.account}.")
    call = Call(world, world.accounts[form.account])
    gap = form.amount_minor - balance.available(call, form.currency)
    balance.top_up(call, form.currency, gap)
    refunds.retry_waiting(call)
    return _balances(world)


@routes.get("/control/stripe/sessions")
async def show_sessions(request: web.Request) -> web.Response:
    """Newest first, of all accounts; `?reference=` is the client_reference_id."""
    request.app[WORLD].run_due()
    wanted = request.query.get("reference")
    found = [
        shown(session)
        for account in request.app[WORLD].accounts.values()
        for session in account.newest(sessions.KIND)
        if wanted in (None, session["client_reference_id"])
    ]
    return web.json_response({"sessions": found})


@routes.post("/control/stripe/sessions/{id}/{action}")
async def act(request: web.Request) -> web.Response:
    """pay, decline, delay, settle, fail, expire, pay_twice, dispute."""
    verb = acting.VERBS.get(request.match_info["action"])
    if verb is None:
        raise web.HTTPNotFound(text=f"Buyers can: {', '.join(acting.VERBS)}.")
    form = await _form(request, BuyerForm)
    call, session = _acting(request, sessions.KIND)
    try:
        more = verb(call, session, form)
    except Problem as problem:
        return _answer(False, session, error=problem.details)
    return _answer(True, session, **more)


@routes.post("/control/stripe/charges/{id}/dispute")
async def dispute(request: web.Request) -> web.Response:
    form = await _form(request, DisputeForm)
    call, charge = _acting(request, "charge")
    if charge["disputed"] or not charge["paid"]:
        return _answer(False, charge)
    opened = disputes.start(call, charge, reason=form.reason, amount=form.amount_minor)
    return _answer(True, opened)


DISPUTES: dict[str, Callable[[Call, Thing], bool]] = {
    "review": disputes.review,
    "win": lambda call, thing: disputes.close(call, thing, is_won=True),
    "lose": lambda call, thing: disputes.close(call, thing, is_won=False),
}


@routes.post("/control/stripe/disputes/{id}/{action}")
async def go_on_with_dispute(request: web.Request) -> web.Response:
    """review, win, lose."""
    verb = DISPUTES.get(request.match_info["action"])
    if verb is None:
        raise web.HTTPNotFound(text=f"Disputes can: {', '.join(DISPUTES)}.")
    call, thing = _acting(request, disputes.KIND)
    return _answer(verb(call, thing), thing)


@routes.post("/control/stripe/refunds/{id}/{action}")
async def go_on_with_refund(request: web.Request) -> web.Response:
    """succeed, fail (with a reason), require_action."""
    form = await _form(request, ReasonForm)
    call, refund = _acting(request, refunds.KIND)
    match request.match_info["action"]:
        case "succeed":
            return _answer(refunds.succeed(call, refund), refund)
        case "fail":
            return _answer(refunds.fail(call, refund, reason=form.reason), refund)
        case "require_action":
            return _answer(refunds.ask_for_action(call, refund), refund)
    raise web.HTTPNotFound(text="Refunds can: succeed, fail, require_action.")


@routes.post("/control/stripe/events/{id}/resend")
async def resend(request: web.Request) -> web.Response:
    call, event = _acting(request, "event")
    events.send(call, event)
    return _answer(True, event)
