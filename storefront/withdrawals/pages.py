"""Withdrawing from a contract in two steps (§356a BGB), open to everybody, at all times."""

from datetime import timedelta

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm, TooManyRequests
from storefront.entering import Entry, ShopRoutes, enter, go_on
from storefront.forms import WithdrawalForm
from storefront.limits import LIMITS
from storefront.notes import exact_time
from storefront.withdrawals.receiving import Declaration, receive_withdrawal

_FIELDS = ("name", "contract", "email", "scope")
_PAGE = "storefront/withdraw.html"

routes = ShopRoutes()


@routes.at("GET", "withdraw")
async def show_form(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    values = {"contract": request.query.get("order", "")[:200]}
    return entry.page(_PAGE, step="form", values=values, errors={})


@routes.at("POST", "withdraw")
async def check(request: web.Request) -> web.StreamResponse:
    """The first step: what was entered is shown, with the button that declares it."""
    entry = await enter(request)
    data = await request.post()
    values = {name: str(data.get(name, ""))[:2000] for name in _FIELDS}
    try:
        form = WithdrawalForm.read(data)
    except InvalidForm as wrong:
        return _again(entry, values, wrong)
    if "change" in data:
        return entry.page(_PAGE, step="form", values=values, errors={})
    return entry.page(_PAGE, step="check", values=form.model_dump(), errors={})


@routes.at("POST", "withdraw/confirm")
async def declare(request: web.Request) -> web.StreamResponse:
    """Whoever it is, and whatever fits or does not: the same page, the same way."""
    entry, data, now = await enter(request), await request.post(), request.app[CLOCK]()
    values = {name: str(data.get(name, ""))[:2000] for name in _FIELDS}
    try:
        form = WithdrawalForm.read(data)
    except InvalidForm as wrong:
        return _again(entry, values, wrong)
    try:
        delay = pace(entry)
    except TooManyRequests as often:
        return entry.page(
            _PAGE, status=often.status, step="check", values=form.model_dump(), errors={},
            too_often=minutes(often),
        )  # fmt: skip
    async with request.app[DATABASE].transaction() as session:
        declared = await receive_withdrawal(
            session, entry.shop.key, Declaration(form, entry.locale, delay), now=now
        )
    return entry.page(
        _PAGE, step="done", values=form.model_dump(), errors={}, declared=declared,
        exact=lambda at: exact_time(at, entry.shop, entry.locale), delay=delay,
    )  # fmt: skip


def pace(entry: Entry) -> timedelta:
    """A declaration counts however many came before it. Only its confirmation by e-mail waits
    where one sender declares a lot, so that nobody can have us write to strangers without end.

    Raises TooManyRequests for what no household can mean.
    """
    limits, now = entry.request.app[LIMITS], entry.request.app[CLOCK]()
    sender = f"{entry.shop.id}:{entry.request.remote}"
    limits.declarations.spend(sender, now=now)
    try:
        limits.withdrawals.spend(sender, now=now)
    except TooManyRequests as often:
        return timedelta(seconds=int(often.details["seconds"]))
    return timedelta(0)


def minutes(often: TooManyRequests) -> int:
    return -(-int(often.details["seconds"]) // 60)


def _again(entry: Entry, values: dict[str, str], wrong: InvalidForm) -> web.Response:
    return entry.page(
        _PAGE, status=wrong.status, step="form", values=values, errors=wrong.fields
    )  # fmt: skip


@routes.at("GET", "withdraw/confirm")
async def back_to_form(request: web.Request) -> web.StreamResponse:
    return go_on(await enter(request), "withdraw")
