"""JSON for tests and the curious: be the buyer, the bank or the one who complains."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.stripe import accounts, acting, connecting, disputes, events, giving_back, sessions
from sandbox.stripe.control_forms import BuyerForm, DisputeForm, ReasonForm, read
from sandbox.stripe.errors import Problem
from sandbox.stripe.things import Thing, shown
from sandbox.stripe.world import WORLD, Call

routes = web.RouteTableDef()


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
    """pay, decline, delay, settle, fail, expire, pay_twice, dispute, return_refund."""
    verb = acting.VERBS.get(request.match_info["action"])
    if verb is None:
        raise web.HTTPNotFound(text=f"Buyers can: {', '.join(acting.VERBS)}.")
    form = await read(request, BuyerForm)
    call, session = _acting(request, sessions.KIND)
    try:
        more = verb(call, session, form)
    except Problem as problem:
        return _answer(False, session, error=problem.details)
    return _answer(True, session, **more)


@routes.post("/control/stripe/charges/{id}/dispute")
async def dispute(request: web.Request) -> web.Response:
    form = await read(request, DisputeForm)
    call, charge = _acting(request, "charge")
    if charge["disputed"] or not charge["paid"]:
        return _answer(False, charge)
    opened = disputes.start(
        call, charge, reason=form.reason, amount=form.amount_minor, days=form.days
    )
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
    form = await read(request, ReasonForm)
    call, refund = _acting(request, giving_back.KIND)
    match request.match_info["action"]:
        case "succeed":
            return _answer(giving_back.succeed(call, refund), refund)
        case "fail":
            return _answer(giving_back.fail(call, refund, reason=form.reason), refund)
        case "require_action":
            return _answer(giving_back.ask_for_action(call, refund), refund)
    raise web.HTTPNotFound(text="Refunds can: succeed, fail, require_action.")


@routes.post("/control/stripe/accounts/{id}/{action}")
async def go_on_with_account(request: web.Request) -> web.Response:
    """Of a connected account: complete, restrict, restore, deauthorize."""
    world, verb = request.app[WORLD], connecting.VERBS.get(request.match_info["action"])
    account = world.accounts.get(request.match_info["id"])
    if verb is None:
        raise web.HTTPNotFound(text=f"Accounts can: {', '.join(connecting.VERBS)}.")
    if account is None:
        raise web.HTTPNotFound(text="There is no such account.")
    is_done = verb(world, account)
    return _answer(is_done, accounts.own(Call(world, account), {}))


@routes.post("/control/stripe/events/{id}/resend")
async def resend(request: web.Request) -> web.Response:
    call, event = _acting(request, "event")
    events.send(call, event)
    return _answer(True, event)
