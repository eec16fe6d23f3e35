"""JSON for tests and the curious: trouble, clock, balances, and what was asked for."""

from aiohttp import web

from sandbox.stripe import balance, giving_back
from sandbox.stripe.control_forms import BalanceForm, ClockForm, FaultForm, LostEventForm, read
from sandbox.stripe.faults import Fault, LostEvent
from sandbox.stripe.world import WORLD, Call, World

routes = web.RouteTableDef()


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
    form = await read(request, FaultForm)
    request.app[WORLD].faults.calls.append(Fault(**form.model_dump()))
    return web.json_response({"ok": True})


@routes.post("/control/stripe/lost-events")
async def lose_events(request: web.Request) -> web.Response:
    form = await read(request, LostEventForm)
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
    form, world = await read(request, ClockForm), request.app[WORLD]
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
    form, world = await read(request, BalanceForm), request.app[WORLD]
    if form.account not in world.accounts:
        raise web.HTTPNotFound(text=f"There is no account {form.account}.")
    call = Call(world, world.accounts[form.account])
    gap = form.amount_minor - balance.available(call, form.currency)
    balance.top_up(call, form.currency, gap)
    giving_back.retry_waiting(call)
    return _balances(world)
