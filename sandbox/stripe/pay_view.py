"""How the payment page looks: open with its form, or closed with how it ended."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from babel import Locale

from sandbox.languages import LANGUAGES, language_of, words
from sandbox.pages import render
from sandbox.stripe import currencies, pay_form
from sandbox.stripe.errors import Problem
from sandbox.stripe.pay_form import PayForm
from sandbox.stripe.things import Thing
from sandbox.stripe.world import WORLD, Call

TOPIC = "payments"


def find(request: web.Request, kind: str) -> tuple[Call, Thing]:
    world, thing_id = request.app[WORLD], request.match_info["id"]
    world.run_due()
    try:
        account = world.holder(kind, thing_id)
    except Problem:
        raise NotHere from None
    call = Call(world, account, origin=str(request.url.origin()))
    return call, account.things[kind][thing_id]


class NotHere(Exception):
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
    shown = {**_words(_language(request, session), session), **_order(call, session), **context}
    answer = render(request, f"stripe/{template}", status=status, **shown)
    answer.headers["Content-Security-Policy"] = _policy(session)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _words(language: str, session: Thing) -> dict[str, Any]:
    """In place of those of the reader's own language: the shop may have chosen one."""
    spoken = words(language)
    return {
        "_": spoken.gettext,
        "gettext": spoken.gettext,
        "ngettext": spoken.ngettext,
        "lang": language,
        "money": lambda amount: currencies.text(amount, session["currency"], language),
    }


def _order(call: Call, session: Thing) -> dict[str, Any]:
    return {
        "session": session,
        "shop": session["branding_settings"]["display_name"],
        "rates": call.account.things["shipping_rate"],
        "products": call.account.things["product"],
        "back_url": session["cancel_url"],
        "done_url": done_url(session),
    }


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


def missing(request: web.Request) -> web.Response:
    return render(request, "stripe/missing.html", status=404)


def open_page(
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


Things = Mapping[str, Mapping[str, Thing]]


def charge_of(things: Things, session: Thing) -> Thing | None:
    intent = things["payment_intent"].get(session["payment_intent"] or "")
    return things["charge"].get(intent["latest_charge"] if intent else "")


def returned(things: Things, session: Thing) -> int:
    """How much of it has gone back to who paid."""
    charge = charge_of(things, session)
    return int(charge["amount_refunded"]) if charge else 0


def closed_page(
    request: web.Request, call: Call, session: Thing, *, status: int = 200
) -> web.Response:
    intent = call.account.things["payment_intent"].get(session["payment_intent"] or "")
    charge = charge_of(call.account.things, session)
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
