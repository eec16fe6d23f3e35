"""The payment page and the bank's buttons. Not Stripe's look: a page of the sandbox."""

from aiohttp import web

from sandbox.languages import language_of
from sandbox.pages import render
from sandbox.stripe import acting, buying, currencies, pay_form, sessions, shipping
from sandbox.stripe.control_forms import BuyerForm
from sandbox.stripe.errors import Declined, NotNow, Problem
from sandbox.stripe.pay_form import PayForm
from sandbox.stripe.pay_view import (
    TOPIC,
    NotHere,
    closed_page,
    done_url,
    find,
    missing,
    open_page,
    returned,
)
from sandbox.stripe.things import Thing
from sandbox.stripe.world import WORLD, Call

routes = web.RouteTableDef()

SHOWN = 100
HAND_VERBS = ("settle", "fail", "expire", "dispute", "return_refund")


@routes.get("/pay")
async def every_payment(request: web.Request) -> web.Response:
    """All payment pages ever made, newest first: where one plays the bank."""
    world = request.app[WORLD]
    world.run_due()
    found = [
        (account, session, returned(account.things, session))
        for account in world.accounts.values()
        for session in account.newest(sessions.KIND)[:SHOWN]
    ]
    found.sort(key=lambda one: -one[1]["created"])
    language = language_of(request)

    def money(session: Thing, amount: int) -> str:
        return currencies.text(amount, session["currency"], language)

    return render(request, "stripe/list.html", found=found[:SHOWN], money=money, topics=(TOPIC,))


@routes.get("/pay/{id}")
async def show(request: web.Request) -> web.Response:
    try:
        call, session = find(request, sessions.KIND)
    except NotHere:
        return missing(request)
    if session["status"] != "open":
        return closed_page(request, call, session)
    return open_page(request, call, session, pay_form.fresh(session))


@routes.post("/pay/{id}")
async def send(request: web.Request) -> web.Response:
    """Pays, or fills in a test number; whoever comes too late sees how it ended."""
    try:
        call, session = find(request, sessions.KIND)
    except NotHere:
        return missing(request)
    posted = await request.post()
    if session["status"] != "open":
        return closed_page(request, call, session, status=409)
    form = pay_form.typed(session, posted)
    if isinstance(number := posted.get("fill"), str):
        pay_form.fill(form, number[: pay_form.LONGEST])
        return open_page(request, call, session, form)
    shipping.take(session, form.values["shipping_rate"])
    is_seen = pay_form.has_seen_total(form, session)
    if not (pay_form.check(form, session) and is_seen and _pay(call, session, form)):
        return open_page(request, call, session, form, status=422)
    return web.Response(status=303, headers={"Location": done_url(session)})


def _pay(call: Call, session: Thing, form: PayForm) -> bool:
    way = form.values["way"]
    try:
        if session["amount_total"] == 0:
            buying.accept_for_free(call, session, form.buyer)
        elif way == "card":
            buying.pay_by_card(call, session, form.values["card"], form.buyer)
        else:
            seconds = call.world.settings.settle_after_s
            after_s = None if form.values["outcome"] == "hand" else seconds
            buying.pay_by_debit(
                call, session, form.values["iban"], form.buyer, settle_after_s=after_s
            )
    except Declined as declined:
        form.errors["card" if way == "card" else "iban"] = pay_form.sentence(declined)
        return False
    except Problem:
        form.errors["way"] = "This payment cannot be made this way."
        return False
    return True


@routes.post("/pay/{id}/{verb}")
async def play(request: web.Request) -> web.Response:
    """The bank's, the clock's and the angry buyer's buttons on the sandbox's own pages."""
    try:
        call, session = find(request, sessions.KIND)
    except NotHere:
        return missing(request)
    verb = request.match_info["verb"]
    if verb not in HAND_VERBS:
        return missing(request)
    try:
        acting.VERBS[verb](call, session, BuyerForm())
    except NotNow:
        return closed_page(request, call, session, status=409)
    return web.Response(status=303, headers={"Location": f"/pay/{session['id']}"})


@routes.get("/pay/receipts/{id}")
async def receipt(request: web.Request) -> web.Response:
    """Where a charge's receipt_url leads."""
    try:
        call, charge = find(request, "charge")
    except NotHere:
        return missing(request)
    language = language_of(request)
    return render(
        request,
        "stripe/receipt.html",
        charge=charge,
        shop=call.account.settings.name,
        money=lambda amount: currencies.text(amount, charge["currency"], language),
    )
