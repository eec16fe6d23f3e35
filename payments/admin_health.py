"""Behind the counter: the health of the payments, and what can be mended from there."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.pages import translate
from payments.errors import DisputeOpen, RefundNotFailed
from payments.failed_refunds import note_paid_elsewhere, retry_refund
from payments.health import days_left, look
from payments.missing_there import settle_missing
from payments.models import Refund
from payments.setup import readiness
from payments.words import explain_refund, explain_requirements
from staff.access import counter_page, member_of, require_owner, shop_of
from staff.cookies import FlashKind, flash

routes = web.RouteTableDef()

HEALTH = "/counter/health/payments"
_REFUND = HEALTH + "/refunds/{refund_id:\\d{1,9}}"

Verb = Callable[..., Awaitable[Refund]]
WayTo = Callable[[str], str | None]

WAY_TO: web.AppKey[WayTo] = web.AppKey("way_to_reference")
"""The page behind the counter that a payment's reference stands for; payments know no order."""


@routes.get(HEALTH)
async def show(request: web.Request) -> web.Response:
    shop, now = shop_of(request), request.app[CLOCK]()
    async with request.app[DATABASE].reading() as session:
        health = await look(session, shop.key, now=now)
    account = health.account
    checks = readiness(account, shop.currency, request.app[OWN_ORIGIN]) if account else []
    return counter_page(
        request,
        "payments/health.html",
        health=health,
        checks=[one for one in checks if one.state == "bad"],
        news=next((one for one in checks if one.label == "News from Stripe"), None),
        requirements=explain_requirements(account.requirements) if account else [],
        explain=explain_refund,
        days_left=lambda dispute: days_left(dispute, now),
        way_to=request.app[WAY_TO],
    )


@routes.post(_REFUND + "/again")
async def try_again(request: web.Request) -> web.StreamResponse:
    return await _mend_refund(request, retry_refund, "The refund is tried again.")


@routes.post(_REFUND + "/paid-elsewhere")
async def paid_elsewhere(request: web.Request) -> web.StreamResponse:
    return await _mend_refund(
        request, note_paid_elsewhere, "Noted: you have paid it back yourself."
    )


async def _mend_refund(request: web.Request, verb: Verb, said: str) -> web.StreamResponse:
    try:
        async with request.app[DATABASE].transaction() as session:
            await verb(
                session, shop_of(request).key, _number(request, "refund_id"),
                by=member_of(request).name, now=request.app[CLOCK](),
            )  # fmt: skip
    except (RefundNotFailed, DisputeOpen) as error:
        return _back(request, error.sentence, "error")
    return _back(request, said)


@routes.post(HEALTH + "/missing/{missing_id:\\d{1,9}}/seen")
async def looked_at(request: web.Request) -> web.StreamResponse:
    owner = require_owner(request)
    async with request.app[DATABASE].transaction() as session:
        await settle_missing(
            session, shop_of(request).key, _number(request, "missing_id"), by=owner.name,
            now=request.app[CLOCK](),
        )  # fmt: skip
    return _back(request, "Good. Nothing is open here any more.")


def _number(request: web.Request, name: str) -> int:
    return int(request.match_info[name])


def _back(request: web.Request, said: str, kind: FlashKind = "success") -> web.Response:
    redirect = web.Response(status=303, headers={"Location": HEALTH})
    flash(redirect, kind, translate(request, said))
    return redirect
