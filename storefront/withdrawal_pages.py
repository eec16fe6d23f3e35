"""Withdrawing from a contract in two steps (§356a BGB), open to everybody, at all times."""

from aiohttp import web

from core.clock import CLOCK
from core.database import DATABASE
from core.errors import InvalidForm
from storefront.entering import Entry, ShopRoutes, enter, go_on
from storefront.forms import WithdrawalForm
from storefront.limits import LIMITS
from storefront.notes import exact_time
from storefront.withdrawals import receive_withdrawal

_FIELDS = ("name", "contract", "email", "scope")

routes = ShopRoutes()


@routes.at("GET", "withdraw")
async def show_form(request: web.Request) -> web.StreamResponse:
    entry = await enter(request)
    values = {"contract": request.query.get("order", "")[:200]}
    return entry.page("storefront/withdraw.html", step="form", values=values, errors={})


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
        return entry.page("storefront/withdraw.html", step="form", values=values, errors={})
    return entry.page("storefront/withdraw.html", step="check", values=form.model_dump(), errors={})


@routes.at("POST", "withdraw/confirm")
async def declare(request: web.Request) -> web.StreamResponse:
    entry, data, now = await enter(request), await request.post(), request.app[CLOCK]()
    values = {name: str(data.get(name, ""))[:2000] for name in _FIELDS}
    try:
        form = WithdrawalForm.read(data)
    except InvalidForm as wrong:
        return _again(entry, values, wrong)
    request.app[LIMITS].withdrawals.spend(f"{entry.shop.id}:{request.remote}", now=now)
    async with request.app[DATABASE].transaction() as session:
        declared = await receive_withdrawal(session, entry.shop.key, form, now=now)
    return entry.page(
        "storefront/withdraw.html", step="done", values=form.model_dump(), errors={},
        declared=declared, exact=lambda at: exact_time(at, entry.shop, entry.locale),
    )  # fmt: skip


def _again(entry: Entry, values: dict[str, str], wrong: InvalidForm) -> web.Response:
    return entry.page(
        "storefront/withdraw.html", status=wrong.status, step="form", values=values,
        errors=wrong.fields,
    )  # fmt: skip


@routes.at("GET", "withdraw/confirm")
async def back_to_form(request: web.Request) -> web.StreamResponse:
    return go_on(await enter(request), "withdraw")
