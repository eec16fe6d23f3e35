"""The payment page and what people see around it. Not Stripe's look: a page of the sandbox."""

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from babel import Locale

from sandbox.languages import LANGUAGES, language_of, words
from sandbox.pages import render
from sandbox.stripe import acting, buying, currencies, pay_form, sessions
from sandbox.stripe.control_forms import BuyerForm
from sandbox.stripe.errors import Declined, NotNow, Problem
from sandbox.stripe.pay_form import PayForm
from sandbox.stripe.things import Thing
from sandbox.stripe.world import WORLD, Call

routes = web.RouteTableDef()

TOPIC = "payments"
SHOWN = 100
HAND_VERBS = ("settle", "fail", "expire", "dispute")


def _find(request: web.Request, kind: str) -> tuple[Call, Thing]:
    world, thing_id = request.app[WORLD], request.match_info["id"]
    world.run_due()
    try:
        account = world.holder(kind, thing_id)
    except Problem:
        raise _NotHere from None
    call = Call(world, account, origin=str(request.url.origin()))
    return call, account.things[kind][thing_id]


class _NotHere(Exception):
    """Nobody has ever made a payment page with this address."""


def _language(request: web.Request, session: Thing) -> str:
    """What the reader chose here, else what the shop wants, else what the browser speaks."""
    wished = (session["locale"] or "auto")[:2]
    if request.query.get("lang") not in LANGUAGES and wished in LANGUAGES:
        return str(wished)
    return language_of(request)


def _page(
    request: web.Request,
    call: Call,
    session: Thing,
    template: str,
    *,
    status: int = 200,
    **context: Any,
) -> web.Response:
    language = _language(request, session)
    spoken = words(language)
    answer = render(
        request,
        f"stripe/{template}",
        status=status,
        _=spoken.gettext,
        gettext=spoken.gettext,
        ngettext=spoken.ngettext,
        lang=language,
        money=lambda amount: currencies.text(amount, session["currency"], language),
        session=session,
        shop=session["branding_settings"]["display_name"],
        rates=call.account.things["shipping_rate"],
        products=call.account.things["product"],
        back_url=session["cancel_url"],
        done_url=done_url(session),
        **context,
    )
    answer.headers["Content-Security-Policy"] = _policy(session)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _policy(session: Thing) -> str:
    """The form ends in a redirect to the shop, which form-action must allow."""
    parts = urlsplit(session["success_url"])
    shop = f"{parts.scheme}://{parts.netloc}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self' data: {shop}; form-action 'self' {shop}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def done_url(session: Thing) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _missing(request: web.Request) -> web.Response:
    return render(request, "stripe/missing.html", status=404)


@routes.get("/pay")
async def every_payment(request: web.Request) -> web.Response:
    """All payment pages ever made, newest first: where one plays the bank."""
    world = request.app[WORLD]
    world.run_due()
    found = [
        (account, session)
        for account in world.accounts.values()
        for session in account.newest(sessions.KIND)[:SHOWN]
    ]
    found.sort(key=lambda pair: -pair[1]["created"])
    language = language_of(request)

    def money(session: Thing) -> str:
        return currencies.text(session["amount_total"], session["currency"], language)

    return render(request, "stripe/list.html", found=found[:SHOWN], money=money, topics=(TOPIC,))


@routes.get("/pay/{id}")
async def show(request: web.Request) -> web.Response:
    try:
        call, session = _find(request, sessions.KIND)
    except _NotHere:
        return _missing(request)
    if session["status"] != "open":
        return _closed(request, call, session)
    return _open(request, call, session, pay_form.fresh(session))


def _open(
    request: web.Request, call: Call, session: Thing, form: PayForm, *, status: int = 200
) -> web.Response:
    return _page(
        request,
        call,
        session,
        "pay.html",
        status=status,
        form=form.values,
        errors=form.errors,
        countries=_named(pay_form.countries(session), _language(request, session)),
        try_cards=pay_form.TRY_CARDS,
        try_ibans=pay_form.TRY_IBANS,
    )


def _named(codes: list[str], language: str) -> list[tuple[str, str]]:
    names = Locale(language).territories
    return [(code, names.get(code, code)) for code in codes]


def _closed(request: web.Request, call: Call, session: Thing, *, status: int = 200) -> web.Response:
    intent = call.account.things["payment_intent"].get(session["payment_intent"] or "")
    charge = call.account.things["charge"].get(intent["latest_charge"] if intent else "")
    return _page(
        request,
        call,
        session,
        "closed.html",
        status=status,
        intent=intent,
        charge=charge,
        topics=(TOPIC,),
    )


@routes.post("/pay/{id}")
async def send(request: web.Request) -> web.Response:
    """Pays, or fills in a test number; whoever comes too late sees how it ended."""
    try:
        call, session = _find(request, sessions.KIND)
    except _NotHere:
        return _missing(request)
    posted = await request.post()
    if session["status"] != "open":
        return _closed(request, call, session, status=409)
    form = pay_form.typed(session, posted)
    if isinstance(number := posted.get("fill"), str):
        pay_form.fill(form, number[: pay_form.LONGEST])
        return _open(request, call, session, form)
    if not pay_form.check(form, session) or not _pay(call, session, form):
        return _open(request, call, session, form, status=422)
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
        call, session = _find(request, sessions.KIND)
    except _NotHere:
        return _missing(request)
    verb = request.match_info["verb"]
    if verb not in HAND_VERBS:
        return _missing(request)
    try:
        acting.VERBS[verb](call, session, BuyerForm())
    except NotNow:
        return _closed(request, call, session, status=409)
    return web.Response(status=303, headers={"Location": f"/pay/{session['id']}"})


@routes.get("/pay/receipts/{id}")
async def receipt(request: web.Request) -> web.Response:
    """Where a charge's receipt_url leads."""
    try:
        call, charge = _find(request, "charge")
    except _NotHere:
        return _missing(request)
    language = language_of(request)
    return render(
        request,
        "stripe/receipt.html",
        charge=charge,
        shop=call.account.settings.name,
        money=lambda amount: currencies.text(amount, charge["currency"], language),
    )
